//! Offers.

use super::party::Party;
use super::trip::{self, Asked};
use super::{Reason, baggage, conditions, price};
use crate::api::config;
use crate::lists::Lists;
use crate::read;
use crate::token::{Item, OfferToken};
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{Cabin, Offer};
use interline_plugin_sdk::token;
use interline_plugin_sdk::xml::Element;

const CABINS: [Cabin; 4] = [Cabin::Economy, Cabin::PremiumEconomy, Cabin::Business, Cabin::First];

/// A cabin from a token.
pub fn cabin_at(index: u8) -> Cabin {
    CABINS.get(usize::from(index)).copied().unwrap_or(Cabin::Economy)
}

/// One offer, with its flights put into `segments`; on an error those are taken back.
pub fn offer(
    element: &Element,
    lists: &Lists<'_>,
    party: &Party,
    asked: Asked<'_>,
    segments: &mut Segments,
) -> Result<Offer, Reason> {
    let before = segments.len();
    let mapped = map(element, lists, party, asked, segments);
    if mapped.is_err() {
        segments.truncate(before);
    }
    mapped
}

fn map(
    element: &Element,
    lists: &Lists<'_>,
    party: &Party,
    asked: Asked<'_>,
    segments: &mut Segments,
) -> Result<Offer, Reason> {
    let id = read::text(element, "OfferID").ok_or("an offer without an id")?;
    // What may be bought on top is not part of the price.
    let items: Vec<&Element> =
        element.children("OfferItem").filter(|item| read::flag(item, "MandatoryInd") != Some(false)).collect();
    if items.is_empty() {
        return Err("an offer without items".to_owned());
    }
    let price = match element.child("TotalPrice") {
        Some(total) => price::price(total)?,
        None => price::of_items(&items)?,
    };
    let fares = price::fares(&items, party, &price.total)?;
    let trip = trip::trip(element, &items, lists, asked, segments)?;
    let owner = element
        .child_text("OwnerCode")
        .or(element.child_text("ValidatingCarrierCode"))
        .map(str::to_owned)
        .or_else(|| config("owner"))
        .or_else(|| first_carrier(&trip, lists))
        .ok_or("an offer without an owner")?;
    let selected = items.iter().map(|item| {
        let whom = price::passengers(item, party)?;
        let id = read::text(item, "OfferItemID").ok_or("an item without an id")?.to_owned();
        Ok(Item { id, pax: whom.into_iter().filter_map(|index| party.ids().get(index).cloned()).collect() })
    });
    let token = OfferToken {
        owner: owner.clone(),
        pax: party.ids().to_vec(),
        items: selected.collect::<Result<_, Reason>>()?,
        cabin: CABINS.iter().position(|cabin| *cabin == asked.cabin).and_then(|at| u8::try_from(at).ok()).unwrap_or(0),
        slices: trip.slices.len(),
    };
    let everything = read::everything(element);
    Ok(Offer {
        id: id.to_owned(),
        token: token::encode(&token).map_err(|fault| fault.message)?,
        owner,
        fares,
        baggage: baggage::baggage(&everything, lists, party, &trip.segments)?,
        conditions: conditions::conditions(&everything, lists, &price.total)?,
        slices: trip.slices,
        base: price.base,
        taxes: price.taxes_total,
        total: price.total,
        expires_at: read::earliest(&everything, read::EXPIRY),
        ticketing_deadline: read::earliest(&everything, read::PAY_BY),
        holdable: held(),
    })
}

/// Whether orders are made without paying; NDC's offers do not say.
pub fn held() -> bool {
    config("hold").as_deref() != Some("false")
}

fn first_carrier(trip: &trip::Trip<'_>, lists: &Lists<'_>) -> Option<String> {
    let first = trip.slices.first()?.segments.first()?.segment;
    let id = trip.segments.iter().find(|(_, index)| **index == first)?.0;
    trip::segment(lists.segment(id)?, lists).ok().map(|segment| segment.marketing_carrier)
}

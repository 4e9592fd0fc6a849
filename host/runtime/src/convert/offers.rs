//! Offers: each is taken or skipped by itself.

use super::flights::{cabin_in, carrier, kind_in, segment_in};
use super::values::{amount_in, instant_in};
use super::{Broken, bounded};
use crate::call::Converted;
use crate::contract::{self, flight_price_check, flight_search, flights};
use crate::supplier::PriceReply;
use interline_domain::itinerary::Segment;
use interline_domain::money::Money;
use interline_domain::offer::{
    BagKind, Baggage, Condition, Conditions, Offer, OfferSegment, OfferSlice, PassengerFare, SkippedOffer,
    SupplierReply, Tax,
};
use interline_domain::text::Text;
use std::collections::HashSet;

/// Bytes that the contract allows for an offer's token.
const TOKEN: usize = 64 * 1024;

/// What was asked for, as far as an answer must fit it. A replayed answer fits nothing that was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) slices: Option<usize>,
    pub(crate) passengers: Option<usize>,
}

/// Segments that can be used, and where each of the reply's is among them.
struct Segments {
    kept: Vec<Segment>,
    places: Vec<Result<u32, Broken>>,
}

impl Segments {
    fn new(segments: Vec<flights::Segment>) -> Self {
        let mut kept = Vec::with_capacity(segments.len());
        let mut places = Vec::with_capacity(segments.len());
        for segment in segments {
            places.push(segment_in(segment).map(|segment| {
                kept.push(segment);
                kept.len() as u32 - 1
            }));
        }
        Self { kept, places }
    }

    fn place(&self, index: u32) -> Result<u32, Broken> {
        match self.places.get(index as usize) {
            Some(Ok(place)) => Ok(*place),
            Some(Err(broken)) => Err(broken.clone().at(&format!("segment {index}"))),
            None => Err(Broken(format!("segment {index} of {}", self.places.len()))),
        }
    }
}

/// The reply, without offers that break the contract and without the dearest beyond `most`.
pub(crate) fn reply_in(reply: flight_search::SearchReply, asked: Asked, most: usize) -> Converted<SupplierReply> {
    let segments = Segments::new(reply.segments);
    let mut skipped: Vec<SkippedOffer> = reply.skipped.into_iter().map(skipped_in).collect();
    let mut offers = Vec::with_capacity(reply.offers.len());
    let mut ids = HashSet::new();
    let before = skipped.len();
    for offer in reply.offers {
        let id = offer.id.clone();
        match offer_in(offer, &segments, asked) {
            Ok(_) if !ids.insert(id.clone()) => {
                skipped.push(SkippedOffer { id: Some(id), reason: "a second offer of this id".to_owned() });
            }
            Ok(offer) => offers.push(offer),
            Err(broken) => {
                let id = (id.len() <= 256).then_some(id);
                skipped.push(SkippedOffer { id, reason: broken.0 });
            }
        }
    }
    let by_host = (skipped.len() - before) as u32;
    let value = SupplierReply { segments: segments.kept, offers: cheapest(offers, most), skipped };
    Converted { value, skipped: by_host }
}

/// A price check has one offer; if that breaks the contract, so does the answer.
pub(crate) fn price_in(reply: flight_price_check::PriceReply, asked: Asked) -> Result<PriceReply, Broken> {
    let segments = Segments::new(reply.segments);
    let offer = offer_in(reply.offer, &segments, asked)?;
    Ok(PriceReply { segments: segments.kept, offer })
}

fn skipped_in(skipped: flights::SkippedOffer) -> SkippedOffer {
    let mut reason = skipped.reason;
    reason.truncate(reason.floor_char_boundary(500));
    SkippedOffer { id: skipped.id.filter(|id| id.len() <= 256), reason }
}

/// The cheapest, in the order in which they came. Of several currencies each is held against its own kind only.
fn cheapest(mut offers: Vec<Offer>, most: usize) -> Vec<Offer> {
    if offers.len() <= most {
        return offers;
    }
    let mut order: Vec<usize> = (0..offers.len()).collect();
    order.sort_by_key(|&index| (offers[index].total.units, index));
    let kept: HashSet<usize> = order.into_iter().take(most).collect();
    let mut index = 0..;
    offers.retain(|_| index.next().is_some_and(|index| kept.contains(&index)));
    offers
}

fn offer_in(offer: flights::Offer, segments: &Segments, asked: Asked) -> Result<Offer, Broken> {
    if offer.token.len() > TOKEN {
        return Err(Broken(format!("a token of {} bytes", offer.token.len())));
    }
    let total = amount_in(&offer.total, "total")?;
    let same = |money: Money, what: &str| {
        let fits = money.currency == total.currency;
        if fits { Ok(money) } else { Err(Broken(format!("{what} in {}, total in {}", money.currency, total.currency))) }
    };
    if offer.id.is_empty() {
        return Err(Broken("an offer without an id".to_owned()));
    }
    if offer.slices.is_empty() || asked.slices.is_some_and(|asked| asked != offer.slices.len()) {
        return Err(Broken(format!("{} slices", offer.slices.len())));
    }
    let base = same(amount_in(&offer.base, "base")?, "base")?;
    let taxes = same(amount_in(&offer.taxes, "taxes")?, "taxes")?;
    let slices = offer.slices.into_iter().map(|slice| slice_in(slice, segments)).collect::<Result<_, _>>()?;
    let fares = fares_in(offer.fares, total, asked)?;
    let baggage = offer.baggage.iter().map(|bag| bag_in(bag, segments, asked)).collect::<Result<_, _>>()?;
    let moment = |moment: Option<u64>| moment.map(instant_in).transpose();
    Ok(Offer {
        id: bounded(offer.id, 1024, "an id")?,
        token: offer.token.into(),
        owner: carrier(offer.owner)?,
        slices,
        fares,
        base,
        taxes,
        total,
        baggage,
        conditions: conditions_in(offer.conditions)?,
        expires_at: moment(offer.expires_at)?,
        ticketing_deadline: moment(offer.ticketing_deadline)?,
        holdable: offer.holdable,
    })
}

fn slice_in(slice: flights::OfferSlice, segments: &Segments) -> Result<OfferSlice, Broken> {
    if slice.segments.is_empty() {
        return Err(Broken("a slice without segments".to_owned()));
    }
    let segment = |at: flights::OfferSegment| {
        let text = |text: Option<String>, what| text.map(|text| bounded(text, 64, what).map(Text::from)).transpose();
        Ok(OfferSegment {
            segment: segments.place(at.segment)?,
            cabin: cabin_in(at.cabin),
            booking_class: text(at.booking_class, "a booking class")?,
            fare_basis: text(at.fare_basis, "a fare basis")?,
            seats_left: at.seats_left,
        })
    };
    Ok(OfferSlice {
        segments: slice.segments.into_iter().map(segment).collect::<Result<_, _>>()?,
        fare_brand: slice.fare_brand.map(|brand| bounded(brand, 256, "a fare brand").map(Text::from)).transpose()?,
        duration_minutes: slice.duration_minutes,
    })
}

fn fares_in(fares: Vec<flights::PassengerFare>, total: Money, asked: Asked) -> Result<Vec<PassengerFare>, Broken> {
    let mut covered = HashSet::new();
    let mut taken = Vec::with_capacity(fares.len());
    for fare in fares {
        for &passenger in &fare.passengers {
            passenger_in(passenger, asked)?;
            if !covered.insert(passenger) {
                return Err(Broken(format!("two fares for passenger {passenger}")));
            }
        }
        taken.push(fare_in(fare, total)?);
    }
    // No fares at all: the supplier tells totals only.
    let untold = taken.is_empty();
    if let Some(passengers) = asked.passengers.filter(|&passengers| !untold && passengers != covered.len()) {
        return Err(Broken(format!("fares for {} of {passengers} passengers", covered.len())));
    }
    Ok(taken)
}

fn fare_in(fare: flights::PassengerFare, offer_total: Money) -> Result<PassengerFare, Broken> {
    let amount = |money: &contract::money::Money, what: &str| {
        let amount = amount_in(money, what)?;
        let fits = amount.currency == offer_total.currency;
        if fits { Ok(amount) } else { Err(Broken(format!("{what} in {}", amount.currency))) }
    };
    let tax = |tax: flights::Tax| {
        Ok(Tax { amount: amount(&tax.amount, "a tax")?, code: bounded(tax.code, 64, "a tax code")?.into() })
    };
    Ok(PassengerFare {
        kind: kind_in(fare.kind),
        base: amount(&fare.base, "a fare's base")?,
        taxes_total: amount(&fare.taxes_total, "a fare's taxes")?,
        total: amount(&fare.total, "a fare's total")?,
        taxes: fare.taxes.into_iter().map(tax).collect::<Result<_, _>>()?,
        passengers: fare.passengers,
    })
}

fn passenger_in(passenger: u8, asked: Asked) -> Result<u8, Broken> {
    match asked.passengers {
        Some(passengers) if usize::from(passenger) >= passengers => {
            Err(Broken(format!("passenger {passenger} of {passengers}")))
        }
        _ => Ok(passenger),
    }
}

fn bag_in(bag: &flights::Baggage, segments: &Segments, asked: Asked) -> Result<Baggage, Broken> {
    Ok(Baggage {
        passenger: passenger_in(bag.passenger, asked).map_err(|broken| broken.at("baggage"))?,
        segment: segments.place(bag.segment).map_err(|broken| broken.at("baggage"))?,
        kind: match bag.kind {
            flights::BagKind::Checked => BagKind::Checked,
            flights::BagKind::CarryOn => BagKind::CarryOn,
        },
        pieces: bag.pieces,
        weight_kg: bag.weight_kg,
    })
}

fn conditions_in(conditions: flights::Conditions) -> Result<Conditions, Broken> {
    let condition = |condition: Option<flights::Condition>| {
        let told = |told: flights::Condition| {
            let penalty = told.penalty.as_ref().map(|penalty| amount_in(penalty, "a penalty")).transpose()?;
            Ok::<_, Broken>(Condition { allowed: told.allowed, penalty })
        };
        condition.map(told).transpose()
    };
    Ok(Conditions {
        refund_before_departure: condition(conditions.refund_before_departure)?,
        refund_after_departure: condition(conditions.refund_after_departure)?,
        change_before_departure: condition(conditions.change_before_departure)?,
        change_after_departure: condition(conditions.change_after_departure)?,
    })
}

#[cfg(test)]
mod tests;

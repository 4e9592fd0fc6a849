//! `AirShopping` and `OfferPrice`.

use super::errors::{self, Error};
use super::{lists, prices, request};
use crate::faults::Kind;
use crate::inventory::{PassengerKind, Product};
use crate::shelf::{self, Offer, Search};
use crate::wire::Call;
use crate::world::World;
use crate::xml::Element;

const PREFIX: &str = "OFR";

/// `IATA_AirShoppingRQ`
pub(super) fn shop(world: &World, request: &Element) -> Result<Vec<Element>, Error> {
    let (query, people) = request::query(world, request)?;
    let products = world.inventory.search(&query);
    if products.is_empty() {
        return Err(errors::nothing_found());
    }
    let search = Search { number: world.number(), query, passengers: people, made_at: jiff::Timestamp::now() };
    let search = world.ndc_shelf.put(search);
    let people = search.people();
    let mut by_owner: Vec<(&'static str, Vec<Element>)> = Vec::new();
    for (index, product) in products.iter().enumerate() {
        let id = shelf::id(world, PREFIX, search.number, index as u64);
        let offer = offer(world, "Offer", &search, product, &id, &people);
        match by_owner.iter_mut().find(|(owner, _)| *owner == product.owner.code) {
            Some((_, offers)) => offers.push(offer),
            None => by_owner.push((product.owner.code, vec![offer])),
        }
    }
    let groups = by_owner.into_iter().map(|(_, offers)| Element::new("CarrierOffers").children(offers));
    let all: Vec<&Product> = products.iter().collect();
    let response = Element::new("Response")
        .child(lists::data_lists(&all, lists::bare_people(&people)))
        .child(Element::new("OffersGroup").children(groups));
    Ok(vec![response])
}

fn offer(
    world: &World,
    name: &str,
    search: &Search,
    product: &Product,
    id: &str,
    people: &[(String, PassengerKind)],
) -> Element {
    let expires = search.expires_at(world);
    Element::new(name)
        .children(lists::baggage_associations(product, people))
        .leaf("OfferExpirationTimeLimitDateTime", expires.strftime("%Y-%m-%dT%H:%M:%SZ"))
        .leaf("OfferID", id)
        .children(prices::offer_items(product, id, people))
        .leaf("OwnerCode", product.owner.code)
        .children(lists::penalty_refs(product))
        .child(prices::total("TotalPrice", product))
}

/// The offer that a request selects; its owner and items must be its own.
pub(super) fn selected(world: &World, selected: Option<&Element>) -> Result<Offer, Error> {
    let selected = selected.ok_or_else(|| errors::invalid("SelectedOffer", "Must be present."))?;
    let id = selected.text_at("OfferRefID").ok_or_else(|| errors::invalid("OfferRefID", "Must be present."))?;
    let offer = world.ndc_shelf.offer(world, PREFIX, id).ok_or_else(errors::unknown_offer)?;
    if selected.text_at("OwnerCode").is_some_and(|owner| owner != offer.product.owner.code) {
        return Err(errors::invalid("OwnerCode", "Is not the offer's."));
    }
    let known = offer.search.passengers.len();
    let items: Vec<Option<&str>> =
        selected.each("SelectedOfferItem").map(|item| item.text_at("OfferItemRefID")).collect();
    let all = (1..=known).all(|number| items.contains(&Some(format!("{id}-{number}").as_str())));
    if !all || items.len() != known {
        return Err(errors::invalid("SelectedOfferItem", "All items of the offer must be selected, each once."));
    }
    Ok(offer)
}

/// `IATA_OfferPriceRQ`
pub(super) fn price(world: &World, call: &Call, request: &Element) -> Result<Vec<Element>, Error> {
    let of = request.at("Request/PricedOffer/SelectedOfferList/SelectedOffer");
    let asked = selected(world, of)?;
    if call.faults.has(&Kind::SoldOutAtPrice {}) {
        world.ndc_shelf.sell_out(&asked.id);
    }
    if let Some(percent) = call.faults.price_change() {
        world.ndc_shelf.change_price(&asked.id, percent);
    }
    let asked = selected(world, of)?;
    world.ndc_shelf.check(world, &asked).map_err(|gone| errors::gone(&gone))?;
    let people = asked.search.people();
    let response = Element::new("Response")
        .child(lists::data_lists(&[&asked.product], lists::bare_people(&people)))
        .child(offer(world, "PricedOffer", &asked.search, &asked.product, &asked.id, &people));
    Ok(vec![response])
}

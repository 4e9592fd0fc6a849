//! Offer requests and the offers that answer them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::errors::{self, Errors, Wrong};
use super::passengers::{documents_required, is_place, kind_of_age, type_name};
use super::{places, render};
use crate::dice::Dice;
use crate::faults::Kind;
use crate::inventory::{PassengerKind, Product, Query, Slice, carriers};
use crate::shelf::{self, Asked, Gone, Offer, Search};
use crate::supplier::Supplier;
use crate::wire::{Call, Reply};
use crate::world::World;

/// POST /air/offer_requests
pub(super) fn request(world: &World, call: &Call, data: &Value) -> Result<Reply, Errors> {
    let mut wrong = Wrong::default();
    let slices = slices(data, &mut wrong);
    let number = world.number();
    let passengers = asked(world, number, data, &mut wrong);
    let cabin = match &data["cabin_class"] {
        Value::Null => Some(crate::inventory::families::Cabin::Economy),
        Value::String(name) => render::cabin_named(name),
        _ => None,
    };
    if cabin.is_none() {
        let message = "must be one of economy, premium_economy, business, first";
        wrong.add("validation_inclusion", "Invalid value", "/cabin_class", message);
    }
    let most_connections = match &data["max_connections"] {
        Value::Null => 1,
        value => value.as_u64().unwrap_or(1),
    };
    wrong.check()?;
    let Some(cabin) = cabin else { return Err(errors::malformed()) };
    let query = Query {
        supplier: Supplier::Duffel,
        slices,
        passengers: passengers.iter().map(|asked| asked.kind).collect(),
        cabin,
        currency: world.accounts.duffel,
    };
    let search = world.duffel_shelf.put(Search { number, query, passengers, made_at: Timestamp::now() });
    let with_offers = call.query_pairs().get("return_offers").is_none_or(|value| value != "false");
    let mut body = offer_request(world, &search);
    if with_offers {
        let products = world.inventory.search(&search.query);
        let few_changes = |product: &Product| {
            product.journeys.iter().all(|journey| journey.segments.len() as u64 <= most_connections.max(1) + 1)
        };
        body["offers"] = products
            .iter()
            .enumerate()
            .filter(|(_, product)| few_changes(product))
            .map(|(index, product)| json_of(world, &search, index, product))
            .collect();
    }
    Ok(Reply::json(201, &json!({ "data": body })))
}

fn slices(data: &Value, wrong: &mut Wrong) -> Vec<Slice> {
    let Some(list) = data["slices"].as_array().filter(|list| !list.is_empty()) else {
        wrong.missing("/slices");
        return Vec::new();
    };
    let yesterday =
        (Timestamp::now() - SignedDuration::from_hours(24)).to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let mut slices = Vec::new();
    for (index, slice) in list.iter().enumerate() {
        let at = |field: &str| format!("/slices/{index}/{field}");
        let mut place = |field: &str| {
            let code = slice[field].as_str().unwrap_or_default();
            if code.is_empty() {
                wrong.missing(&at(field));
            } else if !is_place(code) {
                wrong.add("validation_inclusion", "Invalid value", &at(field), "must be an IATA airport or city code");
            }
            code.to_owned()
        };
        let (origin, destination) = (place("origin"), place("destination"));
        let date = slice["departure_date"].as_str().unwrap_or_default();
        match date.parse::<jiff::civil::Date>() {
            Err(_) if date.is_empty() => wrong.missing(&at("departure_date")),
            Err(_) => wrong.invalid(&at("departure_date"), "must be a date, YYYY-MM-DD"),
            Ok(date) if date < yesterday => {
                let message = "must not be in the past";
                wrong.add("validation_future_date", "Date in the past", &at("departure_date"), message);
            }
            Ok(date) => slices.push(Slice { origin, destination, date }),
        }
    }
    slices
}

fn asked(world: &World, search: u64, data: &Value, wrong: &mut Wrong) -> Vec<Asked> {
    let Some(list) = data["passengers"].as_array().filter(|list| !list.is_empty()) else {
        wrong.missing("/passengers");
        return Vec::new();
    };
    if list.len() > 9 {
        wrong.add("validation_length", "Invalid length", "/passengers", "should have at most 9 item(s)");
    }
    let mut passengers = Vec::new();
    for (index, passenger) in list.iter().enumerate() {
        let age = passenger["age"].as_i64();
        let kind = match (passenger["type"].as_str(), age) {
            (Some("adult"), None) => Some(PassengerKind::Adult),
            (Some("child"), None) => Some(PassengerKind::Child),
            (Some("infant_without_seat"), _) => Some(PassengerKind::Infant),
            (None, Some(age)) if (0..130).contains(&age) => Some(kind_of_age(age)),
            _ => None,
        };
        match kind {
            Some(kind) => {
                passengers.push(Asked { id: shelf::id(world, "pas_", search, index as u64), kind, age });
            }
            None => {
                let message = "must be adult, child or infant_without_seat, unless 'age' is given instead";
                wrong.add("validation_inclusion", "Invalid value", &format!("/passengers/{index}/type"), message);
            }
        }
    }
    let count = |kind| passengers.iter().filter(|asked| asked.kind == kind).count();
    if count(PassengerKind::Infant) > count(PassengerKind::Adult) {
        wrong.add("validation_length", "Invalid length", "/passengers", "must have an adult for every infant");
    }
    passengers
}

fn passengers_json(search: &Search) -> Value {
    let one = |asked: &Asked| {
        json!({
            "id": asked.id,
            "type": type_name(asked.kind),
            "age": asked.age,
            "given_name": null,
            "family_name": null,
            "fare_type": null,
            "loyalty_programme_accounts": [],
        })
    };
    search.passengers.iter().map(one).collect()
}

fn offer_request(world: &World, search: &Search) -> Value {
    let slice = |slice: &Slice| {
        let (origin_type, origin) = places::place(&slice.origin);
        let (destination_type, destination) = places::place(&slice.destination);
        json!({
            "origin_type": origin_type,
            "origin": origin,
            "destination_type": destination_type,
            "destination": destination,
            "departure_date": slice.date.to_string(),
        })
    };
    json!({
        "id": shelf::id(world, "orq_", search.number, 0),
        "live_mode": false,
        "created_at": render::stamp(search.made_at),
        "cabin_class": render::cabin(search.query.cabin).0,
        "slices": search.query.slices.iter().map(slice).collect::<Vec<_>>(),
        "passengers": passengers_json(search),
    })
}

/// Whether the airline holds the seats without payment: some full-service ones do, until soon before departure.
pub(super) fn holdable(product: &Product, now: Timestamp) -> bool {
    let soon = now + SignedDuration::from_hours(72);
    let departs = product.journeys.first().and_then(|journey| journey.segments.first());
    product.owner.kind == carriers::Kind::Full
        && departs.is_some_and(|segment| segment.flight.departs_at > soon)
        && Dice::new(5).with("holds").with(product.owner.code).chance(60)
}

/// Countries touched, in order.
pub(super) fn countries(product: &Product) -> Vec<&'static str> {
    let segments = product.journeys.iter().flat_map(|journey| &journey.segments);
    segments.flat_map(|segment| [segment.flight.origin.country, segment.flight.destination.country]).collect()
}

fn json_of(world: &World, search: &Search, index: usize, product: &Product) -> Value {
    let offer_id = shelf::id(world, "off_", search.number, index as u64);
    let holds = holdable(product, search.made_at);
    let pay_by = search.made_at + SignedDuration::try_from(world.config.hold).unwrap_or(SignedDuration::from_hours(24));
    let passengers = search.people();
    let mut offer = json!({
        "id": offer_id,
        "live_mode": false,
        "partial": false,
        "created_at": render::stamp(search.made_at),
        "updated_at": render::stamp(search.made_at),
        "expires_at": render::stamp(search.expires_at(world)),
        "owner": places::airline(product.owner.code),
        "slices": render::slices(product, &search.query, &passengers, &offer_id),
        "passengers": passengers_json(search),
        "conditions": render::conditions(product),
        "payment_requirements": {
            "requires_instant_payment": !holds,
            "payment_required_by": holds.then(|| render::stamp(pay_by)),
            "price_guarantee_expires_at": holds.then(|| render::stamp(pay_by)),
        },
        "passenger_identity_documents_required": documents_required(&countries(product)),
        "supported_passenger_identity_document_types": ["passport"],
        "supported_loyalty_programmes": [],
        "private_fares": [],
        "available_services": null,
        "intended_payment_methods": [],
        "total_emissions_kg": total_emissions(product).to_string(),
    });
    render::amounts(product, &mut offer);
    offer
}

fn total_emissions(product: &Product) -> u32 {
    let flown: u32 = product.journeys.iter().flat_map(|journey| &journey.segments).map(|one| one.flight.distance).sum();
    flown * 8 / 100
}

/// The offer of an id, with the price as it is now.
pub(super) fn find(world: &World, offer_id: &str) -> Option<Offer> {
    world.duffel_shelf.offer(world, "off_", offer_id)
}

/// Refuses an offer that is expired or sold out.
pub(super) fn still_there(world: &World, offer: &Offer) -> Result<(), Errors> {
    world.duffel_shelf.check(world, offer).map_err(|gone| match gone {
        Gone::SoldOut => errors::offer_gone(),
        Gone::Expired => errors::offer_expired(),
    })
}

/// GET /air/offers/{id}
pub(super) fn get(world: &World, call: &Call, offer_id: &str) -> Result<Reply, Errors> {
    let offer = find(world, offer_id).ok_or_else(errors::not_found)?;
    if call.faults.has(&Kind::SoldOutAtPrice {}) {
        world.duffel_shelf.sell_out(&offer.id);
    }
    still_there(world, &offer)?;
    if world.books.find(Supplier::Duffel, |order| order.offer == offer.id).is_some() {
        return Err(errors::offer_gone());
    }
    let offer = match call.faults.price_change() {
        Some(percent) => {
            world.duffel_shelf.change_price(&offer.id, percent);
            find(world, offer_id).ok_or_else(errors::not_found)?
        }
        None => offer,
    };
    let mut body = json_of(world, &offer.search, offer.index, &offer.product);
    body["updated_at"] = render::stamp(Timestamp::now()).into();
    if call.query_pairs().get("return_available_services").is_some_and(|value| value == "true") {
        body["available_services"] = services(&offer);
    }
    Ok(Reply::json(200, &json!({ "data": body })))
}

/// A bag more for each passenger with a seat.
fn services(offer: &Offer) -> Value {
    let product = &offer.product;
    let segments: Vec<&Value> = Vec::new();
    let bag = |asked: &Asked| {
        json!({
            "id": format!("ase_{}", &asked.id[4..]),
            "type": "baggage",
            "maximum_quantity": 2,
            "passenger_ids": [asked.id],
            "segment_ids": segments,
            "total_amount": product.currency.decimal(product.currency.from_cents(4500)),
            "total_currency": product.currency.code,
            "metadata": {
                "type": "checked",
                "maximum_weight_kg": 23,
                "maximum_height_cm": null,
                "maximum_length_cm": null,
                "maximum_depth_cm": null,
            },
        })
    };
    offer.search.passengers.iter().filter(|asked| asked.kind != PassengerKind::Infant).map(bag).collect()
}

/// GET /air/offer_requests/{id}
pub(super) fn requested(world: &World, request: &str) -> Result<Reply, Errors> {
    let search = searched(world, request).ok_or_else(errors::not_found)?;
    let mut body = offer_request(world, &search);
    let products = world.inventory.search(&search.query);
    body["offers"] =
        products.iter().enumerate().map(|(index, product)| json_of(world, &search, index, product)).collect();
    Ok(Reply::json(200, &json!({ "data": body })))
}

fn searched(world: &World, request: &str) -> Option<Arc<Search>> {
    world.duffel_shelf.search(world, "orq_", request)
}

/// GET /air/offers?offer_request_id=…
pub(super) fn list(world: &World, call: &Call) -> Result<Reply, Errors> {
    let pairs = call.query_pairs();
    let mut wrong = Wrong::default();
    let request = pairs.get("offer_request_id");
    if request.is_none() {
        wrong.missing("/offer_request_id");
    }
    let page = super::orders::Page::read(&pairs, &mut wrong);
    wrong.check()?;
    let search = request.and_then(|request| searched(world, request)).ok_or_else(errors::not_found)?;
    let products = world.inventory.search(&search.query);
    let mut found: Vec<(usize, &Product)> = products.iter().enumerate().collect();
    match pairs.get("sort").map(String::as_str) {
        Some("total_amount") => found.sort_by_key(|(_, product)| product.total()),
        Some("-total_amount") => found.sort_by_key(|(_, product)| -product.total()),
        Some("total_duration") => {
            found.sort_by_key(|(_, product)| product.journeys.iter().map(|journey| journey.minutes).sum::<i64>());
        }
        _ => {}
    }
    let (cut, meta) = page.cut(&found);
    let data: Vec<Value> = cut.iter().map(|(index, product)| json_of(world, &search, *index, product)).collect();
    Ok(Reply::json(200, &json!({ "data": data, "meta": meta })))
}

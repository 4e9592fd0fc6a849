//! `AirCreateReservationReq`: segments are sold, a universal record is made.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::fault::{self, Fault};
use super::{price, record, render, request};
use crate::books::{Order, Status, Traveller};
use crate::faults::Kind;
use crate::inventory::rebuild::SegmentKey;
use crate::inventory::{PassengerKind, Product};
use crate::supplier::Supplier;
use crate::wire::Call;
use crate::world::World;
use crate::xml::Element;

/// Makes a reservation.
pub(super) fn create(world: &World, call: &Call, request: &Element) -> Result<Element, Fault> {
    let travellers = travellers(request)?;
    let priced = request.at("AirPricingSolution");
    let priced =
        priced.ok_or_else(|| fault::validation("Element 'AirPricingSolution' must appear.", "AirPricingSolution"))?;
    if request.at("ActionStatus").is_none() {
        return Err(fault::validation("Element 'ActionStatus' must appear.", "ActionStatus"));
    }
    let product = wanted(world, priced, &travellers)?;
    let segments: Vec<_> = product.journeys.iter().flat_map(|journey| journey.segments.clone()).collect();
    let keys: Vec<String> = segments.iter().map(render::segment_key).collect();
    let mut store = world.travelport.lock();
    if call.faults.has(&Kind::SoldOutAtOrder {}) {
        store.sold_out.insert(product.key.clone());
    }
    if let Some(percent) = call.faults.price_change() {
        store.price_changes.insert(product.key.clone(), percent);
    }
    if store.sold_out.contains(&product.key) {
        return Err(fault::segments_gone(&segments, &keys));
    }
    let product = store.now(product);
    drop(store);
    let answer = super::response(world, "universal:AirCreateReservationRsp", request);
    let changed = priced.get("TotalPrice") != Some(render::amount(&product, product.total()).as_str());
    let answer = if changed {
        let people = travellers.iter().map(|one| (code(one.kind).to_owned(), one.kind, None)).collect();
        let solution = price::solution(world, &product, &people).children(price::full_segments(&product));
        answer.child(Element::new("air:AirSolutionChangedInfo").with("ReasonCode", "Price").child(solution))
    } else {
        answer
    };
    // With a changed price the record is kept only where the request says so.
    if changed && !matches!(request.get("RetainReservation"), Some("Both" | "Price")) {
        return Ok(answer);
    }
    let order = order(world, request, product, travellers);
    let record = record::universal_record(&order);
    world.books.add(order);
    Ok(answer.child(record))
}

/// The code of a kind, where none was given.
pub(super) fn code(kind: PassengerKind) -> &'static str {
    match kind {
        PassengerKind::Adult => "ADT",
        PassengerKind::Child => "CNN",
        PassengerKind::Infant => "INF",
    }
}

/// The product that the priced solution is of, at its first price.
fn wanted(world: &World, priced: &Element, travellers: &[Traveller]) -> Result<Product, Fault> {
    let segments = request::segments(priced)?;
    let slices: Vec<Vec<SegmentKey>> =
        segments.iter().map(|slice| slice.iter().map(|(key, _)| key.clone()).collect()).collect();
    let basis = priced.below("FareInfo").iter().find_map(|info| info.get("FareBasis"));
    let family = basis.and_then(request::family);
    let family = family.ok_or_else(|| fault::senseless("The fare basis is not known.", "FareInfo.FareBasis"))?;
    let kinds = travellers.iter().map(|one| one.kind).collect();
    let mut query = request::query_of(world, priced, kinds, request::cabin_of(family))?;
    if let Some(sold_in) = priced.get("TotalPrice").and_then(|total| crate::money::Currency::of(total.get(..3)?)) {
        query.currency = sold_in;
    }
    let mut counted = Vec::new();
    for info in priced.each("AirPricingInfo") {
        counted.extend(info.each("PassengerType").filter_map(|kind| request::kind(kind.get("Code")?)));
    }
    let mut travelling = query.passengers.clone();
    counted.sort();
    travelling.sort();
    if counted != travelling {
        return Err(fault::senseless("Travelers and priced passenger types do not match.", "BookingTraveler"));
    }
    world.inventory.product(&query, &slices, family).ok_or_else(fault::no_availability)
}

fn travellers(request: &Element) -> Result<Vec<Traveller>, Fault> {
    let mut travellers = Vec::new();
    for (index, traveller) in request.each("BookingTraveler").enumerate() {
        let name = traveller.at("BookingTravelerName");
        let part = |attribute: &'static str| {
            let value = name.and_then(|name| name.get(attribute)).map(str::to_owned);
            value.ok_or_else(|| fault::validation(&format!("Attribute '{attribute}' must appear."), attribute))
        };
        let code = traveller.get("TravelerType").unwrap_or("ADT");
        let kind = request::kind(code).ok_or_else(|| fault::validation("The type is not known.", "TravelerType"))?;
        if kind != PassengerKind::Adult && traveller.get("DOB").is_none() {
            return Err(fault::validation("'DOB' must appear for children and infants.", "DOB"));
        }
        let phone = traveller.at("PhoneNumber").and_then(|phone| phone.get("Number"));
        let email = traveller.at("Email").and_then(|email| email.get("EmailID"));
        travellers.push(Traveller {
            id: traveller.get("Key").map_or_else(|| render::key(&["traveller", &index.to_string()]), str::to_owned),
            kind,
            title: name.and_then(|name| name.get("Prefix")).map(str::to_owned),
            given_name: part("First")?.to_uppercase(),
            family_name: part("Last")?.to_uppercase(),
            born_on: traveller.get("DOB").map(str::to_owned),
            gender: traveller.get("Gender").map(str::to_owned),
            email: email.map(str::to_owned),
            phone: phone.map(str::to_owned),
            infant: None,
        });
    }
    if travellers.is_empty() {
        return Err(fault::validation("Element 'BookingTraveler' must appear.", "BookingTraveler"));
    }
    if travellers.iter().all(|one| one.phone.is_none()) {
        return Err(fault::validation("A 'PhoneNumber' must appear.", "PhoneNumber"));
    }
    Ok(travellers)
}

fn order(world: &World, request: &Element, product: Product, travellers: Vec<Traveller>) -> Order {
    let now = Timestamp::now();
    let hold = SignedDuration::try_from(world.config.hold).unwrap_or(SignedDuration::from_hours(24));
    let more = [("air", world.locator()), ("carrier", world.locator()), ("version", "0".to_owned())];
    Order {
        supplier: Supplier::Travelport,
        id: world.locator(),
        locator: world.locator(),
        offer: product.key.clone(),
        product,
        travellers,
        status: Status::Held,
        client_reference: request.get("TraceId").map(str::to_owned),
        metadata: more.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>(),
        tickets: Vec::new(),
        made_at: now,
        pay_by: Some(now + hold),
        ticketed_at: None,
        cancelled_at: None,
        refunded: None,
        times_paid: 0,
    }
}

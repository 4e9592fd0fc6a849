//! `AirPriceReq`: the itinerary's price as it is now.

use super::fault::{self, Fault};
use super::render;
use super::request::{self, People};
use crate::faults::Kind;
use crate::inventory::families::{self, Cabin, Family};
use crate::inventory::rebuild::SegmentKey;
use crate::inventory::{Product, carriers};
use crate::wire::Call;
use crate::world::World;
use crate::xml::Element;

/// Answers a price check.
pub(super) fn price(world: &World, call: &Call, request: &Element) -> Result<Element, Fault> {
    let itinerary = request.at("AirItinerary");
    let itinerary =
        itinerary.ok_or_else(|| fault::validation("Element 'AirItinerary' must appear.", "AirItinerary"))?;
    let segments = request::segments(itinerary)?;
    let people = request::people(request)?;
    let slices: Vec<Vec<SegmentKey>> =
        segments.iter().map(|slice| slice.iter().map(|(key, _)| key.clone()).collect()).collect();
    let mut products = Vec::new();
    for family in families_asked(request, itinerary, &slices) {
        let kinds = people.iter().map(|(_, kind, _)| *kind).collect();
        let query = request::query_of(world, request, kinds, request::cabin_of(family))?;
        products.extend(world.inventory.product(&query, &slices, family));
    }
    let mut store = world.travelport.lock();
    if call.faults.has(&Kind::SoldOutAtPrice {}) {
        store.sold_out.extend(products.iter().map(|product| product.key.clone()));
    }
    if let Some(percent) = call.faults.price_change() {
        store.price_changes.extend(products.iter().map(|product| (product.key.clone(), percent)));
    }
    products.retain(|product| !store.sold_out.contains(&product.key));
    let products: Vec<Product> = products.into_iter().map(|product| store.now(product)).collect();
    drop(store);
    let Some(first) = products.first() else { return Err(fault::no_availability()) };
    let itinerary = Element::new("air:AirItinerary").children(full_segments(first));
    let solutions = products.iter().map(|product| solution(world, product, &people));
    Ok(super::response(world, "air:AirPriceRsp", request)
        .child(itinerary)
        .child(Element::new("air:AirPriceResult").children(solutions)))
}

/// By fare basis where one is given; else all that the cabin has.
fn families_asked(request: &Element, itinerary: &Element, slices: &[Vec<SegmentKey>]) -> Vec<&'static Family> {
    let modifiers = request.below("AirSegmentPricingModifiers");
    let basis = modifiers.iter().find_map(|modifier| modifier.get("FareBasisCode"));
    if let Some(basis) = basis {
        return request::family(basis).into_iter().collect();
    }
    let cabin = itinerary.each("AirSegment").find_map(|segment| segment.get("CabinClass"));
    let cabin = cabin.and_then(request::cabin).unwrap_or(Cabin::Economy);
    let carrier = slices.first().and_then(|slice| slice.first()).and_then(|key| carriers::by_code(&key.carrier));
    carrier.map_or_else(Vec::new, |carrier| families::families(carrier, cabin, 20_000).iter().collect())
}

/// Every segment with its flight details, under the keys that pricing refers to.
pub(super) fn full_segments(product: &Product) -> Vec<Element> {
    let mut segments = Vec::new();
    for (group, journey) in product.journeys.iter().enumerate() {
        for (at, segment) in journey.segments.iter().enumerate() {
            let key = render::segment_key(segment);
            let full = render::segment(segment, &key, group)
                .with("ClassOfService", product.classes[group][at])
                .with("CabinClass", request::cabin_name(product.cabin))
                .child(render::details(segment, &render::key(&["details", &key])));
            let connects = at + 1 < journey.segments.len();
            segments.push(if connects { full.child(Element::new("air:Connection")) } else { full });
        }
    }
    segments
}

/// A priced solution, whole.
pub(super) fn solution(world: &World, product: &Product, people: &People) -> Element {
    let deadline = render::deadline(world, product);
    let solution = Element::new("air:AirPricingSolution").with("Key", render::key(&["solution", &product.key]));
    let references = product
        .journeys
        .iter()
        .flat_map(|journey| &journey.segments)
        .map(|segment| Element::new("air:AirSegmentRef").with("Key", render::segment_key(segment)));
    let token = render::key(&["token", &product.key]);
    let info = |fare: &crate::inventory::Fare| {
        let fares = product
            .journeys
            .iter()
            .enumerate()
            .map(|(index, journey)| render::fare_info(product, people, fare, index, journey))
            .collect();
        let bookings = render::booking_infos(product, fare)
            .into_iter()
            .flatten()
            .map(|booking| booking.with("HostTokenRef", &token));
        render::pricing_info(product, people, fare, &deadline, fares, bookings.collect())
    };
    render::with_amounts(solution, product, product.base(), product.tax())
        .with("QuoteDate", jiff::Timestamp::now().strftime("%Y-%m-%d"))
        .children(references)
        .children(product.fares.iter().map(info))
        .child(Element::new("air:FareNote").with("Key", render::key(&["note", &product.key])).text("E-TKT REQUIRED"))
        .child(
            Element::new("common_v52_0:HostToken")
                .with("Key", &token)
                .text(format!("GFB10101ADT00  01{}", product.family.code)),
        )
}

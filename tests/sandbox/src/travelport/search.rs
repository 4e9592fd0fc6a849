//! `LowFareSearchReq`: price points, or with `SolutionResult` whole solutions.

use std::collections::BTreeMap;

use super::fault::{self, Fault};
use super::render;
use super::request::{self, People};
use crate::inventory::Product;
use crate::world::World;
use crate::xml::Element;

/// Answers a search.
pub(super) fn search(world: &World, request: &Element) -> Result<Element, Fault> {
    let (query, people) = request::query(world, request)?;
    let most = request.at("AirSearchModifiers").and_then(|modifiers| modifiers.get("MaxSolutions"));
    let most = most.and_then(|most| most.parse::<usize>().ok()).unwrap_or(usize::MAX);
    let products = world.inventory.search(&query);
    let sold_out = |product: &&Product| !world.travelport.lock().sold_out.contains(&product.key);
    let products: Vec<Product> = products
        .iter()
        .filter(sold_out)
        .take(most)
        .map(|product| world.travelport.lock().now(product.clone()))
        .collect();
    if products.is_empty() {
        return Err(fault::no_solutions());
    }
    let mut segments = BTreeMap::new();
    for product in &products {
        for (group, journey) in product.journeys.iter().enumerate() {
            for segment in &journey.segments {
                segments.entry((group, render::segment_key(segment))).or_insert(segment);
            }
        }
    }
    let detail_key = |key: &str| render::key(&["details", key]);
    let details = segments.iter().map(|((_, key), segment)| render::details(segment, &detail_key(key)));
    let air_segments = segments.iter().map(|((group, key), segment)| {
        render::segment(segment, key, *group).child(Element::new("air:FlightDetailsRef").with("Key", detail_key(key)))
    });
    let fares = products.iter().flat_map(|product| fare_infos(product, &people));
    let leg_key = |group: usize| render::key(&["leg", &group.to_string()]);
    let legs = query.slices.iter().enumerate().map(|(group, slice)| {
        Element::new("air:Leg")
            .with("Key", leg_key(group))
            .with("Group", group)
            .with("Origin", &slice.origin)
            .with("Destination", &slice.destination)
    });
    let route = Element::new("air:Route").with("Key", render::key(&["route"])).children(legs);
    let answer = super::response(world, "air:LowFareSearchRsp", request)
        .with("DistanceUnits", "MI")
        .with("CurrencyType", query.currency.code)
        .child(Element::new("air:FlightDetailsList").children(details))
        .child(Element::new("air:AirSegmentList").children(air_segments))
        .child(Element::new("air:FareInfoList").children(fares))
        .child(Element::new("air:RouteList").child(route));
    let brands = brands(&products);
    Ok(if request.get("SolutionResult") == Some("true") {
        let legs: Vec<String> = (0..query.slices.len()).map(leg_key).collect();
        answer.children(products.iter().map(|product| solution(world, product, &people, &legs))).child(brands)
    } else {
        let points = products.iter().map(|product| price_point(world, product, &people, &query.slices, leg_key));
        answer.child(Element::new("air:AirPricePointList").children(points)).child(brands)
    })
}

fn fare_infos(product: &Product, people: &People) -> Vec<Element> {
    let mut infos = Vec::new();
    for fare in &product.fares {
        for (index, journey) in product.journeys.iter().enumerate() {
            infos.push(render::fare_info(product, people, fare, index, journey));
        }
    }
    infos
}

fn brands(products: &[Product]) -> Element {
    let mut by_id = BTreeMap::new();
    for product in products {
        by_id.entry(render::brand_id(product)).or_insert(product);
    }
    let one = |(id, product): (&String, &&Product)| {
        Element::new("air:Brand")
            .with("Key", render::key(&["brand", id]))
            .with("BrandID", id)
            .with("Name", product.family.name)
            .with("Carrier", product.owner.code)
            .child(Element::new("air:Title").with("Type", "External").text(product.family.name))
    };
    Element::new("air:BrandList").children(by_id.iter().map(one))
}

fn fare_refs(product: &Product, fare: &crate::inventory::Fare) -> Vec<Element> {
    let reference = |index| Element::new("air:FareInfoRef").with("Key", render::fare_info_key(product, fare, index));
    (0..product.journeys.len()).map(reference).collect()
}

fn solution(world: &World, product: &Product, people: &People, legs: &[String]) -> Element {
    let deadline = render::deadline(world, product);
    let solution = Element::new("air:AirPricingSolution").with("Key", render::key(&["solution", &product.key]));
    let journey = |journey: &std::sync::Arc<crate::inventory::journeys::Journey>| {
        let reference = |segment| Element::new("air:AirSegmentRef").with("Key", render::segment_key(segment));
        Element::new("air:Journey")
            .with("TravelTime", render::travel_time(journey.minutes))
            .children(journey.segments.iter().map(reference))
    };
    let mut before = 0;
    let mut connections = Vec::new();
    for journey in &product.journeys {
        for at in 0..journey.segments.len().saturating_sub(1) {
            connections.push(Element::new("air:Connection").with("SegmentIndex", before + at));
        }
        before += journey.segments.len();
    }
    let info = |fare: &crate::inventory::Fare| {
        let bookings = render::booking_infos(product, fare).into_iter().flatten().collect();
        render::pricing_info(product, people, fare, &deadline, fare_refs(product, fare), bookings)
    };
    render::with_amounts(solution, product, product.base(), product.tax())
        .children(product.journeys.iter().map(journey))
        .children(legs.iter().map(|leg| Element::new("air:LegRef").with("Key", leg)))
        .children(product.fares.iter().map(info))
        .children(connections)
}

fn price_point(
    world: &World,
    product: &Product,
    people: &People,
    slices: &[crate::inventory::Slice],
    leg_key: impl Fn(usize) -> String,
) -> Element {
    let deadline = render::deadline(world, product);
    let point = Element::new("air:AirPricePoint").with("Key", render::key(&["point", &product.key]));
    let info = |fare: &crate::inventory::Fare| {
        let option = |(index, bookings): (usize, Vec<Element>)| {
            let changes = bookings.len().saturating_sub(1);
            let option = Element::new("air:Option")
                .with("Key", render::key(&["option", &product.key, &index.to_string()]))
                .with("TravelTime", render::travel_time(product.journeys[index].minutes))
                .children(bookings)
                .children((0..changes).map(|at| Element::new("air:Connection").with("SegmentIndex", at)));
            Element::new("air:FlightOption")
                .with("LegRef", leg_key(index))
                .with("Origin", &slices[index].origin)
                .with("Destination", &slices[index].destination)
                .child(option)
        };
        let options = render::booking_infos(product, fare).into_iter().enumerate().map(option);
        render::pricing_info(product, people, fare, &deadline, fare_refs(product, fare), Vec::new())
            .child(Element::new("air:FlightOptionsList").children(options))
    };
    render::with_amounts(point, product, product.base(), product.tax())
        .with("CompleteItinerary", "true")
        .children(product.fares.iter().map(info))
}

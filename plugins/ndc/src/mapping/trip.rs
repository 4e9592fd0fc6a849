//! Flights, and how an offer flies them.

use super::Reason;
use crate::lists::Lists;
use crate::read;
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{Cabin, LocalTime, OfferSegment, OfferSlice, Segment, SliceQuery};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::Element;
use std::collections::HashMap;

/// The flight of a `PaxSegment`.
pub fn segment(pax_segment: &Element, lists: &Lists<'_>) -> Result<Segment, Reason> {
    let marketed = lists.marketed(pax_segment).ok_or("a segment without its marketed flight")?;
    let operated = lists.operated(marketed);
    let listed = operated.map(|operated| lists.legs(operated)).unwrap_or_default();
    // Some keep the legs within the flight.
    let within = operated.into_iter().chain([pax_segment]).flat_map(|flight| flight.children("DatedOperatingLeg"));
    let legs: Vec<&Element> = if listed.is_empty() { within.collect() } else { listed };
    let (dep, arrival) = (end(marketed, "Dep")?, end(marketed, "Arrival")?);
    let place = |end: &Element| {
        let code = end.child_text("IATA_LocationCode").map(str::to_owned);
        code.ok_or_else(|| format!("{} without an airport", end.name()))
    };
    let terminal = |end: &Element| end.child_text("TerminalName").map(str::to_owned);
    let carrier = marketed.child("MarketingCarrierInfo").unwrap_or(marketed);
    let aircraft = operated.into_iter().chain(legs.iter().copied()).find_map(|element| {
        element
            .path_text("IATA_AircraftType/IATA_AircraftTypeCode")
            .or(element.path_text("CarrierAircraftType/CarrierAircraftTypeCode"))
    });
    let duration = operated.and_then(|operated| operated.child_text("Duration")).or(pax_segment.child_text("Duration"));
    let number = carrier.child_text("MarketingCarrierFlightNumberText").ok_or("a flight without its number")?;
    let operating = operated.or(marketed.child("OperatingCarrierInfo")).or(pax_segment.child("OperatingCarrierInfo"));
    Ok(Segment {
        origin: place(dep)?,
        destination: place(arrival)?,
        origin_terminal: terminal(dep),
        destination_terminal: terminal(arrival),
        departure: at(dep)?,
        arrival: at(arrival)?,
        marketing_carrier: carrier.child_text("CarrierDesigCode").ok_or("a flight without its carrier")?.to_owned(),
        marketing_flight_number: number.to_owned(),
        operating_carrier: operating.and_then(|flight| flight.child_text("CarrierDesigCode")).map(str::to_owned),
        operating_flight_number: operating
            .and_then(|flight| flight.child_text("OperatingCarrierFlightNumberText"))
            .map(str::to_owned),
        aircraft: aircraft.map(str::to_owned),
        duration_minutes: duration.and_then(|text| time::duration_minutes(text).ok()),
        stops: legs
            .iter()
            .skip(1)
            .filter_map(|leg| leg.path_text("Dep/IATA_LocationCode").map(str::to_owned))
            .collect(),
    })
}

fn end<'a>(marketed: &'a Element, name: &str) -> Result<&'a Element, Reason> {
    marketed.child(name).ok_or_else(|| format!("a flight without {name}"))
}

fn at(end: &Element) -> Result<LocalTime, Reason> {
    let text = end.child_text("AircraftScheduledDateTime").ok_or_else(|| format!("{} without a time", end.name()))?;
    time::local(text).map_err(|why| why.to_string())
}

/// The contract's cabin, by PADIS' code, the letter of old, or the name.
pub fn cabin(kind: &Element) -> Option<Cabin> {
    let by_code = match kind.child_text("CabinTypeCode").or(Some(kind.text()))? {
        "1" | "F" | "P" | "R" => Some(Cabin::First),
        "2" | "C" | "J" | "D" => Some(Cabin::Business),
        "4" | "W" => Some(Cabin::PremiumEconomy),
        "3" | "5" | "7" | "Y" | "M" => Some(Cabin::Economy),
        _ => None,
    };
    let words = [kind.child_text("CabinTypeName"), kind.child_text("CabinTypeCode")];
    by_code.or_else(|| words.into_iter().flatten().find_map(named))
}

fn named(name: &str) -> Option<Cabin> {
    let name = name.to_ascii_lowercase();
    if name.contains("premium") {
        Some(Cabin::PremiumEconomy)
    } else if name.contains("business") {
        Some(Cabin::Business)
    } else if name.contains("first") {
        Some(Cabin::First)
    } else {
        (name.contains("econom") || name.contains("coach")).then_some(Cabin::Economy)
    }
}

/// PADIS' code of a cabin.
pub fn cabin_code(cabin: Cabin) -> &'static str {
    match cabin {
        Cabin::First => "1",
        Cabin::Business => "2",
        Cabin::PremiumEconomy => "4",
        Cabin::Economy => "5",
    }
}

/// An offer's slices, and the reply's index of each of its segments by id.
#[derive(Debug)]
pub struct Trip<'a> {
    /// In the order of travel.
    pub slices: Vec<OfferSlice>,
    /// `PaxSegmentID` → index in the reply.
    pub segments: HashMap<&'a str, u32>,
}

/// A journey of the offer: its segments' ids, and itself where it stands in the lists.
type Journey<'a> = (Vec<&'a str>, Option<&'a Element>);

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The slices, where they are known.
    pub slices: &'a [SliceQuery],
    /// How many they are; none: not known.
    pub count: Option<usize>,
    /// The cabin, for offers that name none.
    pub cabin: Cabin,
}

/// How an offer travels, with its flights put into `segments`.
pub fn trip<'a>(
    offer: &'a Element,
    items: &[&'a Element],
    lists: &Lists<'a>,
    asked: Asked<'_>,
    segments: &mut Segments,
) -> Result<Trip<'a>, Reason> {
    let mut components: HashMap<&str, &Element> = HashMap::new();
    let mut whole = None;
    for component in items.iter().flat_map(|item| item.all("FareDetail/FareComponent")) {
        let ids = read::texts(component, "PaxSegmentRefID");
        if ids.is_empty() {
            whole = whole.or(Some(component));
        }
        for id in ids {
            components.entry(id).or_insert(component);
        }
    }
    let mut journeys = journeys(offer, items, lists, asked)?;
    if let Some(count) = asked.count.filter(|count| *count != journeys.len()) {
        return Err(format!("{} journeys for {count} slices", journeys.len()));
    }
    in_order(&mut journeys, lists, asked.slices)?;
    let mut trip = Trip { slices: Vec::new(), segments: HashMap::new() };
    for (ids, journey) in journeys {
        let mut slice = OfferSlice { segments: Vec::new(), fare_brand: None, duration_minutes: None };
        slice.duration_minutes =
            journey.and_then(|j| j.child_text("Duration")).and_then(|text| time::duration_minutes(text).ok());
        for id in ids {
            let pax_segment = lists.segment(id).ok_or_else(|| format!("segment {id} is not listed"))?;
            let index = segments.named(id, || segment(pax_segment, lists))?;
            trip.segments.insert(id, index);
            let component = components.get(id).copied().or(whole);
            let of = |path: &str| component.and_then(|component| component.path_text(path));
            let letter = of("RBD/RBD_Code")
                .or(pax_segment.child_text("MarketingCarrierRBD_Code"))
                .or(pax_segment.path_text("MarketingCarrierInfo/RBD_Code"));
            let left = of("RBD/RBD_AvailQty").and_then(|quantity| quantity.parse().ok());
            if slice.fare_brand.is_none() {
                let class = component.and_then(|component| read::text(component, "PriceClassRefID"));
                slice.fare_brand = class.and_then(|class| lists.brand(class)).map(str::to_owned);
            }
            let told = component
                .and_then(|c| c.child("CabinType"))
                .or(pax_segment.child("CabinType"))
                .or(pax_segment.path("CabinTypeAssociationChoice/SegmentCabinType"));
            slice.segments.push(OfferSegment {
                segment: index,
                cabin: told.and_then(cabin).unwrap_or(asked.cabin),
                booking_class: letter.map(str::to_owned),
                fare_basis: of("FareBasisCode").map(str::to_owned),
                seats_left: left,
            });
        }
        trip.slices.push(slice);
    }
    Ok(trip)
}

/// By the references to journeys where there are any, else by the fare components' segments.
fn journeys<'a>(
    offer: &'a Element,
    items: &[&'a Element],
    lists: &Lists<'a>,
    asked: Asked<'_>,
) -> Result<Vec<Journey<'a>>, Reason> {
    let mut named: Vec<&str> =
        offer.child("JourneyOverview").map(|o| read::below(o, &["PaxJourneyRefID"])).unwrap_or_default();
    if named.is_empty() {
        for service in items.iter().flat_map(|item| item.children("Service")) {
            for id in read::below(service, &["PaxJourneyRefID"]) {
                if !named.contains(&id) {
                    named.push(id);
                }
            }
        }
    }
    let of = |id: &&str| {
        let journey = lists.journey(id).ok_or_else(|| format!("journey {id} is not listed"))?;
        Ok((read::texts(journey, "PaxSegmentRefID"), Some(journey)))
    };
    if !named.is_empty() {
        return named.iter().map(of).collect();
    }
    let mut flown: Vec<&str> = Vec::new();
    for item in items {
        for id in read::below(item, &["PaxSegmentRefID"]) {
            if !flown.contains(&id) {
                flown.push(id);
            }
        }
    }
    let mut found = Vec::new();
    let mut rest = &flown[..];
    while !rest.is_empty() {
        match lists.journey_along(rest) {
            Some(journey) => {
                let ids = read::texts(journey, "PaxSegmentRefID");
                rest = &rest[ids.len()..];
                found.push((ids, Some(journey)));
            }
            None if asked.count == Some(1) => return Ok(vec![(flown, None)]),
            None => return Err("its segments make no listed journey".to_owned()),
        }
    }
    if found.is_empty() { Err("no flights".to_owned()) } else { Ok(found) }
}

/// Journeys in the order of the slices asked for: as they stand, or by their departure.
fn in_order(journeys: &mut [Journey<'_>], lists: &Lists<'_>, slices: &[SliceQuery]) -> Result<(), Reason> {
    if slices.is_empty() {
        return Ok(());
    }
    let departure = |(ids, _): &Journey<'_>| {
        let first = ids.first().and_then(|id| lists.segment(id)).ok_or("a journey without listed segments")?;
        at(end(lists.marketed(first).ok_or("a segment without its marketed flight")?, "Dep")?)
    };
    let dates = |journeys: &[Journey<'_>]| -> Result<bool, Reason> {
        for (journey, slice) in journeys.iter().zip(slices) {
            if departure(journey)?.date != slice.departure_date {
                return Ok(false);
            }
        }
        Ok(true)
    };
    if !dates(journeys)? {
        journeys.sort_by_cached_key(|journey| departure(journey).ok().and_then(|at| time::to_instant(&at, 0)));
    }
    Ok(())
}

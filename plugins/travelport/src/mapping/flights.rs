//! Everything of a reply that others refer to by key, looked up once.

use super::Reason;
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::Segment;
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::Element;
use std::collections::HashMap;

/// A reply's elements by their keys.
#[derive(Debug, Default)]
pub struct Index<'a> {
    flights: HashMap<&'a str, &'a Element>,
    details: HashMap<&'a str, &'a Element>,
    fares: HashMap<&'a str, &'a Element>,
    brands: HashMap<&'a str, &'a str>,
    mapped: HashMap<&'a str, Result<u32, Reason>>,
    segments: Segments,
}

impl<'a> Index<'a> {
    /// Of a whole reply.
    pub fn of(reply: &'a Element) -> Self {
        let mut index = Self::default();
        let mut stack = vec![reply];
        while let Some(element) = stack.pop() {
            let key = || element.attr("Key").unwrap_or_default();
            match element.name() {
                // A bare reference has no content, and does not hide what it refers to.
                "AirSegment" if element.attr("Carrier").is_some() => _ = index.flights.entry(key()).or_insert(element),
                "FlightDetails" => _ = index.details.entry(key()).or_insert(element),
                "FareInfo" => _ = index.fares.entry(key()).or_insert(element),
                "Brand" => {
                    let title = || element.children("Title").find(|title| title.attr("Type") == Some("External"));
                    let name = element.attr("Name").or_else(|| title().map(Element::text)).filter(|n| !n.is_empty());
                    if let (Some(id), Some(name)) = (element.attr("BrandID"), name) {
                        index.brands.entry(id).or_insert(name);
                    }
                }
                _ => {}
            }
            stack.extend(element.elements());
        }
        index
    }

    /// A flight, as uAPI has it.
    pub fn flight(&self, key: &str) -> Result<&'a Element, Reason> {
        self.flights.get(key).copied().ok_or_else(|| format!("no AirSegment has the key {key}"))
    }

    /// A fare.
    pub fn fare(&self, key: &str) -> Option<&'a Element> {
        self.fares.get(key).copied()
    }

    /// The commercial name of a fare's brand.
    pub fn brand(&self, fare: &'a Element) -> Option<&'a str> {
        let brand = fare.child("Brand")?;
        let named = brand.attr("Name").filter(|name| !name.is_empty());
        named.or_else(|| self.brands.get(brand.attr("BrandID")?).copied())
    }

    /// The flight's place in the reply's segments.
    pub fn segment(&mut self, key: &'a str) -> Result<u32, Reason> {
        if let Some(known) = self.mapped.get(key) {
            return known.clone();
        }
        let mapped = self.flight(key).and_then(|flight| segment(flight, &self.details));
        let mapped = mapped.map(|segment| self.segments.index(segment));
        self.mapped.insert(key, mapped.clone());
        mapped
    }

    /// All flights asked for.
    pub fn into_segments(self) -> Vec<Segment> {
        self.segments.into_vec()
    }
}

fn segment(flight: &Element, details: &HashMap<&str, &Element>) -> Result<Segment, Reason> {
    let required = |name: &str| {
        let told = flight.attr(name).map(str::trim).filter(|value| !value.is_empty());
        told.map(str::to_owned).ok_or_else(|| format!("an AirSegment without {name}"))
    };
    let at = |name: &str| time::local(&required(name)?).map_err(|why| why.to_string());
    let own = flight.children("FlightDetails");
    let referred = flight.children("FlightDetailsRef").filter_map(|d| details.get(d.attr("Key")?).copied());
    let legs: Vec<&Element> = own.chain(referred).collect();
    let (first, last) = (legs.first().copied(), legs.last().copied());
    let codeshare = flight.child("CodeshareInfo");
    let told = |element: Option<&Element>, name: &str| {
        element.and_then(|e| e.attr(name)).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let (departure, arrival) = (at("DepartureTime")?, at("ArrivalTime")?);
    let between = || {
        let seconds = time::to_instant(&arrival, 0)?.checked_sub(time::to_instant(&departure, 0)?)?;
        let known = departure.offset_minutes.is_some() && arrival.offset_minutes.is_some();
        u32::try_from(seconds / 60).ok().filter(|_| known)
    };
    let flown = flight.attr("FlightTime").and_then(|minutes| minutes.parse().ok()).filter(|_| legs.len() < 2);
    let stops = legs.iter().take(legs.len().saturating_sub(1)).filter_map(|leg| leg.attr("Destination"));
    Ok(Segment {
        origin: required("Origin")?,
        destination: required("Destination")?,
        origin_terminal: told(first, "OriginTerminal"),
        destination_terminal: told(last, "DestinationTerminal"),
        departure,
        arrival,
        marketing_carrier: required("Carrier")?,
        marketing_flight_number: required("FlightNumber")?,
        operating_carrier: told(codeshare, "OperatingCarrier"),
        operating_flight_number: told(codeshare, "OperatingFlightNumber"),
        aircraft: told(Some(flight), "Equipment").or_else(|| told(first, "Equipment")),
        duration_minutes: flown.or_else(between),
        stops: stops.map(str::to_owned).collect(),
    })
}

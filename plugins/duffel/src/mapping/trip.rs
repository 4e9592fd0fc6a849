//! Slices and segments.

use super::party::Party;
use crate::wire::trip::{self, Slice};
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{BagKind, Baggage, Cabin, OfferSegment, OfferSlice, Segment};
use interline_plugin_sdk::time;
use std::ops::Deref;

/// Why an offer or order can't be mapped.
pub type Reason = String;

/// A flight, without what an offer adds to it.
pub fn segment<T: Deref<Target = str>>(wire: &trip::Segment<T>) -> Result<Segment, Reason> {
    let code = |what: &str, code: &Option<T>| {
        let code = code.as_deref().filter(|code| !code.is_empty());
        code.map(str::to_owned).ok_or_else(|| format!("a segment without IATA code of its {what}"))
    };
    let time = |text: &str| time::local(text).map_err(|why| why.to_string());
    let stops = wire.stops.iter().flatten().filter_map(|stop| told(&stop.airport.as_ref()?.iata_code));
    Ok(Segment {
        origin: code("origin", &wire.origin.iata_code)?,
        destination: code("destination", &wire.destination.iata_code)?,
        origin_terminal: told(&wire.origin_terminal),
        destination_terminal: told(&wire.destination_terminal),
        departure: time(&wire.departing_at)?,
        arrival: time(&wire.arriving_at)?,
        marketing_carrier: code("marketing carrier", &wire.marketing_carrier.iata_code)?,
        marketing_flight_number: wire.marketing_carrier_flight_number.trim().to_owned(),
        operating_carrier: wire.operating_carrier.as_ref().and_then(|c| told(&c.iata_code)),
        operating_flight_number: told(&wire.operating_carrier_flight_number),
        aircraft: wire.aircraft.as_ref().and_then(|a| told(&a.iata_code)),
        duration_minutes: minutes(wire.duration.as_deref()),
        stops: stops.collect(),
    })
}

/// The slices of an offer, with their flights put into `segments` and their allowances into `baggage`.
pub fn slices<T: Deref<Target = str>>(
    wire: &[Slice<T>],
    party: &Party,
    default_cabin: Option<Cabin>,
    segments: &mut Segments,
    baggage: &mut Vec<Baggage>,
) -> Result<Vec<OfferSlice>, Reason> {
    let mut slices = Vec::with_capacity(wire.len());
    for slice in wire {
        let mut flights = Vec::with_capacity(slice.segments.len());
        for flight in &slice.segments {
            let index = segments.index(segment(flight)?);
            let carried = flight.passengers.as_deref().unwrap_or_default();
            let first = carried.first();
            let cabin = first.and_then(cabin).or(default_cabin).ok_or("a segment without a cabin")?;
            flights.push(OfferSegment {
                segment: index,
                cabin,
                booking_class: None,
                fare_basis: first.and_then(|p| told(&p.fare_basis_code)),
                seats_left: None,
            });
            allowances(carried, party, index, baggage);
        }
        if flights.is_empty() {
            return Err("a slice without segments".to_owned());
        }
        slices.push(OfferSlice {
            segments: flights,
            fare_brand: told(&slice.fare_brand_name),
            duration_minutes: minutes(slice.duration.as_deref()),
        });
    }
    if slices.is_empty() { Err("no slices".to_owned()) } else { Ok(slices) }
}

/// Duffel may list bags of one kind in several entries; a kind that it doesn't list is not told.
fn allowances<T: Deref<Target = str>>(
    carried: &[trip::SegmentPassenger<T>],
    party: &Party,
    segment: u32,
    baggage: &mut Vec<Baggage>,
) {
    for (place, passenger) in carried.iter().enumerate() {
        let Some(index) = party.index(passenger.passenger_id.as_deref(), place) else { continue };
        for (name, kind) in [("checked", BagKind::Checked), ("carry_on", BagKind::CarryOn)] {
            let pieces = passenger.baggages.iter().flatten().filter(|bag| bag.kind.as_deref() == Some(name));
            let pieces = pieces.map(|bag| bag.quantity.unwrap_or(1)).reduce(u32::saturating_add);
            if let Some(pieces) = pieces {
                let pieces = Some(u8::try_from(pieces).unwrap_or(u8::MAX));
                baggage.push(Baggage { passenger: index, segment, kind, pieces, weight_kg: None });
            }
        }
    }
}

fn cabin<T: Deref<Target = str>>(passenger: &trip::SegmentPassenger<T>) -> Option<Cabin> {
    let newer = passenger.cabin.as_ref().and_then(|c| c.name.as_deref());
    match passenger.cabin_class.as_deref().or(newer)? {
        "economy" => Some(Cabin::Economy),
        "premium_economy" => Some(Cabin::PremiumEconomy),
        "business" => Some(Cabin::Business),
        "first" => Some(Cabin::First),
        _ => None,
    }
}

fn minutes(duration: Option<&str>) -> Option<u32> {
    duration.and_then(|text| time::duration_minutes(text).ok())
}

fn told<T: Deref<Target = str>>(text: &Option<T>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

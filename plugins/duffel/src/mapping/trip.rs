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

/// All that makes a flight what it is, as Duffel says it: by these words a flight that many offers share is mapped once.
/// Duffel's own ids are another in each offer.
fn tell<T: Deref<Target = str>>(wire: &trip::Segment<T>, words: &mut String) {
    let stops = wire.stops.iter().flatten().map(|stop| stop.airport.as_ref()?.iata_code.as_deref());
    let told = [
        wire.origin.iata_code.as_deref(),
        wire.destination.iata_code.as_deref(),
        wire.origin_terminal.as_deref(),
        wire.destination_terminal.as_deref(),
        Some(&*wire.departing_at),
        Some(&*wire.arriving_at),
        wire.marketing_carrier.iata_code.as_deref(),
        Some(&*wire.marketing_carrier_flight_number),
        wire.operating_carrier.as_ref().and_then(|carrier| carrier.iata_code.as_deref()),
        wire.operating_carrier_flight_number.as_deref(),
        wire.aircraft.as_ref().and_then(|aircraft| aircraft.iata_code.as_deref()),
        wire.duration.as_deref(),
    ];
    for text in told.into_iter().chain(stops).map(Option::unwrap_or_default) {
        // With its length before it no text, whatever is in it, passes for another and the next.
        words.extend(text.len().to_le_bytes().map(char::from));
        words.push_str(text);
    }
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
    let mut words = String::new();
    for slice in wire {
        let mut flights = Vec::with_capacity(slice.segments.len());
        for flight in &slice.segments {
            words.clear();
            tell(flight, &mut words);
            let index = segments.named(&words, || segment(flight))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn flights(flown: [&Value; 2]) -> usize {
        let slice = |flight: &Value| json!({ "segments": [flight] });
        let wire: Vec<Slice> = serde_json::from_value(json!(flown.map(slice))).expect("slices");
        let (mut segments, mut baggage) = (Segments::default(), Vec::new());
        slices(&wire, &Party::of_ids(vec![]), Some(Cabin::Economy), &mut segments, &mut baggage).expect("maps");
        segments.len()
    }

    #[test]
    fn words_of_one_field_are_not_those_of_the_next() {
        let flight = |rest: Value| {
            let mut flight = json!({
                "origin": {"iata_code": "CGK"}, "destination": {"iata_code": "NRT"},
                "departing_at": "2027-01-20T23:05:00", "arriving_at": "2027-01-21T08:30:00",
                "marketing_carrier": {"iata_code": "XQ"}, "marketing_carrier_flight_number": "12",
            });
            let fields = flight.as_object_mut().expect("an object");
            fields.extend(rest.as_object().cloned().expect("an object"));
            serde_json::from_value::<trip::Segment>(flight).expect("a segment")
        };
        let all = [
            json!({}),
            json!({"origin_terminal": "3"}),
            json!({"destination_terminal": "3"}),
            json!({"duration": "SIN"}),
            json!({"duration": "SIN\u{1f}"}),
            json!({"stops": [{"airport": {"iata_code": "SIN"}}]}),
            json!({"stops": [{"airport": {"iata_code": "SIN"}}, {"airport": {"iata_code": "SIN"}}]}),
            json!({"stops": [{"airport": {"iata_code": "SINSIN"}}]}),
        ];
        let told = all.map(|rest| {
            let mut words = String::new();
            tell(&flight(rest), &mut words);
            words
        });
        assert_eq!(told.iter().collect::<std::collections::HashSet<_>>().len(), told.len());
    }

    #[test]
    fn a_flight_is_another_by_whatever_is_told_of_it() {
        let flight = json!({
            "id": "seg_1", "origin": {"iata_code": "CGK"}, "destination": {"iata_code": "NRT"},
            "origin_terminal": "3", "destination_terminal": "1",
            "departing_at": "2027-01-20T23:05:00", "arriving_at": "2027-01-21T08:30:00",
            "marketing_carrier": {"iata_code": "XQ"}, "marketing_carrier_flight_number": "12",
            "operating_carrier": {"iata_code": "XR"}, "operating_carrier_flight_number": "13",
            "aircraft": {"iata_code": "789"}, "duration": "PT7H25M", "stops": [{"airport": {"iata_code": "SIN"}}],
        });
        let others = [
            ("/origin/iata_code", "HLP"),
            ("/destination/iata_code", "HND"),
            ("/origin_terminal", "2"),
            ("/destination_terminal", "2"),
            ("/departing_at", "2027-01-20T23:06:00"),
            ("/arriving_at", "2027-01-21T08:31:00"),
            ("/marketing_carrier/iata_code", "XS"),
            ("/marketing_carrier_flight_number", "14"),
            ("/operating_carrier/iata_code", "XS"),
            ("/operating_carrier_flight_number", "14"),
            ("/aircraft/iata_code", "77W"),
            ("/duration", "PT7H26M"),
            ("/stops/0/airport/iata_code", "KUL"),
        ];
        for (field, value) in others {
            let mut other = flight.clone();
            *other.pointer_mut(field).expect("a field") = json!(value);
            assert_eq!(flights([&flight, &other]), 2, "{field}");
        }
        let mut same = flight.clone();
        *same.pointer_mut("/id").expect("an id") = json!("seg_2");
        assert_eq!(flights([&flight, &same]), 1);
    }
}

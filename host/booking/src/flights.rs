//! An offer's flights and baggage in the form that is stored with a booking and shown to frontends.

use crate::view::{Bag, Flight};
use interline_domain::itinerary::{LocalTime, Segment};
use interline_domain::offer::{BagKind, Offer};
use interline_domain::places::{self, Airport};
use interline_domain::text::Text;
use interline_domain::trip::Cabin;
use interline_pricing::BaggageAllowance;
use jiff::tz::{Offset, TimeZone};

/// The flights of an offer, in order of travel.
pub(crate) fn flights(segments: &[Segment], offer: &Offer) -> Vec<Flight> {
    let mut flights = Vec::new();
    for (slice, carried) in offer.slices.iter().enumerate() {
        for at in &carried.segments {
            let Some(segment) = segments.get(at.segment as usize) else { continue };
            let operated_by = segment.operating_carrier.as_ref().filter(|by| **by != segment.marketing_carrier);
            let told = |text: Option<&Text>| text.map(Text::to_string);
            flights.push(Flight {
                flight_code: format!("{}{}", segment.marketing_carrier, segment.marketing_flight_number),
                src: segment.origin.to_string(),
                dst: segment.destination.to_string(),
                dep_time: wall_clock(&segment.departure, &segment.origin),
                arr_time: wall_clock(&segment.arrival, &segment.destination),
                src_terminal: told(segment.origin_terminal.as_ref()),
                dst_terminal: told(segment.destination_terminal.as_ref()),
                operated_by: told(operated_by),
                cabin: cabin_name(at.cabin).to_owned(),
                fare_brand: told(carried.fare_brand.as_ref()),
                duration_minutes: segment.minutes(),
                slice,
            });
        }
    }
    flights
}

/// The baggage that comes with an offer, by flight.
pub(crate) fn bags(offer: &Offer, allowances: &[BaggageAllowance]) -> Vec<Bag> {
    let flights: usize = offer.slices.iter().map(|slice| slice.segments.len()).sum();
    let bag = |allowance: &BaggageAllowance| Bag {
        passenger: allowance.passenger,
        flight: allowance.position as usize,
        kind: bag_name(allowance.kind).to_owned(),
        pieces: allowance.pieces,
        weight_kg: allowance.weight_kg,
    };
    let mut bags: Vec<Bag> = allowances.iter().map(bag).filter(|bag| bag.flight < flights).collect();
    bags.sort_by(|one, other| {
        (one.flight, one.passenger, &one.kind).cmp(&(other.flight, other.passenger, &other.kind))
    });
    bags
}

pub(crate) const fn cabin_name(cabin: Cabin) -> &'static str {
    match cabin {
        Cabin::Economy => "economy",
        Cabin::PremiumEconomy => "premium_economy",
        Cabin::Business => "business",
        Cabin::First => "first",
    }
}

const fn bag_name(kind: BagKind) -> &'static str {
    match kind {
        BagKind::Checked => "checked",
        BagKind::CarryOn => "carry_on",
    }
}

/// RFC 3339 with the airport's offset; without one where neither airport nor offset is known.
fn wall_clock(time: &LocalTime, airport: &str) -> String {
    let zone = places::airport(airport).and_then(Airport::zone).cloned().or_else(|| {
        let seconds = i32::from(time.offset_minutes?) * 60;
        Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?))
    });
    match zone.and_then(|zone| zone.to_ambiguous_zoned_datetime(time.at).compatible().ok()) {
        Some(zoned) => zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        None => time.at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_the_offset_of_their_airport() {
        let time = LocalTime { at: "2027-01-20T23:30:00".parse().unwrap(), offset_minutes: Some(0) };
        assert_eq!(wall_clock(&time, "CGK"), "2027-01-20T23:30:00+07:00");
        assert_eq!(wall_clock(&time, "???"), "2027-01-20T23:30:00+00:00");
        assert_eq!(wall_clock(&LocalTime { offset_minutes: None, ..time }, "???"), "2027-01-20T23:30:00");
    }
}

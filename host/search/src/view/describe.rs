//! Offers as frontends see them.

use super::{
    Amount, BaggageView, ConditionsView, FareSliceView, FareView, ItineraryView, PriceView, SegmentView, SliceView,
    TermView,
};
use interline_domain::itinerary::{Fingerprint, LocalTime, Segment, minutes_between};
use interline_domain::money::{Currency, Money};
use interline_domain::offer::{Condition, Conditions};
use interline_domain::places::{self, Airport};
use interline_domain::table::{OfferTable, Row};
use interline_domain::text::Text;
use interline_domain::trip::Cabin;
use jiff::civil::DateTime;
use std::sync::Arc;

/// The flights of an itinerary.
pub fn itinerary(table: &OfferTable, itinerary: u32, fingerprint: Fingerprint) -> ItineraryView {
    let slices = table.itinerary(itinerary).iter().filter_map(|&at| slice(table, at));
    let slices: Vec<SliceView> = slices.collect();
    ItineraryView {
        itinerary_id: hex::encode(fingerprint.0),
        duration_minutes: slices.iter().map(|slice| slice.duration_minutes).sum(),
        stops: slices.iter().map(|slice| slice.stops).max().unwrap_or(0),
        slices,
    }
}

fn slice(table: &OfferTable, slice: u32) -> Option<SliceView> {
    let flights = table.flights(slice);
    let (first, last) = (flights.clone().next()?, flights.clone().next_back()?);
    let segments: Vec<SegmentView> =
        flights.zip(table.slice(slice)).map(|(flight, flown)| segment(flight, flown.cabin)).collect();
    let stops = segments.len() - 1 + segments.iter().map(|segment| segment.stops.len()).sum::<usize>();
    Some(SliceView {
        origin: first.origin.clone(),
        destination: last.destination.clone(),
        departure: local(first.departure, &first.origin),
        arrival: local(last.arrival, &last.destination),
        duration_minutes: elapsed(first, last, table.slice_minutes(slice), segments.len()),
        stops: u8::try_from(stops).unwrap_or(u8::MAX),
        segments,
    })
}

fn segment(segment: &Segment, cabin: Cabin) -> SegmentView {
    SegmentView {
        origin: segment.origin.clone(),
        origin_terminal: segment.origin_terminal.clone(),
        destination: segment.destination.clone(),
        destination_terminal: segment.destination_terminal.clone(),
        departure: local(segment.departure, &segment.origin),
        arrival: local(segment.arrival, &segment.destination),
        marketing_carrier: segment.marketing_carrier.clone(),
        flight_number: segment.marketing_flight_number.clone(),
        operating_carrier: segment.operating_carrier.clone(),
        operating_flight_number: segment.operating_flight_number.clone(),
        aircraft: segment.aircraft.clone(),
        cabin,
        duration_minutes: segment.minutes(),
        stops: segment.stops.clone(),
    }
}

fn elapsed(first: &Segment, last: &Segment, told: Option<u32>, segments: usize) -> Option<u32> {
    let by_clock = first.departs_at().zip(last.arrives_at()).and_then(|(from, to)| minutes_between(from, to));
    by_clock.or(told).or_else(|| (segments == 1).then(|| first.minutes()).flatten())
}

/// `2027-01-20T23:30:00+07:00`; without an offset where neither airport nor supplier tells it.
fn local(time: LocalTime, airport: &str) -> String {
    let offset = |at: DateTime| -> Option<i32> {
        let zone = places::airport(airport).and_then(Airport::zone);
        match zone {
            Some(zone) => {
                Some(zone.to_ambiguous_timestamp(at).compatible().ok().map(|at| zone.to_offset(at))?.seconds() / 60)
            }
            None => time.offset_minutes.map(i32::from),
        }
    };
    // Without what there may be of a second.
    let wall = format_args!("{:.0}", time.at);
    match offset(time.at) {
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{wall}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
        None => wall.to_string(),
    }
}

/// Whether money comes back before departure, where it is told.
pub fn refundable(conditions: &Conditions) -> Option<bool> {
    allowed(&conditions.refund_before_departure)
}

fn allowed(condition: &Option<Condition>) -> Option<bool> {
    condition.as_ref().map(|condition| condition.allowed)
}

/// One fare of an itinerary, under an offer id.
pub fn fare(
    id: String,
    price: PriceView,
    table: &OfferTable,
    row: &Row,
    baggage: Arc<[BaggageView]>,
    baggage_included: bool,
) -> FareView {
    let brands = table.brands(row);
    let same_brand = brands.windows(2).all(|pair| pair[0] == pair[1]);
    let conditions = table.conditions(row).unwrap_or(&UNTOLD);
    let mut carriage = table.carriage(row);
    let slices = table.itinerary(row.itinerary).iter().zip(brands).map(|(&slice, brand)| {
        let (carried, rest) = carriage.split_at_checked(table.slice(slice).len()).unwrap_or((carriage, &[]));
        carriage = rest;
        FareSliceView {
            fare_brand: brand.clone(),
            booking_classes: texts(carried.iter().map(|carried| &carried.booking_class)),
            fare_bases: texts(carried.iter().map(|carried| &carried.fare_basis)),
        }
    });
    FareView {
        id,
        price,
        fare_brand: brands.first().filter(|_| same_brand).cloned().flatten(),
        fare_slices: slices.collect(),
        baggage,
        baggage_included,
        refundable: refundable(conditions),
        changeable: allowed(&conditions.change_before_departure),
        conditions: ConditionsView {
            refund_before_departure: term(&conditions.refund_before_departure),
            refund_after_departure: term(&conditions.refund_after_departure),
            change_before_departure: term(&conditions.change_before_departure),
            change_after_departure: term(&conditions.change_after_departure),
        },
        seats_left: table.carriage(row).iter().filter_map(|carried| carried.seats_left).min(),
        validating_carrier: table.owner(row).into(),
        ticketing_deadline: row.ticketing_deadline.map(|deadline| deadline.to_string()),
    }
}

static UNTOLD: Conditions = Conditions {
    refund_before_departure: None,
    refund_after_departure: None,
    change_before_departure: None,
    change_after_departure: None,
};

fn texts<'a>(texts: impl Iterator<Item = &'a Option<Text>> + Clone) -> Vec<Text> {
    if texts.clone().all(Option::is_none) {
        return Vec::new();
    }
    texts.map(|text| text.clone().unwrap_or_default()).collect()
}

fn term(condition: &Option<Condition>) -> TermView {
    match condition {
        None => TermView::Unknown,
        Some(condition) if !condition.allowed => TermView::NotAllowed,
        Some(condition) if condition.penalty.is_some_and(|penalty| penalty.units == 0) => TermView::Free,
        Some(_) => TermView::WithPenalty,
    }
}

/// A decimal amount.
pub fn amount(units: i64, currency: Currency) -> Amount {
    Money::new(units, currency).into()
}

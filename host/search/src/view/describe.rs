//! Offers as frontends see them.

use super::{
    Amount, BaggageView, ConditionsView, FareSliceView, FareView, ItineraryView, PriceView, SegmentView, SliceView,
    TermView,
};
use interline_domain::itinerary::{Fingerprint, LocalTime, Segment, minutes_between};
use interline_domain::money::{Currency, Money};
use interline_domain::offer::{Condition, Conditions};
use interline_domain::table::{OfferTable, Row};
use interline_domain::text::Text;
use interline_domain::trip::Cabin;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
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
    let flown = || table.flights(slice).zip(table.slice(slice));
    let times: Vec<_> = table.flights(slice).map(Times::of).collect();
    let (departs, arrives) = (times.first()?.departs, times.last()?.arrives);
    let told = table.slice_minutes(slice);
    let mut segments: Vec<SegmentView> = Vec::with_capacity(times.len());
    segments.extend(flown().zip(times).map(|((flight, flown), times)| segment(flight, flown.cabin, times)));
    let (first, last) = (segments.first()?, segments.last()?);
    let stops = segments.len() - 1 + segments.iter().map(|segment| segment.stops.len()).sum::<usize>();
    let alone = || first.duration_minutes.filter(|_| segments.len() == 1);
    Some(SliceView {
        origin: first.origin.clone(),
        destination: last.destination.clone(),
        departure: first.departure.clone(),
        arrival: last.arrival.clone(),
        duration_minutes: minutes_between(departs, arrives).or(told).or_else(alone),
        stops: u8::try_from(stops).unwrap_or(u8::MAX),
        segments,
    })
}

/// When a segment leaves and arrives: as it is shown, and as it is counted.
struct Times {
    departure: String,
    arrival: String,
    departs: Option<Timestamp>,
    arrives: Option<Timestamp>,
}

impl Times {
    fn of(segment: &Segment) -> Self {
        let (departure, departs) = local(segment.departure, &segment.origin);
        let (arrival, arrives) = local(segment.arrival, &segment.destination);
        Self { departure, arrival, departs, arrives }
    }
}

fn segment(segment: &Segment, cabin: Cabin, times: Times) -> SegmentView {
    let Times { departure, arrival, departs, arrives } = times;
    SegmentView {
        origin: segment.origin.clone(),
        origin_terminal: segment.origin_terminal.clone(),
        destination: segment.destination.clone(),
        destination_terminal: segment.destination_terminal.clone(),
        departure,
        arrival,
        marketing_carrier: segment.marketing_carrier.clone(),
        flight_number: segment.marketing_flight_number.clone(),
        operating_carrier: segment.operating_carrier.clone(),
        operating_flight_number: segment.operating_flight_number.clone(),
        aircraft: segment.aircraft.clone(),
        cabin,
        duration_minutes: minutes_between(departs, arrives).or(segment.duration_minutes),
        stops: segment.stops.clone(),
    }
}

/// Without what there may be of a second.
static WALL_CLOCK: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// `2027-01-20T23:30:00+07:00`, and the moment; without an offset where neither airport nor supplier tells it.
fn local(time: LocalTime, airport: &str) -> (String, Option<Timestamp>) {
    let placed = time.placed(airport);
    let mut text = String::with_capacity("2027-01-20T23:30:00+07:00".len());
    // Written to memory: it cannot fail.
    let _ = WALL_CLOCK.print_datetime(&time.at, &mut text);
    if let Some((_, offset)) = placed {
        let minutes = offset.seconds() / 60;
        text.push(if minutes < 0 { '-' } else { '+' });
        two_digits(minutes.unsigned_abs() / 60, &mut text);
        text.push(':');
        two_digits(minutes.unsigned_abs() % 60, &mut text);
    }
    (text, placed.map(|(instant, _)| instant))
}

fn two_digits(number: u32, text: &mut String) {
    text.extend([number / 10 % 10, number % 10].into_iter().filter_map(|digit| char::from_digit(digit, 10)));
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

//! A trip and offers for it.

use interline_domain::itinerary::{LocalTime, Segment};
use interline_domain::money::{Currency, Money};
use interline_domain::offer::{Condition, Conditions, Offer, OfferSegment, OfferSlice, PassengerFare, SupplierReply};
use interline_domain::passengers::{PassengerKind, PassengerMix};
use interline_domain::trip::{Cabin, SliceQuery, Trip};
use interline_native_rules::Loaded;
use interline_pricing::{Pricing, PricingContext, RateTable};
use jiff::Timestamp;
use std::sync::Arc;

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn now() -> Timestamp {
    "2026-11-23T16:00:30Z".parse().unwrap()
}

/// CGK → NRT and back, for an adult, a child and an infant.
pub fn trip() -> Trip {
    let slice = |origin: &str, destination: &str, date: &str| SliceQuery {
        origin: origin.parse().unwrap(),
        destination: destination.parse().unwrap(),
        departure_date: date.parse().unwrap(),
    };
    let slices = vec![slice("CGK", "NRT", "2027-02-10"), slice("NRT", "CGK", "2027-02-20")];
    Trip::new(slices, PassengerMix::new(1, vec![7], 1).unwrap(), Cabin::Economy).unwrap()
}

fn segment(origin: &str, destination: &str, departs: &str, arrives: &str, number: &str) -> Segment {
    let local = |time: &str| LocalTime { at: time.parse().unwrap(), offset_minutes: None };
    Segment {
        origin: origin.into(),
        destination: destination.into(),
        origin_terminal: None,
        destination_terminal: None,
        departure: local(departs),
        arrival: local(arrives),
        marketing_carrier: "NH".into(),
        marketing_flight_number: number.into(),
        operating_carrier: None,
        operating_flight_number: None,
        aircraft: None,
        duration_minutes: None,
        stops: vec![],
    }
}

pub fn reply(offers: Vec<Offer>) -> SupplierReply {
    let segments = vec![
        segment("CGK", "NRT", "2027-02-10T23:15:00", "2027-02-11T08:40:00", "8836"),
        segment("NRT", "CGK", "2027-02-20T10:05:00", "2027-02-20T16:10:00", "8835"),
    ];
    SupplierReply { segments, offers, skipped: vec![] }
}

/// An offer of `base` and `taxes` minor units, out and back without a stop.
pub fn offer(id: &str, currency_code: &str, base: i64, taxes: i64) -> Offer {
    let money = |units| Money::new(units, currency(currency_code));
    let slice = |segment| OfferSlice {
        segments: vec![OfferSegment {
            segment,
            cabin: Cabin::Economy,
            booking_class: Some("K".into()),
            fare_basis: None,
            seats_left: None,
        }],
        fare_brand: Some("Economy Value".into()),
        duration_minutes: None,
    };
    Offer {
        id: id.to_owned(),
        token: Arc::from([].as_slice()),
        owner: "NH".into(),
        slices: vec![slice(0), slice(1)],
        fares: vec![PassengerFare {
            kind: PassengerKind::Adult,
            passengers: vec![0],
            base: money(base),
            taxes: vec![],
            taxes_total: money(taxes),
            total: money(base + taxes),
        }],
        base: money(base),
        taxes: money(taxes),
        total: money(base + taxes),
        baggage: vec![],
        conditions: Conditions {
            refund_before_departure: Some(Condition { allowed: true, penalty: Some(money(base / 10)) }),
            ..Conditions::default()
        },
        expires_at: None,
        ticketing_deadline: None,
        holdable: true,
    }
}

pub fn pricing(rules: Loaded) -> Pricing {
    Pricing::new(Arc::new(rules), RateTable::sandbox().unwrap())
}

pub fn context(pricing: &Pricing, display: &str) -> PricingContext {
    PricingContext {
        point_of_sale: "ID".to_owned(),
        channel: "web".to_owned(),
        customer_segment: "retail".to_owned(),
        display_currency: currency(display),
        rates: pricing.rates().version().clone(),
    }
}

//! Replies, good and bad.

use interline_plugin_sdk::supplier::*;

/// A reply over one segment.
pub fn reply(offers: Vec<Offer>) -> SearchReply {
    SearchReply { segments: vec![segment()], offers, skipped: Vec::new() }
}

/// One good offer among bad ones, each bad in its own way.
pub fn skipping() -> SearchReply {
    let bad = |id: &str, spoil: fn(&mut Offer)| {
        let mut offer = offer(id, 100);
        spoil(&mut offer);
        offer
    };
    reply(vec![
        bad("wrong index", |offer| offer.slices[0].segments[0].segment = 4_000_000_000),
        bad("wrong exponent", |offer| offer.total.exponent = 7),
        bad("no currency", |offer| offer.total.currency = "€€€".to_owned()),
        bad("below zero", |offer| offer.total.units = i64::MIN),
        bad("another passenger", |offer| offer.fares[0].passengers = vec![200]),
        bad("no moment", |offer| offer.expires_at = Some(u64::MAX)),
        bad("too large a token", |offer| offer.token = vec![0; 100_000]),
        bad("no slices", |offer| offer.slices.clear()),
        offer("good", 10_000),
    ])
}

/// A good offer.
pub fn offer(id: &str, units: i64) -> Offer {
    let at =
        OfferSegment { segment: 0, cabin: Cabin::Economy, booking_class: None, fare_basis: None, seats_left: None };
    Offer {
        id: id.to_owned(),
        token: id.as_bytes().to_vec(),
        owner: "QZ".to_owned(),
        slices: vec![OfferSlice { segments: vec![at], fare_brand: None, duration_minutes: None }],
        fares: vec![PassengerFare {
            kind: PassengerType::Adult,
            passengers: vec![0],
            base: money(units),
            taxes: Vec::new(),
            taxes_total: money(0),
            total: money(units),
        }],
        base: money(units),
        taxes: money(0),
        total: money(units),
        baggage: Vec::new(),
        conditions: Conditions {
            refund_before_departure: None,
            refund_after_departure: None,
            change_before_departure: None,
            change_after_departure: None,
        },
        expires_at: None,
        ticketing_deadline: None,
        holdable: true,
    }
}

/// An amount in euro.
pub fn money(units: i64) -> Money {
    Money { units, currency: "EUR".to_owned(), exponent: 2 }
}

/// A held order.
pub fn order(id: &str, total: Money) -> Order {
    Order {
        id: id.to_owned(),
        locator: "ABC123".to_owned(),
        carrier_locators: Vec::new(),
        status: OrderStatus::Held,
        total,
        tickets: Vec::new(),
        ticketing_deadline: None,
        segments: vec![segment()],
        token: Vec::new(),
    }
}

fn segment() -> Segment {
    let at = |hour| LocalTime {
        date: Date { year: 2027, month: 1, day: 20 },
        hour,
        minute: 0,
        second: 0,
        offset_minutes: None,
    };
    Segment {
        origin: "CGK".to_owned(),
        destination: "NRT".to_owned(),
        origin_terminal: None,
        destination_terminal: None,
        departure: at(8),
        arrival: at(17),
        marketing_carrier: "QZ".to_owned(),
        marketing_flight_number: "1".to_owned(),
        operating_carrier: None,
        operating_flight_number: None,
        aircraft: None,
        duration_minutes: None,
        stops: Vec::new(),
    }
}

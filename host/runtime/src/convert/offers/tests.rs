//! What a supplier's reply may do to itself, and not to its other offers.

use super::*;
use crate::contract::money::Money as WireMoney;
use crate::contract::time::{Date, LocalTime};
use proptest::prelude::*;

fn money(units: i64) -> WireMoney {
    WireMoney { units, currency: "EUR".to_owned(), exponent: 2 }
}

fn segment() -> flights::Segment {
    let at = |hour| LocalTime {
        date: Date { year: 2027, month: 1, day: 20 },
        hour,
        minute: 30,
        second: 0,
        offset_minutes: None,
    };
    flights::Segment {
        origin: "CGK".to_owned(),
        destination: "NRT".to_owned(),
        origin_terminal: None,
        destination_terminal: None,
        departure: at(9),
        arrival: at(18),
        marketing_carrier: "QA".to_owned(),
        marketing_flight_number: "087".to_owned(),
        operating_carrier: None,
        operating_flight_number: None,
        aircraft: None,
        duration_minutes: None,
        stops: Vec::new(),
    }
}

fn offer(id: &str, total: i64) -> flights::Offer {
    let at = flights::OfferSegment {
        segment: 0,
        cabin: flights::Cabin::Economy,
        booking_class: None,
        fare_basis: None,
        seats_left: None,
    };
    flights::Offer {
        id: id.to_owned(),
        token: Vec::new(),
        owner: "QA".to_owned(),
        slices: vec![flights::OfferSlice { segments: vec![at], fare_brand: None, duration_minutes: None }],
        fares: vec![flights::PassengerFare {
            kind: flights::PassengerType::Adult,
            passengers: vec![0],
            base: money(total),
            taxes: Vec::new(),
            taxes_total: money(0),
            total: money(total),
        }],
        base: money(total),
        taxes: money(0),
        total: money(total),
        baggage: Vec::new(),
        conditions: flights::Conditions {
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

fn convert(offers: Vec<flights::Offer>, most: usize) -> SupplierReply {
    let reply = flight_search::SearchReply { segments: vec![segment()], offers, skipped: Vec::new() };
    reply_in(reply, Asked { slices: Some(1), passengers: Some(1) }, most).value
}

type Spoil = fn(&mut flights::Offer);

#[test]
fn a_wrong_offer_is_skipped_with_its_reason_and_the_others_stay() {
    let wrong: [(&str, Spoil); 10] = [
        ("segment 7", |offer| offer.slices[0].segments[0].segment = 7),
        ("exponent", |offer| offer.total.exponent = 3),
        ("exponent", |offer| offer.fares[0].base.exponent = 0),
        ("ISO 4217", |offer| offer.base.currency = "ZZZ".to_owned()),
        ("passenger 4", |offer| offer.fares[0].passengers = vec![4]),
        ("0 of 1 passengers", |offer| offer.fares[0].passengers.clear()),
        ("slices", |offer| offer.slices.clear()),
        ("moment", |offer| offer.expires_at = Some(u64::MAX)),
        ("token", |offer| offer.token = vec![0; TOKEN + 1]),
        ("total", |offer| offer.total.units = -1),
    ];
    for (reason, break_it) in wrong {
        let mut broken = offer("broken", 100);
        break_it(&mut broken);
        let reply = convert(vec![offer("before", 100), broken, offer("after", 100)], 10);
        let kept: Vec<_> = reply.offers.iter().map(|offer| offer.id.as_str()).collect();
        assert_eq!(kept, ["before", "after"], "{reason}");
        assert!(reply.skipped[0].reason.contains(reason), "{:?}", reply.skipped);
    }
}

#[test]
fn a_wrong_segment_takes_only_its_own_offers_along() {
    let mut wrong = segment();
    wrong.origin = "nowhere".to_owned();
    let mut on_it = offer("on the wrong segment", 100);
    on_it.slices[0].segments[0].segment = 0;
    let mut beside = offer("beside it", 100);
    beside.slices[0].segments[0].segment = 1;
    let segments = vec![wrong, segment()];
    let reply = flight_search::SearchReply { segments, offers: vec![on_it, beside], skipped: Vec::new() };
    let reply = reply_in(reply, Asked::default(), 10).value;
    assert_eq!(reply.offers.len(), 1);
    assert_eq!(reply.segments[reply.offers[0].slices[0].segments[0].segment as usize].origin, "CGK");
}

#[test]
fn the_dearest_are_dropped_first() {
    let reply = convert(vec![offer("a", 300), offer("b", 100), offer("c", 200)], 2);
    let kept: Vec<_> = reply.offers.iter().map(|offer| offer.id.as_str()).collect();
    assert_eq!(kept, ["b", "c"]);
}

proptest! {
    #[test]
    fn whatever_indexes_say_kept_offers_point_into_the_reply(
        indexes in prop::collection::vec(any::<u32>().prop_map(|index| index % 4), 1..20),
    ) {
        let offers = indexes.iter().enumerate().map(|(number, &index)| {
            let mut offer = offer(&number.to_string(), 100);
            offer.slices[0].segments[0].segment = index;
            offer
        });
        let reply = convert(offers.collect(), 100);
        prop_assert_eq!(reply.offers.len() + reply.skipped.len(), indexes.len());
        for offer in &reply.offers {
            prop_assert!((offer.slices[0].segments[0].segment as usize) < reply.segments.len());
        }
    }
}

//! The operations over scripted answers of uAPI; the answers are in `fixtures/`, of invented airlines.

mod mutated;
mod variants;

use crate::{cancel, order, price, search, ticketing};
use interline_plugin_sdk::http::{Progress, Response, Script};
use interline_plugin_sdk::supplier::*;
use interline_plugin_sdk::{time, token};

fn fixture(name: &str) -> Response {
    let path = format!("{}/fixtures/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    Response::new(200, std::fs::read(path).expect("a fixture"))
}

fn yen(units: i64) -> Money {
    Money { units, currency: "JPY".to_owned(), exponent: 0 }
}

fn party() -> Vec<Passenger> {
    let one = |kind, age| Passenger { kind, age };
    vec![one(PassengerType::Adult, None), one(PassengerType::Adult, None), one(PassengerType::Child, Some(9))]
}

fn asked() -> SearchRequest {
    SearchRequest {
        slices: vec![SliceQuery {
            origin: "CGK".to_owned(),
            destination: "NRT".to_owned(),
            departure_date: time::date("2027-01-20").expect("a date"),
        }],
        passengers: party(),
        cabin: Cabin::Economy,
        currency: None,
        point_of_sale: None,
        timeout_ms: 5_000,
        max_offers: 100,
    }
}

fn found() -> SearchReply {
    search::search(&Script::of([fixture("search_points")]), &asked()).expect("a reply")
}

#[test]
fn every_option_of_a_price_point_is_an_offer_and_a_wrong_point_is_skipped() {
    let reply = found();
    assert_eq!((reply.offers.len(), reply.skipped.len(), reply.segments.len()), (2, 1, 3));
    let offer = &reply.offers[0];
    assert_eq!((&offer.base, &offer.taxes, &offer.total), (&yen(70_000), &yen(14_000), &yen(84_000)));
    assert_eq!(offer.fares[0].passengers, [0, 1]);
    assert_eq!((offer.fares[1].kind, &offer.fares[1].passengers[..]), (PassengerType::Child, &[2u8][..]));
    let cancel = offer.conditions.refund_before_departure.clone().expect("told");
    assert_eq!((cancel.allowed, cancel.penalty), (true, Some(yen(15_000))));
    assert!(offer.conditions.change_before_departure.as_ref().is_some_and(|change| !change.allowed));
    assert_eq!(offer.slices[0].fare_brand.as_deref(), Some("Lite"));
    let bag = &offer.baggage[0];
    assert_eq!((bag.passenger, bag.pieces, bag.weight_kg), (0, Some(1), Some(23)));
    assert_eq!(reply.segments[0].operating_carrier.as_deref(), Some("ZJ"));
}

#[test]
fn a_price_keeps_the_offers_id() {
    let request = PriceRequest {
        offer_id: "p1.0".to_owned(),
        token: found().offers[0].token.clone(),
        passengers: party(),
        timeout_ms: 5_000,
    };
    let priced = price::check(&Script::of([fixture("price")]), &request).expect("a price");
    assert_eq!((priced.offer.id.as_str(), priced.offer.total, priced.segments.len()), ("p1.0", yen(84_000), 2));
}

fn wanted(total: i64) -> OrderRequest {
    let one = |kind, given: &str, born: &str| Traveller {
        kind,
        title: None,
        given_name: given.to_owned(),
        family_name: "Wirjawan".to_owned(),
        born_on: time::date(born).expect("a date"),
        gender: Gender::Female,
        document: None,
        lap_of: None,
    };
    OrderRequest {
        client_reference: "ref-1".to_owned(),
        offer_id: "p1.0".to_owned(),
        token: found().offers[0].token.clone(),
        expected_total: yen(total),
        travellers: vec![
            one(PassengerType::Adult, "Ann", "1990-01-01"),
            one(PassengerType::Adult, "Ben", "1990-01-01"),
            one(PassengerType::Child, "Kid", "2017-06-01"),
        ],
        contact: Contact { email: "ann@example.com".to_owned(), phone: "+628110000".to_owned() },
        timeout_ms: 5_000,
    }
}

fn made() -> Order {
    order::create(&Script::of([fixture("price"), fixture("record_held")]), &wanted(84_000)).expect("made")
}

#[test]
fn a_reservation_is_held_at_the_price_agreed() {
    let made = made();
    assert_eq!((made.id.as_str(), made.locator.as_str(), made.status), ("UR1234", "PNR123", OrderStatus::Held));
    assert_eq!((made.total, made.segments.len()), (yen(84_000), 2));
    let script = Script::of([fixture("price")]);
    let dearer = order::create(&script, &wanted(83_999)).expect_err("dearer");
    assert_eq!(dearer.disposition, Disposition::PriceChanged(Some(yen(84_000))));
    assert_eq!(script.sent().len(), 1, "nothing is reserved");
}

#[test]
fn a_lost_reservation_has_an_unknown_outcome_and_a_full_flight_is_sold_out() {
    let script = Script::of([fixture("price")]);
    script.fail(Progress::MaybeSent);
    let lost = order::create(&script, &wanted(84_000)).expect_err("lost");
    assert_eq!(lost.disposition, Disposition::OutcomeUnknown);
    let gone = Response { status: 500, ..fixture("sold_out") };
    let gone = order::create(&Script::of([fixture("price"), gone]), &wanted(84_000)).expect_err("gone");
    assert_eq!((gone.disposition, gone.code.as_deref()), (Disposition::SoldOut, Some("3000")));
}

fn reference() -> OrderRef {
    let made = made();
    OrderRef { id: made.id, token: made.token, timeout_ms: 5_000 }
}

#[test]
fn tickets_belong_to_their_travellers_whatever_the_records_order() {
    let order = order::retrieve(&Script::of([fixture("record_ticketed")]), &reference()).expect("an order");
    let tickets: Vec<_> = order.tickets.iter().map(|one| (one.traveller, one.number.as_str())).collect();
    assert_eq!(tickets, [(0, "9992100000001"), (1, "9992100000000"), (2, "9992100000002")]);
    assert_eq!(order.status, OrderStatus::Ticketed);
}

#[test]
fn a_record_in_use_is_ticketed_later() {
    let request = TicketRequest {
        client_reference: "ref-2".to_owned(),
        order: reference(),
        travellers: 3,
        expected_total: yen(84_000),
    };
    let busy = ticketing::issue(&Script::of([fixture("record_held"), fixture("ticket_refused")]), &request);
    assert!(matches!(busy.map_err(|fault| fault.disposition), Err(Disposition::RetryAfter(_))));
    let script = Script::of([fixture("record_ticketed")]);
    assert!(ticketing::issue(&script, &request).is_ok());
    assert_eq!(script.sent().len(), 1, "issued before");
}

#[test]
fn nothing_is_owed_for_what_is_not_ticketed() {
    let quote = cancel::quote(&Script::of([fixture("record_held")]), &reference()).expect("a quote");
    assert_eq!(quote.refund, yen(0));
    let request = CancelRequest { client_reference: "ref-3".to_owned(), order: reference(), quote: quote.token };
    let script = Script::of([fixture("record_held"), fixture("cancelled")]);
    assert_eq!(cancel::cancel(&script, &request).map(|done| done.refund), Ok(yen(0)));
    assert!(String::from_utf8_lossy(&script.sent()[1].body).contains("Version=\"3\""));
}

fn envelope(message: &str) -> Response {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    Response::new(200, format!("<s:Envelope xmlns:s=\"{soap}\"><s:Body>{message}</s:Body></s:Envelope>"))
}

/// A record whose tickets are refunded, and what quotes and makes the refund.
fn refunds() -> [Response; 3] {
    let record = fixture("record_ticketed").text().replace("Status=\"N\"", "Status=\"R\"");
    let info =
        "<r:AirRefundBundle><r:AirRefundInfo RefundAmount=\"JPY60000\" RetainAmount=\"JPY24000\"/></r:AirRefundBundle>";
    [
        Response::new(200, record),
        envelope(&format!("<r:AirRefundQuoteRsp xmlns:r=\"r\">{info}</r:AirRefundQuoteRsp>")),
        envelope("<r:AirRefundRsp xmlns:r=\"r\"/>"),
    ]
}

fn cancellation(quote: Vec<u8>) -> CancelRequest {
    CancelRequest { client_reference: "ref-4".to_owned(), order: reference(), quote }
}

#[test]
fn tickets_are_refunded_before_the_record_is_cancelled() {
    let [refunded, quoted, made] = refunds();
    let quote =
        cancel::quote(&Script::of([fixture("record_ticketed"), quoted.clone()]), &reference()).expect("a quote");
    assert_eq!(quote.refund, yen(60_000));
    let script = Script::of([fixture("record_ticketed"), quoted, made, refunded.clone(), fixture("cancelled")]);
    assert_eq!(cancel::cancel(&script, &cancellation(quote.token.clone())).map(|done| done.refund), Ok(yen(60_000)));
    let sent: Vec<String> = script.sent().iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect();
    assert!(sent[2].contains("AirRefundReq") && sent[2].contains("RefundAmount=\"JPY60000\""), "{}", sent[2]);
    // Whoever comes again finds them refunded, and asks for no second refund.
    let again = Script::of([refunded, fixture("cancelled")]);
    assert_eq!(cancel::cancel(&again, &cancellation(quote.token)).map(|done| done.refund), Ok(yen(60_000)));
}

#[test]
fn what_fails_behind_a_refund_is_not_told_as_if_nothing_was_done() {
    let [refunded, quoted, made] = refunds();
    let quote =
        cancel::quote(&Script::of([fixture("record_ticketed"), quoted.clone()]), &reference()).expect("a quote");
    let script = Script::of([fixture("record_ticketed"), quoted, made, refunded, fixture("sold_out")]);
    let fault = cancel::cancel(&script, &cancellation(quote.token)).expect_err("not cancelled");
    assert_eq!(fault.disposition, Disposition::OutcomeUnknown, "{fault:?}");
}

#[test]
fn a_token_of_many_flights_is_small() {
    assert!(found().offers.iter().all(|offer| offer.token.len() < token::LONGEST / 16));
}

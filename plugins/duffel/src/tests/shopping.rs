use super::*;
use crate::token::OfferToken;
use crate::{price, search};
use interline_plugin_sdk::http::{Progress, Script};
use interline_plugin_sdk::supplier::*;
use interline_plugin_sdk::time;

pub(super) fn request() -> SearchRequest {
    let slice = |origin: &str, destination: &str, day| SliceQuery {
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        departure_date: time::date(day).expect("a date"),
    };
    SearchRequest {
        slices: vec![slice("CGK", "TYO", "2027-01-20"), slice("TYO", "CGK", "2027-02-03")],
        passengers: family(),
        cabin: Cabin::Economy,
        currency: None,
        point_of_sale: None,
        timeout_ms: 10_000,
        max_offers: 300,
    }
}

fn searched() -> SearchReply {
    search::search(&Script::of([fixture("offer_request")]), &request()).expect("offers")
}

#[test]
fn a_search_asks_for_slices_passengers_and_cabin() {
    let script = Script::of([fixture("offer_request")]);
    search::search(&script, &request()).expect("offers");
    let sent = script.sent().remove(0);
    assert_eq!(sent.url, "https://api.duffel.com/air/offer_requests?return_offers=true&supplier_timeout=9000");
    assert_eq!(sent.header_value("duffel-version"), Some("v2"));
    let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!(
        body["data"],
        serde_json::json!({
            "slices": [
                {"origin": "CGK", "destination": "TYO", "departure_date": "2027-01-20"},
                {"origin": "TYO", "destination": "CGK", "departure_date": "2027-02-03"}
            ],
            "passengers": [{"type": "adult"}, {"type": "adult"}, {"age": 9}, {"type": "infant_without_seat"}],
            "cabin_class": "economy",
            "max_connections": 2
        })
    );
}

#[test]
fn a_wrong_offer_does_not_lose_the_others() {
    let reply = searched();
    assert_eq!(reply.offers.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["off_instant", "off_hold"]);
    let skipped: Vec<_> = reply.skipped.iter().map(|s| s.id.as_deref().unwrap_or_default()).collect();
    assert_eq!(skipped, ["off_bad_time", "off_partial", "off_too_fine", "off_others", "off_shape"]);
    assert_eq!(reply.segments.len(), 3, "each flight stands once");
}

#[test]
fn flights_keep_times_carriers_terminals_and_stops() {
    let reply = searched();
    let codeshare = &reply.segments[1];
    assert_eq!((codeshare.marketing_carrier.as_str(), codeshare.marketing_flight_number.as_str()), ("XQ", "9088"));
    assert_eq!(codeshare.operating_carrier.as_deref(), Some("ZJ"));
    assert_eq!(codeshare.operating_flight_number, None);
    assert_eq!((codeshare.origin_terminal.as_deref(), codeshare.destination_terminal.as_deref()), (None, Some("2")));
    assert_eq!(time::format_local(&codeshare.departure), "2027-01-20T11:55:00");
    assert_eq!(codeshare.duration_minutes, Some(410));
    assert_eq!(codeshare.aircraft.as_deref(), Some("359"));
    assert_eq!(reply.segments[2].stops, ["DPS"]);
    let slices = &reply.offers[0].slices;
    assert_eq!(slices.iter().map(|s| s.segments.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((slices[0].fare_brand.as_deref(), slices[0].duration_minutes), (Some("Light"), Some(630)));
    assert_eq!(slices[0].segments[0].fare_basis.as_deref(), Some("YLOWID"));
}

#[test]
fn prices_conditions_and_limits_are_exact() {
    let reply = searched();
    let [instant, hold] = reply.offers.as_slice() else { panic!("two offers") };
    assert_eq!((&instant.base, &instant.taxes, &instant.total), (&euro(200_007), &euro(41_130), &euro(241_137)));
    assert_eq!(hold.taxes, euro(45_000), "what is not told is the difference");
    assert!(instant.fares.is_empty(), "prices by passenger are not made up");
    assert!(hold.holdable && !instant.holdable);
    assert_eq!(instant.expires_at, time::instant("2026-12-01T10:30:00Z").ok());
    assert_eq!(hold.ticketing_deadline, time::instant("2026-11-25T09:00:00Z").ok());
    let refund = instant.conditions.refund_before_departure.clone().expect("told");
    assert_eq!((refund.allowed, refund.penalty), (true, Some(euro(7_500))));
    let change = instant.conditions.change_before_departure.clone().expect("told by both slices");
    assert_eq!((change.allowed, change.penalty), (true, Some(euro(6_000))));
    let refused = Some(Condition { allowed: false, penalty: None });
    assert_eq!(hold.conditions.refund_before_departure, refused);
}

#[test]
fn baggage_is_told_by_passenger_and_segment() {
    let reply = searched();
    let bags = |passenger, segment, kind| {
        let mut all = reply.offers[0].baggage.iter();
        all.find(|b| (b.passenger, b.segment, b.kind) == (passenger, segment, kind)).map(|b| b.pieces)
    };
    assert_eq!(bags(0, 0, BagKind::Checked), Some(Some(2)));
    assert_eq!(bags(2, 1, BagKind::CarryOn), Some(Some(1)));
    assert_eq!(bags(1, 2, BagKind::Checked), Some(Some(0)), "none is included");
    assert_eq!(bags(1, 2, BagKind::CarryOn), None, "not told");
    assert_eq!(bags(3, 0, BagKind::Checked), None);
}

#[test]
fn the_token_has_duffels_ids_in_the_order_of_the_passengers() {
    let token: OfferToken = crate::token::decode(&searched().offers[1].token).expect("reads");
    assert_eq!(token.passengers, ["pas_ann", "pas_ben", "pas_kid", "pas_lap"]);
    assert!(token.hold);
    assert_eq!(token.documents, ["passport"]);
}

#[test]
fn lists_single_offers_and_offer_requests_read_alike() {
    let whole: serde_json::Value = serde_json::from_slice(&fixture("offer_request").body).expect("JSON");
    let list = serde_json::json!({"data": whole["data"]["offers"], "meta": {"after": null}}).to_string();
    let listed = search::reply(&Response::new(200, list), &request(), false).expect("offers");
    assert_eq!((listed.segments, listed.offers), (searched().segments, searched().offers));
    let bare = whole["data"]["offers"][0].to_string();
    assert_eq!(search::reply(&Response::new(200, bare), &request(), false).map(|r| r.offers.len()), Ok(1));
    assert_eq!(search::reply(&fixture("offer_hold"), &request(), false).map(|r| r.offers.len()), Ok(1));
    let none = r#"{"data": {"id": "orq_1", "offers": []}}"#;
    assert_eq!(search::reply(&Response::new(200, none), &request(), false).map(|r| r.offers.len()), Ok(0));
}

#[test]
fn a_replayed_reply_says_itself_who_travels() {
    let alone = SearchRequest { passengers: vec![family().remove(0)], ..request() };
    let reply = search::reply(&fixture("offer_request"), &alone, true).expect("offers");
    assert_eq!(reply.offers.len(), 3);
    assert!(
        search::reply(&fixture("offer_request"), &alone, false)
            .expect("offers")
            .offers
            .iter()
            .all(|o| o.id == "off_others")
    );
}

#[test]
fn the_fare_of_a_single_passenger_is_the_offers() {
    let alone = SearchRequest { passengers: vec![family().remove(0)], ..request() };
    let reply = search::reply(&fixture("offer_request"), &alone, false).expect("offers");
    let fare = reply.offers[0].fares.first().expect("known");
    assert_eq!((&fare.total, fare.passengers.as_slice()), (&euro(1_000), &[0][..]));
}

#[test]
fn a_search_that_is_cut_off_may_be_made_again() {
    let script = Script::default();
    script.fail(Progress::MaybeSent);
    let fault = search::search(&script, &request()).expect_err("cut off");
    assert!(matches!(fault.disposition, Disposition::RetryAfter(_)));
    let garbage = search::search(&Script::of([Response::new(200, "{\"data\": {")]), &request()).expect_err("garbage");
    assert!(matches!(garbage.disposition, Disposition::RetryAfter(_)));
}

fn check(reply: Response) -> Result<PriceReply, Fault> {
    let request =
        PriceRequest { offer_id: "off_hold".to_owned(), token: Vec::new(), passengers: family(), timeout_ms: 10_000 };
    price::check(&Script::of([reply]), &request)
}

#[test]
fn a_price_check_answers_with_the_price_of_now() {
    let reply = check(altered("offer_hold", "\"2650.00\"", "\"2725.50\"")).expect("priced");
    assert_eq!((reply.offer.total, reply.offer.slices.len(), reply.segments.len()), (euro(272_550), 2, 3));
}

#[test]
fn an_offer_that_is_gone_is_sold_out_or_expired() {
    let disposition = |reply| check(reply).expect_err("refused").disposition;
    let gone = refusal(422, "invalid_state_error", "offer_no_longer_available");
    assert_eq!(disposition(gone), Disposition::SoldOut);
    assert_eq!(disposition(refusal(404, "invalid_request_error", "not_found")), Disposition::OfferExpired);
    assert!(matches!(disposition(Response::new(503, "")), Disposition::RetryAfter(_)));
}

use super::*;
use crate::token::OfferToken;
use crate::{find, order, ticketing};
use interline_plugin_sdk::http::{Method, Progress, Script};
use interline_plugin_sdk::supplier::*;
use interline_plugin_sdk::time;

fn traveller(kind: PassengerType, given: &str, gender: Gender, lap_of: Option<u8>) -> Traveller {
    Traveller {
        kind,
        title: None,
        given_name: given.to_owned(),
        family_name: "Wirjawan".to_owned(),
        born_on: time::date("1990-05-04").expect("a date"),
        gender,
        document: Some(Document {
            kind: DocumentKind::Passport,
            number: "X123".to_owned(),
            issuing_country: "ID".to_owned(),
            nationality: "ID".to_owned(),
            expires_on: time::date("2030-01-01").expect("a date"),
        }),
        lap_of,
    }
}

pub(super) fn wanted(hold: bool) -> OrderRequest {
    let token = OfferToken {
        passengers: ["pas_ann", "pas_ben", "pas_kid", "pas_lap"].map(str::to_owned).to_vec(),
        hold,
        documents: vec!["passport".to_owned()],
        document_required: false,
    };
    OrderRequest {
        client_reference: "ref-1".to_owned(),
        offer_id: "off_1".to_owned(),
        token: token.encode().expect("a token"),
        expected_total: euro(265_000),
        travellers: vec![
            traveller(PassengerType::Adult, "Ann", Gender::Female, None),
            traveller(PassengerType::Adult, "Ben", Gender::Male, None),
            traveller(PassengerType::Child, "Kid", Gender::Male, None),
            traveller(PassengerType::Infant, "Lap", Gender::Female, Some(1)),
        ],
        contact: Contact { email: "ann@example.com".to_owned(), phone: "+628110000".to_owned() },
        timeout_ms: 10_000,
    }
}

fn body(script: &Script, at: usize) -> serde_json::Value {
    serde_json::from_slice(&script.sent()[at].body).expect("JSON")
}

#[test]
fn an_offer_that_can_be_held_is_held_without_paying() {
    let script = Script::of([fixture("offer_hold"), fixture("order_held")]);
    let made = order::create(&script, &wanted(true)).expect("made");
    assert_eq!((made.status, made.locator.as_str()), (OrderStatus::Held, "QX7LMN"));
    let sent = &body(&script, 1)["data"];
    assert_eq!((sent["type"].as_str(), sent.get("payments")), (Some("hold"), None));
    assert_eq!(sent["metadata"]["client_reference"], "ref-1");
    assert_eq!(sent["selected_offers"], serde_json::json!(["off_1"]));
}

#[test]
fn an_infant_travels_on_the_lap_of_its_adult() {
    let script = Script::of([fixture("offer_hold"), fixture("order_held")]);
    order::create(&script, &wanted(true)).expect("made");
    let passengers = &body(&script, 1)["data"]["passengers"];
    assert_eq!(passengers[0].get("infant_passenger_id"), None);
    assert_eq!(passengers[1]["infant_passenger_id"], "pas_lap");
    assert_eq!(passengers[0]["title"], "ms");
    assert_eq!(passengers[2]["id"], "pas_kid");
    assert_eq!(passengers[0]["identity_documents"][0]["unique_identifier"], "X123");
}

#[test]
fn an_instant_order_is_paid_from_the_balance_to_the_cent() {
    let script = Script::of([fixture("offer_instant"), fixture("order_ticketed")]);
    let made = order::create(&script, &wanted(false)).expect("made");
    assert_eq!(made.status, OrderStatus::Ticketed);
    let payments = &body(&script, 1)["data"]["payments"];
    assert_eq!(*payments, serde_json::json!([{"type": "balance", "amount": "2411.37", "currency": "EUR"}]));
}

#[test]
fn dearer_than_agreed_is_refused_before_anything_is_made() {
    let script = Script::of([altered("offer_hold", "\"2650.00\"", "\"2650.01\"")]);
    let fault = order::create(&script, &wanted(true)).expect_err("dearer");
    assert_eq!(fault.disposition, Disposition::PriceChanged(Some(euro(265_001))));
    assert!(script.sent().iter().all(|r| r.method == Method::Get));
}

#[test]
fn a_price_that_changes_at_the_order_is_told() {
    let dearer = altered("offer_instant", "\"2411.37\"", "\"2500.00\"");
    let changed = refusal(422, "invalid_state_error", "price_changed");
    let script = Script::of([fixture("offer_instant"), changed, dearer]);
    let fault = order::create(&script, &wanted(false)).expect_err("changed");
    assert_eq!(fault.disposition, Disposition::PriceChanged(Some(euro(250_000))));
}

#[test]
fn a_wrong_party_is_refused_before_anything_is_asked() {
    let script = Script::default();
    let mut short = wanted(true);
    short.travellers.pop();
    let fault = order::create(&script, &short).expect_err("one is missing");
    assert_eq!((fault.disposition, fault.field.as_deref()), (Disposition::Rejected, Some("travellers")));
    let mut unspecified = wanted(true);
    unspecified.travellers[2].gender = Gender::Unspecified;
    let fault = order::create(&script, &unspecified).expect_err("Duffel wants to know");
    assert_eq!(fault.field.as_deref(), Some("travellers.2.gender"));
    assert!(script.sent().is_empty());
}

#[test]
fn every_way_to_lose_the_answer_of_an_order_leaves_its_outcome_unknown() {
    let after_price = |reply: Option<Response>| {
        let script = Script::of([fixture("offer_hold")]);
        match reply {
            Some(reply) => script.reply(reply),
            None => script.fail(Progress::MaybeSent),
        }
        order::create(&script, &wanted(true)).expect_err("lost").disposition
    };
    assert_eq!(after_price(None), Disposition::OutcomeUnknown);
    assert_eq!(after_price(Some(refusal(500, "api_error", "internal_server_error"))), Disposition::OutcomeUnknown);
    assert_eq!(after_price(Some(refusal(400, "airline_error", "airline_unknown"))), Disposition::OutcomeUnknown);
    assert_eq!(after_price(Some(Response::new(504, ""))), Disposition::OutcomeUnknown);
    assert_eq!(after_price(Some(Response::new(201, "{\"data\""))), Disposition::OutcomeUnknown);
    let attempted = refusal(422, "invalid_state_error", "order_creation_already_attempted");
    assert_eq!(after_price(Some(attempted)), Disposition::OutcomeUnknown);
    assert_eq!(
        after_price(Some(refusal(422, "invalid_state_error", "offer_no_longer_available"))),
        Disposition::SoldOut
    );
    assert!(matches!(after_price(Some(refusal(429, "rate_limit_error", "x"))), Disposition::RetryAfter(_)));
}

#[test]
fn a_price_that_cannot_be_read_leaves_nothing_made() {
    let script = Script::of([Response::new(500, "")]);
    let fault = order::create(&script, &wanted(true)).expect_err("lost");
    assert!(matches!(fault.disposition, Disposition::RetryAfter(_)));
}

fn reference(passengers: &[&str]) -> OrderRef {
    let token = crate::token::OrderToken { passengers: passengers.iter().map(|p| (*p).to_owned()).collect() };
    OrderRef { id: "ord_1".to_owned(), token: serde_json::to_vec(&token).expect("a token"), timeout_ms: 5_000 }
}

#[test]
fn tickets_belong_to_their_travellers_whatever_duffels_order() {
    let order = reference(&["pas_ann", "pas_ben", "pas_kid", "pas_lap"]);
    let order = order::retrieve(&Script::of([fixture("order_ticketed")]), &order).expect("an order");
    let tickets: Vec<_> = order.tickets.iter().map(|t| (t.traveller, t.number.as_str())).collect();
    let expected = [(0, "9992100000000"), (1, "9992100000001"), (2, "9992100000002"), (3, "9992100000003")];
    assert_eq!(tickets, expected);
    let locators: Vec<_> = order.carrier_locators.iter().map(|l| (l.carrier.as_str(), l.locator.as_str())).collect();
    assert_eq!(locators, [("XQ", "QX7LMN"), ("ZJ", "44ZTOP")]);
    assert_eq!((order.segments.len(), order.total), (3, euro(241_137)));
}

#[test]
fn an_order_is_pending_until_everybody_with_a_seat_has_a_ticket() {
    let status = |reply| order::retrieve(&Script::of([reply]), &reference(&[])).expect("an order").status;
    assert_eq!(status(fixture("order_ticketed")), OrderStatus::Ticketed);
    assert_eq!(status(fixture("order_held")), OrderStatus::Held);
    let without_kid =
        altered("order_ticketed", "\"passenger_ids\": [\n     \"pas_kid\"", "\"passenger_ids\": [\n     \"pas_ann\"");
    assert_eq!(status(without_kid), OrderStatus::Pending);
    let cancelled = altered("order_ticketed", "\"cancelled_at\": null", "\"cancelled_at\": \"2026-11-23T11:00:00Z\"");
    assert_eq!(status(cancelled), OrderStatus::Cancelled);
}

fn issue(replies: impl IntoIterator<Item = Response>) -> (Script, Result<Order, Fault>) {
    let script = Script::of(replies);
    let request = TicketRequest {
        client_reference: "ref-2".to_owned(),
        order: reference(&[]),
        travellers: 4,
        expected_total: euro(265_000),
    };
    let issued = ticketing::issue(&script, &request);
    (script, issued)
}

#[test]
fn a_held_order_is_paid_and_read_again() {
    let (script, issued) =
        issue([fixture("order_held"), Response::new(201, "{\"data\":{}}"), fixture("order_ticketed")]);
    assert_eq!(issued.map(|o| o.status), Ok(OrderStatus::Ticketed));
    let payment = &body(&script, 1)["data"];
    let balance = serde_json::json!({"type": "balance", "amount": "2650.00", "currency": "EUR"});
    assert_eq!((&payment["order_id"], &payment["payment"]), (&serde_json::json!("ord_1"), &balance));
}

#[test]
fn an_order_paid_before_is_not_paid_again() {
    let (script, issued) = issue([fixture("order_ticketed")]);
    assert_eq!(issued.map(|o| o.tickets.len()), Ok(4));
    assert_eq!(script.sent().len(), 1);
    let raced = [fixture("order_held"), refusal(422, "invalid_state_error", "already_paid"), fixture("order_ticketed")];
    assert_eq!(issue(raced).1.map(|o| o.status), Ok(OrderStatus::Ticketed));
}

#[test]
fn a_payment_whose_answer_is_lost_is_looked_for() {
    let lost = Response::new(504, "");
    let found = issue([fixture("order_held"), lost.clone(), fixture("order_ticketed")]).1;
    assert_eq!(found.map(|o| o.status), Ok(OrderStatus::Ticketed));
    let unpaid = issue([fixture("order_held"), lost.clone(), fixture("order_held")]).1;
    assert_eq!(unpaid.map_err(|f| f.disposition), Err(Disposition::OutcomeUnknown));
    let paid_and_unread = issue([fixture("order_held"), Response::new(201, "{}"), Response::new(500, "")]).1;
    assert_eq!(paid_and_unread.map_err(|f| f.disposition), Err(Disposition::OutcomeUnknown));
}

#[test]
fn a_price_risen_since_the_hold_is_told() {
    let dearer = || altered("order_held", "\"2650.00\"", "\"2700.00\"");
    let told = Err(Disposition::PriceChanged(Some(euro(270_000))));
    assert_eq!(issue([dearer()]).1.map_err(|f| f.disposition), told);
    let at_payment = [fixture("order_held"), refusal(422, "invalid_state_error", "price_changed"), dearer()];
    assert_eq!(issue(at_payment).1.map_err(|f| f.disposition), told);
}

fn lost() -> FindRequest {
    FindRequest {
        client_reference: "ref-1".to_owned(),
        order_id: None,
        family_name: "Wirjawan".to_owned(),
        given_name: "Ann".to_owned(),
        origin: "CGK".to_owned(),
        departure_date: time::date("2027-01-20").expect("a date"),
        first_tried_at: time::instant("2026-11-23T10:00:00Z").expect("an instant"),
        timeout_ms: 10_000,
    }
}

fn look(replies: impl IntoIterator<Item = Response>) -> (Script, Result<FindOutcome, Fault>) {
    let script = Script::of(replies);
    let outcome = find::find(&script, &lost());
    (script, outcome)
}

fn page(orders: &[(&str, &str)], after: Option<&str>) -> Response {
    let held: serde_json::Value = serde_json::from_slice(&fixture("order_held").body).expect("JSON");
    let order = |(reference, created_at): &(&str, &str)| {
        let mut order = held["data"].clone();
        order["metadata"] = serde_json::json!({"client_reference": reference});
        order["created_at"] = (*created_at).into();
        order
    };
    let data: Vec<_> = orders.iter().map(order).collect();
    Response::new(200, serde_json::json!({"data": data, "meta": {"after": after, "limit": 200}}).to_string())
}

#[test]
fn an_order_in_which_a_name_stands_twice_is_read_all_the_same() {
    let twice = altered(
        "order_held",
        "\"departing_at\"",
        "\"origin_terminal\": \"2\", \"origin_terminal\": \"2\", \"departing_at\"",
    );
    let script = Script::of([fixture("offer_hold"), twice]);
    assert_eq!(order::create(&script, &wanted(true)).map(|made| made.locator).as_deref(), Ok("QX7LMN"));
}

#[test]
fn a_lost_order_is_found_by_its_reference_on_a_later_page() {
    let recent = "2026-11-23T10:01:00Z";
    let (script, outcome) = look([page(&[("ref-9", recent)], Some("next=")), page(&[("ref-1", recent)], None)]);
    assert!(matches!(outcome, Ok(FindOutcome::Found(order)) if order.id == "ord_1"));
    let urls: Vec<_> = script.sent().into_iter().map(|r| r.url).collect();
    assert_eq!(urls[0], "https://api.duffel.com/air/orders?limit=200&created_at%5Bafter%5D=2026-11-23T09%3A59%3A00Z");
    assert!(urls[1].ends_with("&after=next%3D"));
}

#[test]
fn where_absence_is_proof_clocks_may_differ_by_ten_minutes() {
    let script = Script::of([page(&[("ref-9", "2026-11-23T10:01:00Z")], None)]);
    assert!(matches!(find::listed(&script, &lost(), true), Ok(FindOutcome::Absent)));
    assert!(script.sent()[0].url.ends_with("created_at%5Bafter%5D=2026-11-23T09%3A50%3A00Z"));
}

#[test]
fn an_order_that_is_not_listed_may_still_exist() {
    let (_, outcome) = look([page(&[("ref-9", "2026-11-23T10:01:00Z")], None)]);
    assert!(matches!(outcome, Ok(FindOutcome::CannotTell(_))));
    let (script, outcome) = look([page(&[("ref-9", "2026-11-22T10:01:00Z")], Some("more"))]);
    assert!(matches!(outcome, Ok(FindOutcome::CannotTell(_))));
    assert_eq!(script.sent().len(), 1, "older orders are not read");
}

#[test]
fn a_look_that_fails_is_made_again() {
    let (_, outcome) = look([refusal(500, "api_error", "internal_server_error")]);
    assert!(matches!(outcome.map_err(|f| f.disposition), Err(Disposition::RetryAfter(_))));
}

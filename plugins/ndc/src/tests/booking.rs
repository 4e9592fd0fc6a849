use super::*;
use crate::token::{Item, OfferToken};
use crate::{find, order, ticketing};
use interline_plugin_sdk::http::Progress;
use interline_plugin_sdk::supplier::*;
use interline_plugin_sdk::{time, token};

fn traveller(kind: PassengerType, given: &str, lap_of: Option<u8>) -> Traveller {
    Traveller {
        kind,
        title: None,
        given_name: given.to_owned(),
        family_name: "Wirjawan & Co".to_owned(),
        born_on: time::date("1990-05-04").expect("a date"),
        gender: Gender::Female,
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

pub(super) fn wanted() -> OrderRequest {
    let pax: Vec<String> = (0..4).map(crate::mapping::party::own_id).collect();
    let items = vec![Item { id: "OF1-1".to_owned(), pax: pax.clone() }];
    let token = OfferToken { owner: "XQ".to_owned(), pax, items, cabin: 0, slices: 2 };
    OrderRequest {
        client_reference: "ref-1".to_owned(),
        offer_id: "OF1".to_owned(),
        token: token::encode(&token).expect("a token"),
        expected_total: euro(164_500),
        travellers: vec![
            traveller(PassengerType::Adult, "Ann", None),
            traveller(PassengerType::Adult, "Ben", None),
            traveller(PassengerType::Child, "Kid", None),
            traveller(PassengerType::Infant, "Lap", Some(1)),
        ],
        contact: Contact { email: "ann@example.com".to_owned(), phone: "+628110000".to_owned() },
        timeout_ms: 10_000,
    }
}

#[test]
fn an_order_is_held_under_the_clients_reference_with_its_travellers() {
    let script = Script::of([fixture("priced"), fixture("order_held")]);
    let made = order::create(&script, &wanted()).expect("made");
    assert_eq!((made.status, made.id.as_str(), made.locator.as_str()), (OrderStatus::Held, "XQ1", "QX7LMN"));
    assert_eq!(made.ticketing_deadline, time::instant("2026-12-01T10:00:00Z").ok());
    let message = &sent(&script)[1];
    assert_eq!(message.path_text("PayloadAttributes/CorrelationID"), Some("ref-1"));
    assert!(message.find("PaymentFunctions").is_none());
    let accepted = message.find("SelectedPricedOffer").expect("an offer");
    assert_eq!(accepted.child_text("OfferRefID"), Some("OF1P"));
    let people = message.all("Request/DataLists/PaxList/Pax");
    assert_eq!(people[3].child_text("PaxRefID"), Some("PAX2"));
    assert_eq!(people[0].path_text("Individual/Surname"), Some("Wirjawan & Co"));
    assert_eq!(people[0].path_text("IdentityDoc/IdentityDocID"), Some("X123"));
}

#[test]
fn dearer_than_agreed_is_refused_before_anything_is_made() {
    let script = Script::of([fixture("priced")]);
    let cheap = OrderRequest { expected_total: euro(164_499), ..wanted() };
    let fault = order::create(&script, &cheap).expect_err("dearer");
    assert_eq!(fault.disposition, Disposition::PriceChanged(Some(euro(164_500))));
    assert_eq!(names(&script), ["IATA_OfferPriceRQ"]);
}

#[test]
fn a_wrong_party_is_refused_before_anything_is_asked() {
    let script = Script::default();
    let mut short = wanted();
    short.travellers.pop();
    let fault = order::create(&script, &short).expect_err("one is missing");
    assert_eq!((fault.disposition, fault.field.as_deref()), (Disposition::Rejected, Some("travellers")));
    assert!(script.sent().is_empty());
}

#[test]
fn every_way_to_lose_the_answer_of_an_order_leaves_its_outcome_unknown() {
    let made = |reply: Option<Response>| {
        let script = Script::of([fixture("priced")]);
        match reply {
            Some(reply) => script.reply(reply),
            None => script.fail(Progress::MaybeSent),
        }
        order::create(&script, &wanted()).expect_err("lost").disposition
    };
    assert_eq!(made(None), Disposition::OutcomeUnknown);
    assert_eq!(made(Some(Response::new(504, ""))), Disposition::OutcomeUnknown);
    assert_eq!(made(Some(Response::new(200, "<IATA_OrderViewRS><Resp"))), Disposition::OutcomeUnknown);
    assert_eq!(made(Some(Response::new(200, "<IATA_OrderViewRS/>"))), Disposition::OutcomeUnknown);
    assert_eq!(made(Some(refusal("911", "System error"))), Disposition::OutcomeUnknown);
    assert_eq!(made(Some(refusal("723", "Gone"))), Disposition::SoldOut);
    assert_eq!(made(Some(refusal("300", "Wrong"))), Disposition::Rejected);
}

#[test]
fn what_became_of_a_lost_order_cannot_be_told_without_its_id() {
    let request = |order_id: Option<&str>| FindRequest {
        client_reference: "ref-1".to_owned(),
        order_id: order_id.map(str::to_owned),
        family_name: "Wirjawan".to_owned(),
        given_name: "Ann".to_owned(),
        origin: "CGK".to_owned(),
        departure_date: time::date("2027-01-20").expect("a date"),
        first_tried_at: 1,
        timeout_ms: 5_000,
    };
    let script = Script::default();
    assert!(matches!(find::find(&script, &request(None)), Ok(FindOutcome::CannotTell(_))));
    assert!(script.sent().is_empty());
    let known = |reply| find::find(&Script::of([reply]), &request(Some("XQ1")));
    assert!(matches!(known(fixture("order_held")), Ok(FindOutcome::Found(order)) if order.id == "XQ1"));
    assert!(matches!(known(refusal("714", "None")), Ok(FindOutcome::CannotTell(_))));
    assert!(matches!(known(Response::new(503, "")).map_err(|f| f.disposition), Err(Disposition::RetryAfter(_))));
}

#[test]
fn an_order_tells_tickets_by_traveller_and_flights_in_order() {
    let order = order::retrieve(&Script::of([fixture("order_ticketed")]), &reference()).expect("an order");
    let tickets: Vec<_> = order.tickets.iter().map(|t| (t.traveller, t.number.as_str())).collect();
    let expected = [(2, "9992100000003"), (0, "9992100000001"), (1, "9992100000002"), (3, "9992100000004")];
    assert_eq!(tickets, expected);
    assert_eq!((order.status, order.total), (OrderStatus::Ticketed, euro(164_500)));
    let from: Vec<_> = order.segments.iter().map(|s| s.origin.as_str()).collect();
    assert_eq!(from, ["CGK", "SIN", "NRT"]);
    let locators: Vec<_> = order.carrier_locators.iter().map(|l| (l.carrier.as_str(), l.locator.as_str())).collect();
    assert_eq!(locators, [("XQ", "QX7LMN")]);
}

#[test]
fn an_order_is_pending_until_everybody_has_a_ticket() {
    let status = |reply| order::retrieve(&Script::of([reply]), &reference()).expect("an order").status;
    assert_eq!(status(fixture("order_held")), OrderStatus::Held);
    assert_eq!(status(fixture("order_cancelled")), OrderStatus::Cancelled);
    let without = altered("order_ticketed", "999-2100000003", "");
    assert_eq!(status(without), OrderStatus::Pending);
}

fn issue(replies: impl IntoIterator<Item = Response>) -> (Script, Result<Order, Fault>) {
    let script = Script::of(replies);
    let request = TicketRequest {
        client_reference: "ref-2".to_owned(),
        order: reference(),
        travellers: 4,
        expected_total: euro(164_500),
    };
    let issued = ticketing::issue(&script, &request);
    (script, issued)
}

#[test]
fn a_held_order_is_paid_to_the_cent_and_ticketed() {
    let (script, issued) = issue([fixture("order_held"), fixture("order_ticketed")]);
    assert_eq!(issued.map(|o| o.status), Ok(OrderStatus::Ticketed));
    let message = &sent(&script)[1];
    assert_eq!((message.name(), message.path_text("Request/Order/OrderID")), ("IATA_OrderChangeRQ", Some("XQ1")));
    let amount = message.find("Amount").expect("an amount");
    assert_eq!((amount.text(), amount.attr("CurCode")), ("1645.00", Some("EUR")));
    let slow = issue([fixture("order_held"), fixture("order_held")]).1;
    assert_eq!(slow.map(|o| o.status), Ok(OrderStatus::Pending));
}

#[test]
fn an_order_paid_before_is_not_paid_again() {
    let (script, issued) = issue([fixture("order_ticketed")]);
    assert_eq!(issued.map(|o| o.tickets.len()), Ok(4));
    assert_eq!(names(&script), ["IATA_OrderRetrieveRQ"]);
    let raced = [fixture("order_held"), refusal("715", "Paid already"), fixture("order_ticketed")];
    assert_eq!(issue(raced).1.map(|o| o.status), Ok(OrderStatus::Ticketed));
}

#[test]
fn a_payment_whose_answer_is_lost_is_looked_for() {
    let lost = || Response::new(504, "");
    let found = issue([fixture("order_held"), lost(), fixture("order_ticketed")]).1;
    assert_eq!(found.map(|o| o.status), Ok(OrderStatus::Ticketed));
    let unpaid = issue([fixture("order_held"), lost(), fixture("order_held")]).1;
    assert_eq!(unpaid.map_err(|f| f.disposition), Err(Disposition::OutcomeUnknown));
    let gone = issue([fixture("order_held"), refusal("723", "Sold out")]).1;
    assert_eq!(gone.map_err(|f| f.disposition), Err(Disposition::SoldOut));
    let busy = issue([fixture("order_held"), refusal("390", "In use")]).1;
    assert!(matches!(busy.map_err(|f| f.disposition), Err(Disposition::RetryAfter(_))));
}

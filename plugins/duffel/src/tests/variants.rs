//! The same things as other airlines and versions of the API say them.

use super::booking::wanted;
use super::shopping::request;
use super::*;
use crate::{cancel, order, search};
use interline_plugin_sdk::http::Script;
use interline_plugin_sdk::supplier::*;
use serde_json::{Value, json};

/// The fixture's good offer, changed.
fn offered(change: impl Fn(&mut Value)) -> SearchReply {
    let mut message: Value = serde_json::from_slice(&fixture("offer_request").body).expect("JSON");
    change(&mut message["data"]["offers"][0]);
    search::search(&Script::of([Response::new(200, message.to_string())]), &request()).expect("offers")
}

#[test]
fn null_stands_wherever_something_may_be_missing() {
    let reply = offered(|offer| {
        for name in
            ["conditions", "payment_requirements", "available_services", "expires_at", "tax_amount", "tax_currency"]
        {
            offer[name] = Value::Null;
        }
        offer["owner"]["iata_code"] = Value::Null;
        offer["slices"][0]["conditions"] = json!({"change_before_departure": {"allowed": null}});
        offer["slices"][0]["duration"] = Value::Null;
        offer["slices"][0]["fare_brand_name"] = Value::Null;
        let segment = &mut offer["slices"][0]["segments"][0];
        for name in ["aircraft", "operating_carrier", "operating_carrier_flight_number", "duration", "stops"] {
            segment[name] = Value::Null;
        }
        segment["passengers"][0]["baggages"] = json!([{"type": null}, {"type": "checked", "quantity": null}]);
    });
    let offer = reply.offers.iter().find(|offer| offer.id == "off_instant").expect("mapped");
    assert_eq!((offer.total.units, offer.conditions.change_before_departure.as_ref()), (241_137, None));
    assert_eq!(offer.base.units + offer.taxes.units, offer.total.units);
    assert_eq!(offer.owner, reply.segments[offer.slices[0].segments[0].segment as usize].marketing_carrier);
    assert!(!offer.holdable && offer.expires_at.is_none());
}

#[test]
fn currencies_have_their_own_decimals() {
    let total = |amount: &str, currency: &str| {
        let reply = offered(|offer| {
            for (name, amount) in [("base", amount), ("tax", "0"), ("total", amount)] {
                offer[format!("{name}_amount")] = amount.into();
                offer[format!("{name}_currency")] = currency.into();
            }
        });
        reply
            .offers
            .iter()
            .find(|offer| offer.id == "off_instant")
            .map(|offer| (offer.total.units, offer.total.exponent))
    };
    assert_eq!(total("48200", "JPY"), Some((48_200, 0)));
    assert_eq!(total("48200.00", "KRW"), Some((48_200, 0)));
    assert_eq!(total("131.455", "KWD"), Some((131_455, 3)));
    assert_eq!(total("48200.5", "JPY"), None);
}

#[test]
fn what_is_neither_offers_nor_an_offer_is_no_empty_answer() {
    let disposition =
        |body: &str| search::search(&Script::of([Response::new(200, body)]), &request()).map_err(|f| f.disposition);
    for body in ["{}", "{\"data\": null}", "{\"data\": {\"id\": \"orq_1\"}}", "<html></html>", ""] {
        assert!(matches!(disposition(body), Err(Disposition::RetryAfter(_))), "{body}");
    }
    assert_eq!(disposition("{\"data\": {\"offers\": []}}").map(|reply| reply.offers.len()), Ok(0));
}

fn ordered(change: impl Fn(&mut Value)) -> Order {
    let mut message: Value = serde_json::from_slice(&fixture("order_ticketed").body).expect("JSON");
    change(&mut message["data"]);
    let reference = OrderRef { id: "ord_1".to_owned(), token: Vec::new(), timeout_ms: 1_000 };
    order::retrieve(&Script::of([Response::new(200, message.to_string())]), &reference).expect("an order")
}

#[test]
fn an_order_stands_whatever_is_missing_beside_its_price() {
    let whole = ordered(|_| {});
    let bare = ordered(|order| {
        for name in ["passengers", "slices", "documents", "metadata", "booking_references", "services", "conditions"] {
            order[name] = Value::Null;
        }
        order["payment_status"] = json!({"awaiting_payment": null, "payment_required_by": null});
    });
    assert_eq!((&bare.total, &bare.id, bare.status), (&whole.total, &whole.id, OrderStatus::Pending));
    let odd = ordered(|order| {
        order["slices"][0]["segments"][0]["departing_at"] = "soon".into();
        let first = order["documents"][0].clone();
        order["documents"]
            .as_array_mut()
            .expect("a list")
            .push(json!({"type": "electronic_ticket", "unique_identifier": null}));
        let miscellaneous = json!({"type": "electronic_miscellaneous_document_associated", "unique_identifier": first["unique_identifier"]});
        order["documents"].as_array_mut().expect("a list").push(miscellaneous);
    });
    assert_eq!((odd.segments.len(), odd.tickets), (whole.segments.len() - 1, whole.tickets));
}

#[test]
fn an_order_to_be_paid_later_has_two_names() {
    let source = json!({"field": "type", "pointer": "/type"});
    let error =
        json!({"type": "validation_error", "code": "invalid_type", "title": "No", "message": "", "source": source});
    let refused = Response::new(422, json!({"errors": [error]}).to_string());
    let script = Script::of([fixture("offer_hold"), refused, fixture("order_held")]);
    assert_eq!(order::create(&script, &wanted(true)).map(|made| made.status), Ok(OrderStatus::Held));
    let kinds: Vec<Value> = script.sent()[1..]
        .iter()
        .map(|sent| serde_json::from_slice::<Value>(&sent.body).expect("JSON")["data"]["type"].clone())
        .collect();
    assert_eq!(kinds, ["hold", "pay_later"]);
}

#[test]
fn what_gateways_say_of_an_order_leaves_it_unknown() {
    let made = |reply: Response| {
        order::create(&Script::of([fixture("offer_hold"), reply]), &wanted(true)).map_err(|f| f.disposition)
    };
    for status in [500, 502, 503, 504] {
        for body in ["", "<html>Bad gateway</html>", "{\"errors\": []}"] {
            assert_eq!(made(Response::new(status, body)), Err(Disposition::OutcomeUnknown), "{status} {body}");
        }
    }
    assert_eq!(
        made(refusal(422, "invalid_state_error", "offer_request_already_booked")),
        Err(Disposition::OutcomeUnknown)
    );
    assert_eq!(made(refusal(422, "airline_error", "fare_no_longer_available")), Err(Disposition::SoldOut));
    assert_eq!(made(refusal(422, "invalid_state_error", "schedule_changed")), Err(Disposition::OfferExpired));
}

#[test]
fn an_order_that_was_not_paid_gives_nothing_back_in_its_currency() {
    let data = json!({"id": "ore_1", "order_id": "ord_1", "refund_amount": null, "refund_currency": null,
        "refund_to": "awaiting_payment", "confirmed_at": null});
    let unpaid = || Response::new(200, json!({ "data": data }).to_string());
    let reference = OrderRef { id: "ord_1".to_owned(), token: Vec::new(), timeout_ms: 1_000 };
    let quote = cancel::quote(&Script::of([unpaid(), fixture("order_held")]), &reference).expect("a quote");
    assert_eq!(quote.refund, euro(0));
    let request = CancelRequest { client_reference: "ref-3".to_owned(), order: reference, quote: quote.token };
    let confirmed = cancel::cancel(&Script::of([unpaid(), fixture("order_held")]), &request);
    assert_eq!(confirmed.map(|done| done.refund), Ok(euro(0)));
}

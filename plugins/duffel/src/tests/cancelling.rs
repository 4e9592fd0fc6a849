use super::*;
use crate::cancel;
use interline_plugin_sdk::http::{Progress, Script};
use interline_plugin_sdk::supplier::*;

fn order() -> OrderRef {
    OrderRef { id: "ord_1".to_owned(), token: Vec::new(), timeout_ms: 5_000 }
}

fn confirmed() -> Response {
    altered("cancellation", "\"confirmed_at\": null", "\"confirmed_at\": \"2026-11-23T10:31:00Z\"")
}

fn listed(reply: Response) -> Response {
    let one: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    Response::new(200, serde_json::json!({"data": [one["data"]], "meta": {"after": null}}).to_string())
}

fn quoted() -> CancelRequest {
    let quote = cancel::quote(&Script::of([fixture("cancellation")]), &order()).expect("a quote");
    assert_eq!(quote.refund, euro(233_637));
    CancelRequest { client_reference: "ref-3".to_owned(), order: order(), quote: quote.token }
}

#[test]
fn a_quote_is_confirmed() {
    let script = Script::of([confirmed()]);
    let cancelled = cancel::cancel(&script, &quoted()).expect("cancelled");
    assert_eq!((cancelled.refund, cancelled.reference.as_deref()), (euro(233_637), Some("ore_1")));
    assert_eq!(script.sent()[0].url, "https://api.duffel.com/air/order_cancellations/ore_1/actions/confirm");
}

#[test]
fn what_is_cancelled_already_is_a_success() {
    for code in ["already_cancelled", "order_cancellation_already_confirmed"] {
        let script = Script::of([refusal(422, "invalid_state_error", code), confirmed()]);
        assert_eq!(cancel::cancel(&script, &quoted()).map(|c| c.refund), Ok(euro(233_637)), "{code}");
    }
    let script = Script::of([refusal(422, "invalid_state_error", "already_cancelled"), listed(confirmed())]);
    assert_eq!(cancel::quote(&script, &order()).map(|q| q.refund), Ok(euro(233_637)));
}

#[test]
fn an_order_that_the_airline_cancelled_is_cancelled_for_nothing() {
    let gone = || altered("order_held", "\"cancelled_at\": null", "\"cancelled_at\": \"2026-11-23T11:00:00Z\"");
    let none = Response::new(200, r#"{"data": [], "meta": {"after": null}}"#);
    let script = Script::of([refusal(422, "invalid_state_error", "already_cancelled"), none, gone()]);
    let quote = cancel::quote(&script, &order()).expect("a quote");
    assert_eq!(quote.refund, euro(0));
    let request = CancelRequest { client_reference: "r".to_owned(), order: order(), quote: quote.token };
    assert_eq!(cancel::cancel(&Script::of([gone()]), &request).map(|c| c.refund), Ok(euro(0)));
    let alive = cancel::cancel(&Script::of([fixture("order_held")]), &request);
    assert_eq!(alive.map_err(|f| f.disposition), Err(Disposition::Rejected));
}

#[test]
fn a_lost_confirmation_is_looked_for() {
    let lost = |look: Response| {
        let script = Script::default();
        script.fail(Progress::MaybeSent);
        script.reply(look);
        script.reply(Response::new(200, r#"{"data": []}"#));
        cancel::cancel(&script, &quoted()).map(|c| c.refund).map_err(|f| f.disposition)
    };
    assert_eq!(lost(confirmed()), Ok(euro(233_637)));
    assert!(matches!(lost(fixture("cancellation")), Err(Disposition::RetryAfter(_))));
    assert_eq!(lost(Response::new(500, "")), Err(Disposition::OutcomeUnknown));
}

#[test]
fn a_quote_that_ran_out_has_expired() {
    let script = Script::of([refusal(422, "invalid_state_error", "order_cancellation_expired")]);
    let refused = cancel::cancel(&script, &quoted());
    assert_eq!(refused.map_err(|f| f.disposition), Err(Disposition::OfferExpired));
}

#[test]
fn vouchers_are_no_money() {
    let voucher = altered("cancellation", "\"balance\"", "\"airline_credits\"");
    assert_eq!(cancel::quote(&Script::of([voucher]), &order()).map(|q| q.refund), Ok(euro(0)));
    let untold = altered("cancellation", "\"2336.37\"", "null");
    let fault = cancel::quote(&Script::of([untold]), &order()).expect_err("not told");
    assert_eq!(fault.disposition, Disposition::Unsupported);
}

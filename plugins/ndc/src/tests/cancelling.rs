use super::*;
use crate::cancel;
use interline_plugin_sdk::supplier::*;

fn request() -> CancelRequest {
    let quote = cancel::quote(&Script::of([fixture("cancel_quote")]), &reference()).expect("a quote");
    assert_eq!(quote.refund, euro(157_000));
    CancelRequest { client_reference: "ref-3".to_owned(), order: reference(), quote: quote.token }
}

#[test]
fn a_quoted_cancellation_is_made() {
    let script = Script::of([fixture("cancelled")]);
    let cancelled = cancel::cancel(&script, &request()).expect("cancelled");
    assert_eq!((cancelled.refund, cancelled.reference.as_deref()), (euro(157_000), Some("XQ1")));
    assert_eq!(sent(&script)[0].path_text("Request/Order/OrderID"), Some("XQ1"));
}

#[test]
fn an_order_that_is_not_ticketed_is_quoted_nothing_back() {
    let refused = || refusal("715", "Nothing to refund");
    let quote = |order: &str| cancel::quote(&Script::of([refused(), fixture(order)]), &reference());
    assert_eq!(quote("order_held").map(|q| q.refund), Ok(euro(0)));
    assert_eq!(quote("order_cancelled").map(|q| q.refund), Ok(euro(0)));
    assert_eq!(quote("order_ticketed").map_err(|f| f.disposition), Err(Disposition::Rejected));
}

#[test]
fn what_is_cancelled_already_is_a_success() {
    for reply in [refusal("715", "Cancelled already"), Response::new(504, "")] {
        let script = Script::of([reply, fixture("order_cancelled")]);
        assert_eq!(cancel::cancel(&script, &request()).map(|c| c.refund), Ok(euro(157_000)));
    }
    let lost = Script::of([Response::new(504, ""), fixture("order_ticketed")]);
    let fault = cancel::cancel(&lost, &request()).expect_err("unknown");
    assert_eq!(fault.disposition, Disposition::OutcomeUnknown);
}

#[test]
fn an_additional_collection_is_no_refund() {
    let collected = altered("cancel_quote", "Refund", "Add collect");
    assert_eq!(cancel::quote(&Script::of([collected]), &reference()).map(|q| q.refund), Ok(euro(0)));
}

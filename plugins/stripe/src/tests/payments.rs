use super::*;
use crate::{intents, refunds};
use interline_plugin_sdk::http::{Method, Progress, Script};
use interline_plugin_sdk::payment::*;

fn request(amount: Money) -> PaymentRequest {
    PaymentRequest {
        client_reference: "ref-p".to_owned(),
        amount,
        description: "CGK–NRT, 20 January".to_owned(),
        booking_id: "bok-1".to_owned(),
        payment_id: "pay-1".to_owned(),
    }
}

fn refund_request() -> RefundRequest {
    RefundRequest {
        client_reference: "ref-r".to_owned(),
        payment: "pi_3Example".to_owned(),
        amount: euro(100_000),
        booking_id: "bok-1".to_owned(),
    }
}

fn form(script: &Script, at: usize) -> Vec<(String, String)> {
    form_urlencoded::parse(&script.sent()[at].body).into_owned().collect()
}

fn has(form: &[(String, String)], name: &str, value: &str) -> bool {
    form.iter().any(|(n, v)| n == name && v == value)
}

#[test]
fn a_payment_is_made_under_its_reference() {
    let script = Script::of([fixture("intent_created")]);
    let payment = intents::create(&script, &request(euro(241_137))).expect("made");
    assert_eq!((payment.status, &payment.amount), (PaymentStatus::Pending, &euro(241_137)));
    assert_eq!(payment.client_secret.as_deref(), Some("pi_3Example_secret_x"));
    assert_eq!((payment.booking_id.as_deref(), payment.payment_id.as_deref()), (Some("bok-1"), Some("pay-1")));
    assert_eq!(payment.raw, bytes("intent_created"));
    let sent = form(&script, 0);
    for (name, value) in [
        ("amount", "241137"),
        ("currency", "eur"),
        ("automatic_payment_methods[enabled]", "true"),
        ("metadata[booking_id]", "bok-1"),
        ("metadata[payment_id]", "pay-1"),
        ("description", "CGK–NRT, 20 January"),
    ] {
        assert!(has(&sent, name, value), "{name}");
    }
    assert_eq!(script.sent()[0].header_value("idempotency-key"), Some("ref-p"));
}

#[test]
fn amounts_that_stripe_cannot_take_are_refused_unasked() {
    let script = Script::default();
    let fils = Money { units: 1_001, currency: "KWD".to_owned(), exponent: 3 };
    let fault = intents::create(&script, &request(fils)).expect_err("finer than Stripe");
    assert_eq!((fault.disposition, fault.field.as_deref()), (Disposition::Rejected, Some("amount")));
    assert!(script.sent().is_empty());
}

#[test]
fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    for lose in [|s: &Script| s.fail(Progress::MaybeSent), |s: &Script| s.reply(Response::new(500, "{}"))] {
        let script = Script::default();
        lose(&script);
        let fault = intents::create(&script, &request(euro(1_000))).expect_err("lost");
        assert!(matches!(fault.disposition, Disposition::RetryAfter(_)));
    }
}

#[test]
fn errors_have_their_dispositions() {
    let ask = |reply: Response| intents::create(&Script::of([reply]), &request(euro(1_000))).expect_err("refused");
    for (status, kind, code, expected) in [
        (402, "card_error", "card_declined", Disposition::Rejected),
        (400, "invalid_request_error", "parameter_invalid_integer", Disposition::Rejected),
        (400, "idempotency_error", "x", Disposition::Rejected),
        (404, "invalid_request_error", "resource_missing", Disposition::Rejected),
        (401, "invalid_request_error", "api_key_invalid", Disposition::NotAuthorised),
        (403, "invalid_request_error", "x", Disposition::NotAuthorised),
        (409, "idempotency_error", "idempotency_key_in_use", Disposition::RetryAfter(1_000)),
        (429, "invalid_request_error", "rate_limit", Disposition::RetryAfter(1_000)),
        (500, "api_error", "x", Disposition::RetryAfter(1_000)),
    ] {
        assert_eq!(ask(refusal(status, kind, code)).disposition, expected, "{kind} {code}");
    }
    let waits = refusal(429, "invalid_request_error", "rate_limit").with_header("Retry-After", "5");
    assert_eq!(ask(waits).disposition, Disposition::RetryAfter(5_000));
    assert_eq!(ask(refusal(404, "x", "resource_missing")).field.as_deref(), Some("payment"));
}

#[test]
fn a_payment_is_read_with_what_was_refunded() {
    let script = Script::of([fixture("intent_succeeded")]);
    let payment = intents::retrieve(&script, "pi_3Example").expect("read");
    let url = "https://api.stripe.com/v1/payment_intents/pi_3Example?expand%5B%5D=latest_charge";
    assert_eq!(script.sent()[0].url, url);
    assert_eq!((payment.status, payment.amount_refunded), (PaymentStatus::Succeeded, euro(100_000)));
}

#[test]
fn a_declined_try_says_why() {
    let payment = intents::retrieve(&Script::of([fixture("intent_failed")]), "pi").expect("read");
    assert_eq!(payment.status, PaymentStatus::Failed);
    assert_eq!(payment.failure.as_deref(), Some("insufficient_funds: Your card has insufficient funds."));
}

#[test]
fn cancelling_what_succeeded_answers_that_it_did() {
    let refused = refusal(400, "invalid_request_error", "payment_intent_unexpected_state");
    let payment = intents::cancel(&Script::of([refused, fixture("intent_succeeded")]), "pi_3Example").expect("read");
    assert_eq!(payment.status, PaymentStatus::Succeeded);
}

#[test]
fn a_refund_is_made_under_its_reference() {
    let script = Script::of([fixture("refund_list_empty"), fixture("refund")]);
    let refund = refunds::create(&script, &refund_request()).expect("made");
    assert_eq!((refund.status, refund.amount), (RefundStatus::Succeeded, euro(100_000)));
    assert_eq!((refund.payment.as_str(), refund.client_reference.as_deref()), ("pi_3Example", Some("ref-r")));
    assert_eq!(script.sent()[1].header_value("idempotency-key"), Some("ref-r"));
    assert!(has(&form(&script, 1), "amount", "100000"));
}

#[test]
fn a_refund_made_before_is_not_made_again() {
    let script = Script::of([fixture("refund_list")]);
    let refund = refunds::create(&script, &refund_request()).expect("found");
    assert_eq!(refund.id, "re_3Example");
    assert!(script.sent().iter().all(|r| r.method == Method::Get));
    let raced = Script::of([
        fixture("refund_list_empty"),
        refusal(400, "invalid_request_error", "charge_already_refunded"),
        fixture("refund_list"),
    ]);
    assert_eq!(refunds::create(&raced, &refund_request()).map(|r| r.id), Ok("re_3Example".to_owned()));
    let of_others = Script::of([
        fixture("refund_list_empty"),
        refusal(400, "invalid_request_error", "charge_already_refunded"),
        fixture("refund_list_empty"),
    ]);
    assert_eq!(refunds::create(&of_others, &refund_request()).map_err(|f| f.disposition), Err(Disposition::Rejected));
}

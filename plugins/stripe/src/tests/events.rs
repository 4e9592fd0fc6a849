use super::*;
use crate::webhook;
use hmac::{Hmac, KeyInit, Mac};
use interline_plugin_sdk::host::SecretError;
use interline_plugin_sdk::payment::*;
use proptest::prelude::*;
use sha2::Sha256;

const SECRET: &[u8] = b"whsec_of_the_test";
const NOW: u64 = 1_795_420_800;

fn mac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn sign(secret: &[u8], at: u64, body: &[u8]) -> String {
    hex::encode(mac(secret, &[format!("{at}.").as_bytes(), body].concat()))
}

/// As the host does it.
fn verify(message: &[u8], given: &[u8]) -> Result<bool, SecretError> {
    Ok(mac(SECRET, message) == given)
}

fn interpret(header: Option<String>, body: &[u8], received_at: u64) -> Result<Event, WebhookError> {
    let headers = header.map(|value| Header { name: "Stripe-Signature".to_owned(), value }).into_iter().collect();
    webhook::interpret(&Webhook { headers, body: body.to_vec(), received_at }, verify)
}

fn genuine(name: &str) -> Result<Event, WebhookError> {
    let body = bytes(name);
    interpret(Some(format!("t={NOW},v1={}", sign(SECRET, NOW, &body))), &body, NOW + 3)
}

fn is_forged(result: Result<Event, WebhookError>) -> bool {
    matches!(result, Err(WebhookError::Forged(_)))
}

#[test]
fn a_genuine_event_tells_what_happened() {
    let event = genuine("event_succeeded").expect("genuine");
    assert_eq!((event.id.as_str(), event.created_at), ("evt_3Example", NOW));
    let Change::Payment(payment) = event.change else { panic!("a payment") };
    assert_eq!((payment.status, &payment.amount), (PaymentStatus::Succeeded, &euro(241_137)));
    assert_eq!(payment.payment_id.as_deref(), Some("pay-1"));
    assert_eq!(payment.raw, bytes("event_succeeded"));
}

#[test]
fn refunds_are_told_as_refunds_and_as_payments() {
    let Ok(Event { change: Change::Refund(refund), .. }) = genuine("event_refund_failed") else { panic!("a refund") };
    assert_eq!((refund.status, refund.client_reference.as_deref()), (RefundStatus::Failed, Some("ref-r")));
    let Ok(Event { change: Change::Payment(payment), .. }) = genuine("event_refunded") else { panic!("a payment") };
    assert_eq!((payment.id.as_str(), payment.amount_refunded), ("pi_3Example", euro(100_000)));
}

#[test]
fn other_events_are_ignored_by_name() {
    let change = genuine("event_customer").map(|event| event.change);
    assert_eq!(change.ok(), Some(Change::Ignored("customer.created".to_owned())));
}

#[test]
fn one_of_several_signatures_is_enough_while_a_secret_is_rolled() {
    let body = bytes("event_succeeded");
    let (old, new) = (sign(b"whsec_old", NOW, &body), sign(SECRET, NOW, &body));
    assert!(interpret(Some(format!("t={NOW},v1={old},v1={new},v0=aa")), &body, NOW).is_ok());
    assert!(is_forged(interpret(Some(format!("t={NOW},v1={old},v0={new}")), &body, NOW)));
}

#[test]
fn a_signature_out_of_its_time_is_forged() {
    let body = bytes("event_succeeded");
    let at = |received_at| interpret(Some(format!("t={NOW},v1={}", sign(SECRET, NOW, &body))), &body, received_at);
    assert!(at(NOW + 300).is_ok() && at(NOW - 300).is_ok());
    assert!(is_forged(at(NOW + 301)) && is_forged(at(NOW - 301)));
}

#[test]
fn headers_that_sign_nothing_are_forged() {
    let body = bytes("event_succeeded");
    let signed = sign(SECRET, NOW, &body);
    assert!(is_forged(interpret(None, &body, NOW)));
    for header in [format!("v1={signed}"), format!("t=now,v1={signed}"), format!("t={NOW}"), format!("t={NOW},v1=zz")] {
        assert!(is_forged(interpret(Some(header), &body, NOW)));
    }
    let other_time = format!("t={},v1={signed}", NOW + 1);
    assert!(is_forged(interpret(Some(other_time), &body, NOW)));
}

#[test]
fn a_genuine_body_that_is_no_event_is_malformed() {
    let body = b"{\"id\": 1}";
    let header = format!("t={NOW},v1={}", sign(SECRET, NOW, body));
    assert!(matches!(interpret(Some(header), body, NOW), Err(WebhookError::Malformed(_))));
}

#[test]
fn without_the_secret_nothing_is_genuine() {
    let body = bytes("event_succeeded");
    let value = format!("t={NOW},v1={}", sign(SECRET, NOW, &body));
    let headers = vec![Header { name: "stripe-signature".to_owned(), value }];
    let webhook = Webhook { headers, body, received_at: NOW };
    let refuse = |_: &[u8], _: &[u8]| Err(SecretError::NotGranted("webhook-secret".to_owned()));
    assert!(is_forged(webhook::interpret(&webhook, refuse)));
}

proptest! {
    #[test]
    fn a_changed_byte_makes_it_forged(at in 0usize..300, to: u8) {
        let mut body = bytes("event_succeeded");
        let header = format!("t={NOW},v1={}", sign(SECRET, NOW, &body));
        prop_assume!(body[at] != to);
        body[at] = to;
        prop_assert!(is_forged(interpret(Some(header), &body, NOW)));
    }

    #[test]
    fn no_header_makes_it_panic(header: String) {
        let _ = interpret(Some(header), b"{}", NOW);
    }
}

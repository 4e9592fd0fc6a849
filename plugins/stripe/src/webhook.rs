//! Events (<https://docs.stripe.com/api/events>).

use crate::amount::NotExact;
use crate::{mapping, signature, wire};
use interline_plugin_sdk::host::SecretError;
use interline_plugin_sdk::payment::{Change, Event, Webhook, WebhookError};

/// Verifies and reads an event. `verify` tells whether a MAC is that of a message.
pub fn interpret(
    webhook: &Webhook,
    verify: impl Fn(&[u8], &[u8]) -> Result<bool, SecretError>,
) -> Result<Event, WebhookError> {
    let header = webhook.headers.iter().find(|h| h.name.eq_ignore_ascii_case("stripe-signature"));
    signature::check(header.map(|h| h.value.as_str()), &webhook.body, webhook.received_at, verify)
        .map_err(WebhookError::Forged)?;
    read(&webhook.body)
}

/// An event whose signature was verified.
pub fn read(body: &[u8]) -> Result<Event, WebhookError> {
    let malformed = |why: serde_json::Error| WebhookError::Malformed(why.to_string());
    let event: wire::Event<'_> = serde_json::from_slice(body).map_err(malformed)?;
    let object = event.data.object.get();
    let exact = |NotExact(why): NotExact| WebhookError::Malformed(why);
    let change = match event.kind.as_str() {
        "payment_intent.created"
        | "payment_intent.processing"
        | "payment_intent.succeeded"
        | "payment_intent.payment_failed"
        | "payment_intent.canceled" => {
            let intent = serde_json::from_str(object).map_err(malformed)?;
            Change::Payment(mapping::payment(intent, body).map_err(exact)?)
        }
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            let refund = serde_json::from_str(object).map_err(malformed)?;
            Change::Refund(mapping::refund(refund, body).map_err(exact)?)
        }
        "charge.refunded" => {
            let charge = serde_json::from_str(object).map_err(malformed)?;
            match mapping::refunded_payment(charge, body).map_err(exact)? {
                Some(payment) => Change::Payment(payment),
                None => Change::Ignored(event.kind.clone()),
            }
        }
        other => Change::Ignored(other.to_owned()),
    };
    Ok(Event { id: event.id, created_at: event.created, change })
}

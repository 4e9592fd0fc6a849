//! Stripe's objects → the contract's records.

use crate::amount::{NotExact, from_stripe};
use crate::wire;
use interline_plugin_sdk::payment::{Payment, PaymentStatus, Refund, RefundStatus};
use std::collections::BTreeMap;

/// Metadata keys.
pub const BOOKING: &str = "booking_id";
/// See [`BOOKING`].
pub const PAYMENT: &str = "payment_id";
/// See [`BOOKING`].
pub const REFERENCE: &str = "client_reference";

fn meta(metadata: &Option<BTreeMap<String, String>>, key: &str) -> Option<String> {
    metadata.as_ref()?.get(key).cloned()
}

/// A payment intent. What was refunded stands in its charge, if that came with it.
pub fn payment(intent: wire::PaymentIntent, raw: &[u8]) -> Result<Payment, NotExact> {
    let status = match intent.status.as_str() {
        "succeeded" => PaymentStatus::Succeeded,
        "canceled" => PaymentStatus::Cancelled,
        "processing" | "requires_capture" => PaymentStatus::Processing,
        "requires_payment_method" if intent.last_payment_error.is_some() => PaymentStatus::Failed,
        _ => PaymentStatus::Pending,
    };
    let refunded = match &intent.latest_charge {
        Some(wire::LatestCharge::Whole(charge)) => charge.amount_refunded,
        _ => 0,
    };
    // What was received, not what was asked for, is what the traveller paid.
    let received = intent.amount_received.filter(|_| status == PaymentStatus::Succeeded);
    Ok(Payment {
        status,
        amount: from_stripe(received.unwrap_or(intent.amount), &intent.currency)?,
        amount_refunded: from_stripe(refunded, &intent.currency)?,
        client_secret: intent.client_secret,
        booking_id: meta(&intent.metadata, BOOKING),
        payment_id: meta(&intent.metadata, PAYMENT),
        failure: failure(&intent.last_payment_error, intent.cancellation_reason),
        id: intent.id,
        raw: raw.to_vec(),
    })
}

fn failure(error: &Option<wire::PaymentError>, cancellation: Option<String>) -> Option<String> {
    let Some(error) = error else { return cancellation };
    let code = error.decline_code.as_deref().or(error.code.as_deref());
    let words = [code, error.message.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    if words.is_empty() { cancellation } else { Some(words) }
}

/// A charge that was refunded, told as its payment. None for a charge without an intent: not one of ours.
pub fn refunded_payment(charge: wire::Charge, raw: &[u8]) -> Result<Option<Payment>, NotExact> {
    let Some(id) = charge.payment_intent else { return Ok(None) };
    Ok(Some(Payment {
        id,
        status: PaymentStatus::Succeeded,
        amount: from_stripe(charge.amount, &charge.currency)?,
        amount_refunded: from_stripe(charge.amount_refunded, &charge.currency)?,
        client_secret: None,
        booking_id: meta(&charge.metadata, BOOKING),
        payment_id: meta(&charge.metadata, PAYMENT),
        failure: None,
        raw: raw.to_vec(),
    }))
}

/// A refund.
pub fn refund(refund: wire::Refund, raw: &[u8]) -> Result<Refund, NotExact> {
    let status = match refund.status.as_deref() {
        Some("succeeded") => RefundStatus::Succeeded,
        Some("failed" | "canceled") => RefundStatus::Failed,
        _ => RefundStatus::Pending,
    };
    Ok(Refund {
        id: refund.id,
        payment: refund.payment_intent.unwrap_or_default(),
        status,
        amount: from_stripe(refund.amount, &refund.currency)?,
        client_reference: meta(&refund.metadata, REFERENCE),
        raw: raw.to_vec(),
    })
}

//! Payment intents, charges and refunds as Stripe writes them, and as control tells them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

/// A payment intent.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub id: String,
    pub client_secret: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub created: i64,
    pub description: Option<String>,
    pub receipt_email: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub payment_method: Option<String>,
    pub charge: Option<String>,
    pub refunded: i64,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub last_error: Option<Value>,
    pub key: String,
    pub times_charged: u32,
}

impl Intent {
    /// What has been taken.
    pub fn received(&self) -> i64 {
        if self.status == "succeeded" { self.amount } else { 0 }
    }

    /// The intent, with `latest_charge` in full where that is asked for.
    pub fn json(&self, expand: &[String]) -> Value {
        let in_full = expand.iter().any(|path| path == "latest_charge" || path == "data.latest_charge");
        let latest_charge = match &self.charge {
            Some(_) if in_full => self.charge_json(),
            charge => json!(charge),
        };
        let next_action = (self.status == "requires_action").then(|| {
            json!({
                "type": "redirect_to_url",
                "redirect_to_url": { "url": format!("https://hooks.stripe.com/3d_secure_2/{}", self.id), "return_url": null },
            })
        });
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": self.received(),
            "automatic_payment_methods": { "enabled": true, "allow_redirects": "always" },
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": "automatic_async",
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": self.description,
            "last_payment_error": self.last_error,
            "latest_charge": latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": next_action,
            "payment_method": self.payment_method,
            "payment_method_types": ["card"],
            "processing": null,
            "receipt_email": self.receipt_email,
            "setup_future_usage": null,
            "statement_descriptor": null,
            "status": self.status,
        })
    }

    /// The charge that its payment made.
    pub fn charge_json(&self) -> Value {
        json!({
            "id": self.charge,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.received(),
            "amount_refunded": self.refunded,
            "captured": self.status == "succeeded",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "livemode": false,
            "metadata": self.metadata,
            "paid": self.status == "succeeded",
            "payment_intent": self.id,
            "payment_method": self.payment_method,
            "refunded": self.refunded > 0 && self.refunded == self.amount,
            "status": if self.status == "succeeded" { "succeeded" } else { "failed" },
        })
    }
}

/// A refund.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub id: String,
    pub intent: String,
    pub charge: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created: i64,
    pub key: String,
}

impl Refund {
    pub fn json(&self) -> Value {
        let mut refund = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "metadata": self.metadata,
            "payment_intent": self.intent,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if self.status == "failed" {
            refund["failure_reason"] = "expired_or_canceled_card".into();
        }
        refund
    }
}

/// A refund as `GET /control/payments` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefundView {
    /// Stripe's id.
    pub id: String,
    /// Minor units, as Stripe counts them.
    pub amount: i64,
    /// Stripe's word.
    pub status: &'static str,
    /// The idempotency key that it was made under; empty for none.
    pub client_reference: String,
}

/// A payment as `GET /control/payments` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentView {
    /// Stripe's id.
    pub id: String,
    /// Stripe's word.
    pub status: &'static str,
    /// Minor units, as Stripe counts them.
    pub amount: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// What was taken.
    pub charged: i64,
    /// What was given back, failed refunds left out.
    pub refunded: i64,
    /// How often money was taken.
    pub times_charged: u32,
    /// The idempotency key that it was made under; empty for none.
    pub client_reference: String,
    /// As given.
    pub metadata: BTreeMap<String, String>,
    /// Every refund, failed ones too.
    pub refunds: Vec<RefundView>,
}

impl PaymentView {
    pub(super) fn new(intent: &Intent, refunds: &[Refund]) -> Self {
        let refunds = refunds.iter().filter(|refund| refund.intent == intent.id);
        PaymentView {
            id: intent.id.clone(),
            status: intent.status,
            amount: intent.amount,
            currency: intent.currency.clone(),
            charged: intent.received(),
            refunded: intent.refunded,
            times_charged: intent.times_charged,
            client_reference: intent.key.clone(),
            metadata: intent.metadata.clone(),
            refunds: refunds
                .map(|refund| RefundView {
                    id: refund.id.clone(),
                    amount: refund.amount,
                    status: refund.status,
                    client_reference: refund.key.clone(),
                })
                .collect(),
        }
    }
}

//! Stripe's objects, as far as they are read.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A payment intent.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    /// In Stripe's units.
    pub amount: i64,
    #[serde(default)]
    pub amount_received: Option<i64>,
    /// Lower case.
    pub currency: String,
    pub status: String,
    #[serde(default)]
    pub client_secret: Option<String>,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub last_payment_error: Option<PaymentError>,
    #[serde(default)]
    pub cancellation_reason: Option<String>,
    /// In full where it was asked for, else its id.
    #[serde(default)]
    pub latest_charge: Option<LatestCharge>,
}

/// An id, or the thing.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum LatestCharge {
    Whole(Charge),
    Other(serde::de::IgnoredAny),
}

/// Why the last try failed.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentError {
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub decline_code: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
}

/// A charge.
#[derive(Debug, Clone, Deserialize)]
pub struct Charge {
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub amount_refunded: i64,
    #[serde(default)]
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}

/// A refund.
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}

/// A page of a list, its entries not read yet.
#[derive(Debug, Deserialize)]
pub struct List<'a> {
    #[serde(borrow)]
    pub data: Vec<&'a RawValue>,
    #[serde(default)]
    pub has_more: bool,
}

/// An event.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    pub id: String,
    pub created: u64,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(borrow)]
    pub data: EventData<'a>,
}

/// What an event is about.
#[derive(Debug, Deserialize)]
pub struct EventData<'a> {
    #[serde(borrow)]
    pub object: &'a RawValue,
}

/// An answer that failed.
#[derive(Debug, Deserialize)]
pub struct Failure {
    pub error: Error,
}

/// What is wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Error {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub message: Option<String>,
    pub param: Option<String>,
}

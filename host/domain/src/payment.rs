//! Payments and refunds as a provider knows them.

use crate::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Waits for the traveller.
    Pending,
    /// The provider works on it.
    Processing,
    /// Money moved.
    Succeeded,
    /// This try failed; another may follow on the same payment.
    Failed,
    /// Over, without money moved.
    Cancelled,
}

/// A payment at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderPayment {
    /// The provider's id.
    pub id: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// Asked for.
    pub amount: Money,
    /// Given back so far.
    pub amount_refunded: Money,
    /// For the frontend's payment form.
    pub client_secret: Option<String>,
    /// The host's booking id, where the provider keeps it.
    pub booking_id: Option<String>,
    /// The host's payment id, likewise.
    pub payment_id: Option<String>,
    /// Why the last try failed.
    pub failure: Option<String>,
    /// The provider's answer as it came.
    pub raw: Vec<u8>,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Money moved.
    Succeeded,
    /// It will not.
    Failed,
}

/// A refund at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderRefund {
    /// The provider's id.
    pub id: String,
    /// The provider's id of the payment.
    pub payment: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much.
    pub amount: Money,
    /// The host's reference, where the provider keeps it.
    pub client_reference: Option<String>,
    /// The provider's answer as it came.
    pub raw: Vec<u8>,
}

/// A verified webhook event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderEvent {
    /// The provider's id of the event.
    pub id: String,
    /// When it happened, by the provider's clock.
    pub created_at: Timestamp,
    /// What it tells.
    pub change: ProviderChange,
}

/// What an event tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderChange {
    /// A payment as it is now.
    Payment(ProviderPayment),
    /// A refund as it is now.
    Refund(ProviderRefund),
    /// Of no interest; its type.
    Ignored(String),
}

/// A webhook that is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No signature, a wrong one, or one out of its time.
    #[error("the signature does not hold: {0}")]
    Forged(String),
    /// Signed, and not readable.
    #[error("the event cannot be read: {0}")]
    Malformed(String),
    /// The component could not answer.
    #[error(transparent)]
    Fault(#[from] crate::fault::Fault),
}

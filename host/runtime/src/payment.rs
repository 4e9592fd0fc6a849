//! Payment providers, as the rest of the host sees them.

use crate::version::PluginVersion;
use async_trait::async_trait;
use bytes::Bytes;
use interline_domain::fault::Fault;
use interline_domain::money::Money;
use interline_domain::payment::{ProviderEvent, ProviderPayment, ProviderRefund, WebhookError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A payment to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequest {
    /// Minted before the first try, kept by every retry.
    pub client_reference: String,
    /// How much.
    pub amount: Money,
    /// For the traveller's statement or receipt.
    pub description: String,
    /// The host's booking.
    pub booking_id: String,
    /// The host's payment.
    pub payment_id: String,
}

/// Money to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// Minted before the first try, kept by every retry.
    pub client_reference: String,
    /// The provider's id of the payment.
    pub payment: String,
    /// How much.
    pub amount: Money,
    /// The host's booking.
    pub booking_id: String,
}

/// A webhook as it was received. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it came: signatures are over bytes.
    pub body: Bytes,
    /// When.
    pub received_at: Timestamp,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({} bytes)", self.body.len())
    }
}

/// A payment provider, bound to the component version that was active when it was obtained.
///
/// A fault of `create` or `refund` after a request has left the host is never less than
/// [`interline_domain::fault::Disposition::OutcomeUnknown`], unless the provider itself said that nothing was done.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Its name: the last part of its webhook's address.
    fn name(&self) -> &str;

    /// The version that answers.
    fn version(&self) -> &PluginVersion;

    /// Creates a payment for the traveller to confirm.
    async fn create(&self, request: &PaymentRequest) -> Result<ProviderPayment, Fault>;

    /// Verifies the signature, and tells what happened.
    async fn interpret_webhook(&self, webhook: &Webhook) -> Result<ProviderEvent, WebhookError>;

    /// The payment, by the provider's id, as it is now.
    async fn retrieve(&self, payment: &str) -> Result<ProviderPayment, Fault>;

    /// Cancels a payment that has not succeeded; one that has comes back `Succeeded`.
    async fn cancel(&self, payment: &str) -> Result<ProviderPayment, Fault>;

    /// Gives money back.
    async fn refund(&self, request: &RefundRequest) -> Result<ProviderRefund, Fault>;

    /// The refund, by the provider's id, as it is now.
    async fn retrieve_refund(&self, refund: &str) -> Result<ProviderRefund, Fault>;
}

/// The payment providers that are active now.
pub trait PaymentProviders: Send + Sync {
    /// All of them, by name.
    fn all(&self) -> Vec<Arc<dyn PaymentProvider>>;

    /// One of them.
    fn get(&self, name: &str) -> Option<Arc<dyn PaymentProvider>>;
}

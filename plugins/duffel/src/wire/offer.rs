//! Offers and offer requests.

use super::trip::{Airline, Conditions, Slice};
use interline_plugin_sdk::json::Text;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// A whole answer: an offer request that came with its offers.
#[derive(Debug, Deserialize)]
pub struct Answer<'a> {
    #[serde(borrow)]
    pub data: Offers<'a>,
}

/// An offer request's offers.
#[derive(Debug, Deserialize)]
pub struct Offers<'a> {
    #[serde(borrow)]
    pub offers: Vec<Offer<Text<'a>>>,
}

/// An offer request that came with its offers, each read by itself: a wrong one doesn't lose the others.
#[derive(Debug, Deserialize)]
pub struct OfferRequest<'a> {
    /// None where the offers were not asked for.
    #[serde(borrow, default)]
    pub offers: Option<Vec<&'a RawValue>>,
}

/// Enough of anything to name it in a report, and to know an offer by.
#[derive(Debug, Default, Deserialize)]
pub struct Identified {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub total_amount: Option<IgnoredAny>,
}

/// An offer; its texts are own ones, or those of the message.
#[derive(Debug, Clone, Deserialize)]
pub struct Offer<T = String> {
    pub id: T,
    #[serde(default)]
    pub owner: Option<Airline<T>>,
    /// Of one slice only, to be combined with others.
    #[serde(default)]
    pub partial: Option<bool>,
    pub passengers: Vec<OfferPassenger<T>>,
    pub slices: Vec<Slice<T>>,
    #[serde(default)]
    pub conditions: Option<Conditions<T>>,
    #[serde(default)]
    pub base_amount: Option<T>,
    #[serde(default)]
    pub base_currency: Option<T>,
    #[serde(default)]
    pub tax_amount: Option<T>,
    #[serde(default)]
    pub tax_currency: Option<T>,
    pub total_amount: T,
    pub total_currency: T,
    #[serde(default)]
    pub expires_at: Option<T>,
    #[serde(default)]
    pub payment_requirements: Option<PaymentRequirements<T>>,
    #[serde(default)]
    pub passenger_identity_documents_required: Option<bool>,
    #[serde(default)]
    pub supported_passenger_identity_document_types: Option<Vec<T>>,
    /// The older name of the field above.
    #[serde(default)]
    pub allowed_passenger_identity_document_types: Option<Vec<T>>,
}

/// A seat or lap of the offer.
#[derive(Debug, Clone, Deserialize)]
pub struct OfferPassenger<T = String> {
    pub id: T,
    /// `adult`, `child`, `infant_without_seat`; none where an age was given.
    #[serde(rename = "type", default)]
    pub kind: Option<T>,
    #[serde(default)]
    pub age: Option<u8>,
}

/// When it must be paid.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentRequirements<T = String> {
    /// False: an order can be held.
    #[serde(default)]
    pub requires_instant_payment: Option<bool>,
    #[serde(default)]
    pub payment_required_by: Option<T>,
    #[serde(default)]
    pub price_guarantee_expires_at: Option<T>,
}

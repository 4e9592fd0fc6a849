//! Orders.

use super::trip::{Airline, Slice};
use serde::Deserialize;

/// An order.
#[derive(Debug, Clone, Deserialize)]
pub struct Order {
    pub id: String,
    /// The airline's record locator.
    #[serde(default)]
    pub booking_reference: Option<String>,
    /// One per airline, where they differ.
    #[serde(default)]
    pub booking_references: Option<Vec<BookingReference>>,
    #[serde(default)]
    pub owner: Option<Airline>,
    pub total_amount: String,
    pub total_currency: String,
    #[serde(default)]
    pub passengers: Option<Vec<OrderPassenger>>,
    #[serde(default)]
    pub slices: Option<Vec<Slice>>,
    #[serde(default)]
    pub documents: Option<Vec<Document>>,
    #[serde(default)]
    pub payment_status: Option<PaymentStatus>,
    #[serde(default)]
    pub cancelled_at: Option<String>,
    #[serde(default)]
    pub metadata: Option<serde_json::Value>,
}

/// A traveller of the order; the name is left where it is.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderPassenger {
    pub id: String,
    /// `adult`, `child`, `infant_without_seat`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
}

/// An airline's locator.
#[derive(Debug, Clone, Deserialize)]
pub struct BookingReference {
    #[serde(default)]
    pub booking_reference: Option<String>,
    #[serde(default)]
    pub carrier: Option<Airline>,
}

/// A ticket, or a document for something beside the seat.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    /// `electronic_ticket`, `electronic_miscellaneous_document_associated`, …; older orders have none.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// None: not issued yet.
    #[serde(default)]
    pub unique_identifier: Option<String>,
    #[serde(default)]
    pub passenger_ids: Option<Vec<String>>,
}

/// Whether it is paid.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentStatus {
    #[serde(default)]
    pub awaiting_payment: Option<bool>,
    #[serde(default)]
    pub payment_required_by: Option<String>,
    #[serde(default)]
    pub price_guarantee_expires_at: Option<String>,
}

/// Enough of an order to tell its age.
#[derive(Debug, Clone, Deserialize)]
pub struct Created {
    #[serde(default)]
    pub created_at: Option<String>,
}

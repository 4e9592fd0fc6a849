//! What is sent.

use serde::Serialize;
use std::collections::BTreeMap;

/// What every body is wrapped in.
#[derive(Debug, Serialize)]
pub struct Envelope<T> {
    pub data: T,
}

/// `POST /air/offer_requests`.
#[derive(Debug, Serialize)]
pub struct OfferRequest {
    pub slices: Vec<Slice>,
    pub passengers: Vec<Passenger>,
    pub cabin_class: &'static str,
    pub max_connections: u8,
}

/// A leg.
#[derive(Debug, Serialize)]
pub struct Slice {
    pub origin: String,
    pub destination: String,
    pub departure_date: String,
}

/// By type, or by age: never both.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Passenger {
    Type {
        #[serde(rename = "type")]
        kind: &'static str,
    },
    Age {
        age: u8,
    },
}

/// `POST /air/orders`.
#[derive(Debug, Serialize)]
pub struct Order {
    /// `hold` or `instant`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub selected_offers: Vec<String>,
    pub passengers: Vec<OrderPassenger>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payments: Option<Vec<Payment>>,
    pub metadata: BTreeMap<&'static str, String>,
}

/// A traveller.
#[derive(Debug, Serialize)]
pub struct OrderPassenger {
    pub id: String,
    pub title: String,
    pub given_name: String,
    pub family_name: String,
    pub born_on: String,
    pub gender: &'static str,
    pub email: String,
    pub phone_number: String,
    /// Of the infant on this adult's lap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infant_passenger_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity_documents: Vec<IdentityDocument>,
}

/// A passport or identity card.
#[derive(Debug, Serialize)]
pub struct IdentityDocument {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub unique_identifier: String,
    pub issuing_country_code: String,
    pub expires_on: String,
}

/// From the agency's balance.
#[derive(Debug, Serialize)]
pub struct Payment {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub amount: String,
    pub currency: String,
}

/// `POST /air/payments`.
#[derive(Debug, Serialize)]
pub struct OrderPayment {
    pub order_id: String,
    pub payment: Payment,
}

/// `POST /air/order_cancellations`.
#[derive(Debug, Serialize)]
pub struct OrderCancellation {
    pub order_id: String,
}

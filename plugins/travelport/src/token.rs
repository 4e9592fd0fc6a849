//! What the host keeps for the adapter.

use interline_plugin_sdk::supplier::Fault;
use interline_plugin_sdk::token;
use serde::{Deserialize, Serialize};

/// Of an offer: its itinerary, as it has to be sent to be priced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferToken {
    /// Flights in order.
    pub flights: Vec<Flight>,
    /// Passenger types and ages, in the order of the request's passengers.
    pub party: Vec<(String, Option<u8>)>,
    /// Currency of the price.
    pub currency: String,
    /// Validating carrier.
    pub plating: String,
}

/// A flight of an offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flight {
    /// Index of the slice.
    #[serde(rename = "g")]
    pub group: usize,
    /// Marketing carrier.
    #[serde(rename = "c")]
    pub carrier: String,
    /// Its flight number.
    #[serde(rename = "n")]
    pub number: String,
    /// Airport.
    #[serde(rename = "o")]
    pub origin: String,
    /// Airport.
    #[serde(rename = "d")]
    pub destination: String,
    /// As uAPI wrote it.
    #[serde(rename = "t")]
    pub departure: String,
    /// As uAPI wrote it.
    #[serde(rename = "a")]
    pub arrival: String,
    /// Booking class.
    #[serde(rename = "b")]
    pub class: String,
    /// Cabin in uAPI's words.
    #[serde(rename = "k")]
    pub cabin: String,
    /// Fare basis of the first passenger type.
    #[serde(rename = "f")]
    pub basis: String,
}

/// Of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderToken {
    /// uAPI's keys of the travellers, in their order.
    pub travellers: Vec<String>,
    /// Total as last read (`EUR123.45`): a cancelled record tells none.
    pub total: String,
}

/// Of a cancellation's quote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelToken {
    /// What was said to come back (`EUR123.45`).
    pub refund: String,
}

/// From the host. An empty one says nothing: an order found again by hand, or a replayed reply.
pub fn decode<T: serde::de::DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, Fault> {
    if bytes.is_empty() { Ok(T::default()) } else { token::decode(bytes) }
}

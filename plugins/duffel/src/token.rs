//! What the host keeps for the adapter. Duffel's ids of passengers are no personal data.

use interline_plugin_sdk::supplier::Fault;
use interline_plugin_sdk::token;
use serde::{Deserialize, Serialize};

/// Of an offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferToken {
    /// Duffel's ids in the order of the request's passengers.
    pub passengers: Vec<String>,
    /// An order can be held.
    pub hold: bool,
    /// Kinds of identity documents that the airline takes.
    pub documents: Vec<String>,
    /// One of them is needed for each passenger.
    pub document_required: bool,
}

/// Of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderToken {
    /// Duffel's ids in the order of the travellers.
    pub passengers: Vec<String>,
}

/// Of a cancellation's quote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelToken {
    /// The pending cancellation to confirm.
    pub cancellation: String,
}

impl OfferToken {
    /// To the host.
    pub fn encode(&self) -> Result<Vec<u8>, Fault> {
        token::encode(self)
    }
}

/// From the host. An empty one says nothing: an order found again by hand, or a replayed reply.
pub fn decode<T: serde::de::DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, Fault> {
    if bytes.is_empty() { Ok(T::default()) } else { token::decode(bytes) }
}

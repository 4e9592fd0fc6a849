//! What the host keeps for the adapter. Ids of passengers, items and owners are no personal data.

use interline_plugin_sdk::supplier::{Fault, Money};
use interline_plugin_sdk::token;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Of an offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OfferToken {
    /// Airline whose offer it is.
    pub owner: String,
    /// The supplier's passenger ids in the order of the request's passengers.
    pub pax: Vec<String>,
    /// What is selected to buy it.
    pub items: Vec<Item>,
    /// Index of the cabin asked for, for answers that name none.
    pub cabin: u8,
    /// How many slices were asked for; 0: not known.
    pub slices: usize,
}

/// An offer item to be selected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// `OfferItemID`.
    pub id: String,
    /// Passengers it is for.
    pub pax: Vec<String>,
}

/// Of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderToken {
    /// Airline whose order it is.
    pub owner: Option<String>,
    /// The supplier's passenger ids in the order of the travellers.
    pub pax: Vec<String>,
}

/// Of a cancellation's quote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CancelToken {
    /// Minor units that come back.
    pub units: i64,
    /// Their currency.
    pub currency: String,
    /// Its decimals.
    pub exponent: u8,
}

impl CancelToken {
    /// Of what comes back.
    pub fn of(refund: &Money) -> Self {
        Self { units: refund.units, currency: refund.currency.clone(), exponent: refund.exponent }
    }

    /// What comes back; none of an empty token.
    pub fn refund(self) -> Option<Money> {
        let known = !self.currency.is_empty();
        known.then_some(Money { units: self.units, currency: self.currency, exponent: self.exponent })
    }
}

/// From the host. An empty one says nothing: an order found again by hand, or a replayed reply.
pub fn decode<T: DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, Fault> {
    if bytes.is_empty() { Ok(T::default()) } else { token::decode(bytes) }
}

//! Duffel's messages → the contract's records, and back. No I/O.

pub mod cancellation;
pub mod conditions;
pub mod offer;
pub mod order;
pub mod party;
pub mod travellers;
pub mod trip;

use interline_plugin_sdk::decimal::{self, AmountError};
use interline_plugin_sdk::supplier::{Instant, Money};
use interline_plugin_sdk::time;

/// An amount with its currency beside it; none if there is no amount. Without a currency of its own it has the offer's.
fn optional_money(
    amount: Option<&str>,
    currency: Option<&str>,
    default_currency: &str,
) -> Result<Option<Money>, AmountError> {
    amount.map(|amount| decimal::money(amount, currency.unwrap_or(default_currency))).transpose()
}

/// A time that is only information: one that can't be read is not told.
fn optional_instant(text: Option<&str>) -> Option<Instant> {
    text.and_then(|text| time::utc_instant(text).ok())
}

//! The closed set of circumstances that a price depends on, besides the offer and the time.

use crate::rates::RatesVersion;
use interline_domain::money::Currency;
use serde::{Deserialize, Serialize};

/// Whom a price is for. Two requests with equal contexts see the same prices for the same supplier reply.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PricingContext {
    /// ISO 3166 alpha-2 country of sale.
    pub point_of_sale: String,
    /// `web`, `app`, `agent` or `partner`; rules treat another as not known.
    pub channel: String,
    /// `retail`, `member` or `corporate`; rules treat another as not known.
    pub customer_segment: String,
    /// Currency that the traveller sees and pays.
    pub display_currency: Currency,
    /// The table that suppliers' amounts are exchanged by: that of [`crate::Pricing::rates`].
    pub rates: RatesVersion,
}

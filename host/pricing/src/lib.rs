//! What a traveller pays for a supplier's offer, what baggage comes with it, and what cancelling it costs.
//!
//! Pricing exchanges a supplier's amounts into the currency shown, packs the facts of all offers of a search into one
//! table of columns, has the rule sets answer in one call each, checks what they answered, and tells line by line which
//! rule made the price. It keeps no price itself: who caches one caches it under [`PricingContext`] and [`RulesVersion`],
//! and no longer than [`PricedOffers::changes_at`].

#![deny(missing_docs)]

mod baggage;
mod cancellation;
mod circumstances;
mod columns;
mod context;
mod error;
mod fares;
mod names;
mod penalty;
mod priced;
mod rates;
mod regions;
mod service;
mod sheet;
mod told;

pub use context::PricingContext;
pub use error::{PricingError, RuleSetKind, Unpriced};
pub use interline_runtime::LineKind;
pub use penalty::{PenaltyInput, PenaltyWindow, SupplierTerms};
pub use priced::{
    BaggageAllowance, BaggageSource, Price, PriceLine, PriceTrace, PricedOffer, PricedOffers, PricingInput,
    RuleSetUsed, RulesVersion,
};
pub use rates::{RateTable, RateUsed, RatesError, RatesVersion};
pub use service::Pricing;

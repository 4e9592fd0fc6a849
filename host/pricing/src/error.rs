//! Why pricing failed, as a whole or for one offer.

use crate::rates::RatesVersion;
use interline_domain::fault::Fault;
use interline_domain::money::Currency;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of rule sets that pricing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleSetKind {
    /// What the traveller pays.
    Fares,
    /// What baggage is included where the supplier did not say.
    Baggage,
    /// What cancelling costs.
    Cancellation,
}

impl fmt::Display for RuleSetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fares => "fares",
            Self::Baggage => "baggage",
            Self::Cancellation => "cancellation",
        })
    }
}

/// Why nothing could be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// No rule set of this kind is loaded. Nothing is ever sold at the supplier's price for want of rules.
    #[error("no rule set for {0} is loaded")]
    NoRuleSet(RuleSetKind),
    /// The call to the rule set failed.
    #[error("the rule set for {kind} failed: {fault}")]
    RuleSetFailed {
        /// Which.
        kind: RuleSetKind,
        /// How.
        fault: Fault,
    },
    /// The rule set answered what makes no sense; none of it is used.
    #[error("the rule set for {kind} answered what makes no sense: {reason}")]
    BadAnswer {
        /// Which.
        kind: RuleSetKind,
        /// For the revenue team.
        reason: String,
    },
    /// The context names a rate table that is not kept any more: make a new context.
    #[error("the rate table {0} is not kept any more")]
    RatesGone(RatesVersion),
    /// An item's amounts can't be priced.
    #[error(transparent)]
    Unpriced(#[from] Unpriced),
}

/// Why one offer has no price. The others keep theirs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// The table has no rate for the supplier's currency or for the one shown.
    #[error("no exchange rate from {from} to {to}")]
    NoRate {
        /// The supplier's.
        from: Currency,
        /// Shown.
        to: Currency,
    },
    /// The supplier's own amounts are nothing, negative, of several currencies, or beyond 64 bits.
    #[error("the supplier's amounts make no price: {0}")]
    SupplierAmounts(&'static str),
    /// What the rules made of it is no price that anybody would mean.
    #[error("the rules made no sensible price: {0}")]
    RuleAmounts(&'static str),
}

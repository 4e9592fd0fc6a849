//! What went wrong at the far side, and what may follow.

use crate::money::Money;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the host may do after a failed call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Disposition {
    /// Nothing was done; the same call may be made again after a pause.
    RetryAfter {
        /// The least pause.
        delay: Duration,
    },
    /// Nothing was done, and the same call would be refused again.
    Rejected,
    /// The seats or fares are gone.
    SoldOut,
    /// The price is another now.
    PriceChanged {
        /// The new total, where it was told.
        total: Option<Money>,
    },
    /// The offer is too old for the supplier.
    OfferExpired,
    /// The credentials are wrong or may not do this.
    NotAuthorised,
    /// The far side cannot do this.
    Unsupported,
    /// The call may or may not have been carried out.
    OutcomeUnknown,
}

impl Disposition {
    /// Stable name for metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RetryAfter { .. } => "retry_after",
            Self::Rejected => "rejected",
            Self::SoldOut => "sold_out",
            Self::PriceChanged { .. } => "price_changed",
            Self::OfferExpired => "offer_expired",
            Self::NotAuthorised => "not_authorised",
            Self::Unsupported => "unsupported",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }
}

/// A failed call to a component: the far side's fault, or what stopped the component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", disposition.name())]
pub struct Fault {
    /// What may follow.
    pub disposition: Disposition,
    /// Who says so.
    pub origin: Origin,
    /// The far side's code, as it gave it, or the host's own (`deadline`, `memory`, `trap`, `egress_denied`, …).
    pub code: Option<String>,
    /// For operators; without passenger data or secrets.
    pub message: String,
    /// The field of the request that was complained about, in the contract's names.
    pub field: Option<String>,
}

/// Who speaks in a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The component answered with an error of the far side.
    Component,
    /// The host stopped or refused the call (deadline, trap, limits, full queue, open circuit).
    Host,
}

//! Why a search or an offer's look-up failed.

use crate::page::SupplierStatus;
use interline_pricing::PricingError;
use std::time::Duration;

/// Why a search has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SearchError {
    /// No supplier that can search flights is active.
    #[error("no supplier can be searched")]
    NoSuppliers,
    /// Every supplier failed.
    #[error("no supplier answered")]
    AllSuppliersFailed {
        /// How each of them failed.
        statuses: Vec<SupplierStatus>,
        /// When asking again makes sense.
        retry_after: Duration,
    },
    /// The cursor was never given out, or for another search.
    #[error("the cursor does not belong to this search")]
    BadCursor,
    /// The rules or exchange rates failed.
    #[error("the offers could not be priced: {0}")]
    Pricing(#[from] PricingError),
    /// The search died in the gateway, more than once.
    #[error("the search was interrupted")]
    Interrupted,
    /// Too many searches are under way at suppliers.
    #[error("too many searches are under way")]
    Overloaded,
}

/// Why an offer can't be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OfferError {
    /// Not an offer id.
    #[error("this is no offer id")]
    Malformed,
    /// Not signed by us, or with a key no longer in use.
    #[error("the offer id was not given out here")]
    Forged,
    /// Older than an offer id lives.
    #[error("the offer id is too old")]
    Expired,
    /// The supplier does not sell it any more.
    #[error("the offer is not sold any more")]
    Gone,
    /// Its data is gone here, and the supplier could not be asked.
    #[error("the offer's supplier did not answer")]
    Unavailable {
        /// How it failed; none: it is not active.
        status: Option<Box<SupplierStatus>>,
        /// When asking again makes sense.
        retry_after: Duration,
    },
    /// The rules or exchange rates failed.
    #[error("the offer could not be priced: {0}")]
    Pricing(#[from] PricingError),
}

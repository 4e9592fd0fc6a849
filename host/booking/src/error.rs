//! What the API is told when something can't be done.

use crate::offers::OfferLookupError;
use interline_domain::booking::Status;
use interline_domain::fault::Fault;
use interline_pricing::PricingError;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// A field of a request, and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvalidField {
    /// JSON pointer into the request body: `/passengers/0/born_on`.
    pub field: String,
    /// Stable name of the rule: `born_on_matches_type`.
    pub rule: String,
    /// The rule in words, without what the request had.
    pub message: String,
}

/// Why an offer was not verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The offer id leads nowhere.
    #[error(transparent)]
    Offer(#[from] OfferLookupError),
    /// The supplier says that the seats or the fare are gone.
    #[error("the offer is sold out")]
    SoldOut,
    /// The supplier keeps the offer no longer; a new search may find it again.
    #[error("the supplier's offer has expired")]
    OfferExpired,
    /// The supplier refuses to price it.
    #[error("the supplier refuses the offer: {0}")]
    Refused(Fault),
    /// Whether it can be had is not known; try again after the pause.
    #[error("the supplier does not answer")]
    Unknown {
        /// The least pause.
        retry_after: Duration,
    },
    /// It can't be priced now.
    #[error("the offer cannot be priced: {0}")]
    Pricing(#[from] PricingError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Something of ours is broken.
    #[error("internal: {0}")]
    Internal(String),
}

/// Why something was not done with a booking.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// No such booking, quote or cancellation quote for this caller.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The quote's time is over.
    #[error("the quote has expired")]
    QuoteExpired,
    /// The quote has made a booking already.
    #[error("the quote was used for another booking")]
    QuoteUsed,
    /// Fields that break rules.
    #[error("{} fields break rules", .0.len())]
    Invalid(Vec<InvalidField>),
    /// The idempotency key came with another request before.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// Somebody else changes the booking at this moment; the same request may be made again.
    #[error("the booking is being changed")]
    Conflict,
    /// Not in this state.
    #[error("a booking that is {0} does not allow this")]
    WrongStatus(Status),
    /// The money is on its way back, and nothing else is left to be done.
    #[error("the booking's money is on its way back: it can only be given back")]
    MoneyGoesBack,
    /// Another payment of the booking waits for the traveller, at a provider that can't be told to drop it now.
    #[error("another payment is under way")]
    PaymentUnderWay,
    /// No payment provider of this name.
    #[error("there is no payment provider `{0}`")]
    UnknownProvider(String),
    /// The far side refused; trying again won't help.
    #[error("refused: {0}")]
    Refused(Fault),
    /// The far side can't be reached; the same request, with the same idempotency key, may be made again.
    #[error("not available just now")]
    Unavailable {
        /// The least pause.
        retry_after: Duration,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Something of ours is broken.
    #[error("internal: {0}")]
    Internal(String),
}

/// Why a webhook was not taken in. Only `Unavailable`, `Database` and `Internal` deserve another delivery.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// No payment provider of this name.
    #[error("there is no payment provider `{0}`")]
    UnknownProvider(String),
    /// The signature does not hold.
    #[error("the webhook's signature does not hold")]
    Forged,
    /// Signed, and not readable.
    #[error("the webhook cannot be read")]
    Malformed,
    /// The component could not answer.
    #[error("the provider's component is not available: {0}")]
    Unavailable(Fault),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Something of ours is broken.
    #[error("internal: {0}")]
    Internal(String),
}

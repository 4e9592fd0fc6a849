//! What goes wrong inside: told apart by what may be done about it.

use crate::error::{BookingError, ReceiveError, VerifyError};
use std::future::Future;
use std::time::Duration;

/// An internal failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Somebody else was faster: read again.
    #[error("the row was changed in between")]
    Stale,
    /// Another worker has the job now: leave it alone.
    #[error("the lease on the job is lost")]
    LeaseLost,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// What we stored, or were configured with, makes no sense.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    pub(crate) fn broken(what: impl Into<String>) -> Self {
        Self::Broken(what.into())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        // Serialisation failure and deadlock: the other one was faster.
        match error.as_database_error().and_then(|error| error.code()).as_deref() {
            Some("40001" | "40P01") => Self::Stale,
            _ => Self::Database(error),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // The category alone: the text may quote what it failed at.
        Self::Broken(format!("stored JSON is not what it should be ({:?}, line {})", error.classify(), error.line()))
    }
}

impl From<interline_domain::money::MoneyError> for Failure {
    fn from(error: interline_domain::money::MoneyError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<Failure> for BookingError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Stale => Self::Conflict,
            Failure::LeaseLost => Self::Conflict,
            Failure::Database(error) => Self::Database(error),
            Failure::Broken(what) => Self::Internal(what),
        }
    }
}

impl From<Failure> for VerifyError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => Self::Database(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Failure> for ReceiveError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => Self::Database(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// An error that may turn out to be a lost race.
pub(crate) trait MaybeStale {
    fn is_stale(&self) -> bool;
}

impl MaybeStale for Failure {
    fn is_stale(&self) -> bool {
        matches!(self, Self::Stale)
    }
}

impl MaybeStale for BookingError {
    fn is_stale(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

/// Tries again from a fresh read after a lost race, a bounded number of times.
pub(crate) async fn from_fresh_reads<T, E, F, Fut>(mut attempt: F) -> Result<T, E>
where
    E: MaybeStale,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    const TRIES: u64 = 12;
    for tried in 1..TRIES {
        match attempt().await {
            Err(error) if error.is_stale() => {
                // Spread, so that those who met once do not meet again.
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..=4 * tried))).await;
            }
            settled => return settled,
        }
    }
    attempt().await
}

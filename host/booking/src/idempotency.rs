//! Idempotency keys: the same request is answered the same, another one under the same key is refused.
//!
//! The row is written in the transaction that makes what the request asked for, so that of two requests at once the
//! second waits for the first one's commit and then finds it.

use crate::crypt::BookingKey;
use crate::error::BookingError;
use crate::failure::Failure;
use crate::identity::{Caller, Idempotency};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// What a request with an idempotency key is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<T> {
    /// The answer.
    pub body: T,
    /// An earlier request with the same key was answered it; this one did nothing.
    pub replayed: bool,
}

impl<T> Answered<T> {
    pub(crate) const fn anew(body: T) -> Self {
        Self { body, replayed: false }
    }

    pub(crate) const fn again(body: T) -> Self {
        Self { body, replayed: true }
    }
}

/// What is known of a key.
pub(crate) struct Earlier {
    /// What the earlier request made.
    pub(crate) subject: Uuid,
    /// Its answer, sealed; none: it is under way, or its process died.
    answer: Option<Value>,
}

impl Earlier {
    /// The answer given then; none where it was not given yet.
    pub(crate) fn answer<T: DeserializeOwned>(&self, key: Option<&BookingKey>) -> Result<Option<T>, Failure> {
        match (&self.answer, key) {
            (Some(sealed), Some(key)) => Ok(Some(serde_json::from_slice(&key.open("answer", sealed)?)?)),
            _ => Ok(None),
        }
    }
}

/// What the key was used for before, if it was.
pub(crate) async fn earlier(
    conn: &mut PgConnection,
    caller: Caller,
    operation: &str,
    idempotency: &Idempotency,
) -> Result<Option<Earlier>, BookingError> {
    let row = sqlx::query!(
        "SELECT request_hash, subject, answer FROM idempotency_keys
         WHERE api_key_id = $1 AND user_id = $2 AND operation = $3 AND key = $4",
        caller.api_key.0,
        caller.user.0,
        operation,
        idempotency.key
    )
    .fetch_optional(conn)
    .await?;
    match row {
        Some(row) if row.request_hash != idempotency.hash => Err(BookingError::IdempotencyMismatch),
        Some(row) => Ok(Some(Earlier { subject: row.subject, answer: row.answer })),
        None => Ok(None),
    }
}

/// Takes the key for `subject`. `Conflict` if somebody else took it in between: look for it again.
pub(crate) async fn take(
    conn: &mut PgConnection,
    caller: Caller,
    operation: &str,
    idempotency: &Idempotency,
    subject: Uuid,
) -> Result<(), BookingError> {
    let taken = sqlx::query!(
        "INSERT INTO idempotency_keys (api_key_id, user_id, operation, key, request_hash, subject)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        caller.api_key.0,
        caller.user.0,
        operation,
        idempotency.key,
        &idempotency.hash[..],
        subject
    )
    .execute(conn)
    .await?;
    if taken.rows_affected() == 0 { Err(BookingError::Conflict) } else { Ok(()) }
}

/// Keeps the answer for whoever asks again.
pub(crate) async fn answer<T: Serialize>(
    conn: &mut PgConnection,
    caller: Caller,
    operation: &str,
    idempotency: &Idempotency,
    key: Option<&BookingKey>,
    answer: &T,
) -> Result<(), Failure> {
    let Some(key) = key else { return Ok(()) };
    let sealed = key.seal("answer", &serde_json::to_vec(answer)?)?;
    sqlx::query!(
        "UPDATE idempotency_keys SET answer = $5
         WHERE api_key_id = $1 AND user_id = $2 AND operation = $3 AND key = $4 AND answer IS NULL",
        caller.api_key.0,
        caller.user.0,
        operation,
        idempotency.key,
        sealed
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives the key back after a refusal: nothing was done.
pub(crate) async fn release(
    conn: &mut PgConnection,
    caller: Caller,
    operation: &str,
    idempotency: &Idempotency,
) -> Result<(), Failure> {
    sqlx::query!(
        "DELETE FROM idempotency_keys
         WHERE api_key_id = $1 AND user_id = $2 AND operation = $3 AND key = $4 AND answer IS NULL",
        caller.api_key.0,
        caller.user.0,
        operation,
        idempotency.key
    )
    .execute(conn)
    .await?;
    Ok(())
}

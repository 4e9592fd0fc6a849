//! What operators see and do: cases for a person, dead letters, erasure.

use crate::cancellation;
use crate::error::BookingError;
use crate::failure::{Failure, from_fresh_reads};
use crate::passengers;
use crate::refunds;
use crate::rows::{self, BookingRow};
use crate::service::BookingService;
use interline_domain::booking::Status;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A booking that a person must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attention {
    /// Which.
    pub booking_id: Uuid,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: Status,
    /// What is the matter, without personal data.
    pub reason: String,
    /// The supplier.
    pub supplier: String,
    /// The supplier's order, if one is known.
    pub order_id: Option<String>,
    /// The reference under which the supplier was asked for the order.
    pub client_reference: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// A job that could not end by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeadLetter {
    /// Which.
    pub job_id: Uuid,
    /// `ticketing`, `resolve`, `compensate`, `refund`, `cancel`, `mail`.
    pub kind: String,
    /// Whose.
    pub booking_id: Uuid,
    /// Why it was given up.
    pub error: String,
    /// How often it was tried.
    pub tries: i32,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// An alert that nobody has settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alert {
    /// Key.
    pub id: Uuid,
    /// Whose.
    pub booking_id: Uuid,
    /// Stable name.
    pub kind: String,
    /// In words, without personal data.
    pub detail: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

/// How the queue stands: for gauges.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueState {
    /// Jobs that wait.
    pub ready: i64,
    /// Jobs under a lease.
    pub running: i64,
    /// Dead letters.
    pub dead: i64,
    /// Seconds that the oldest due job has waited; 0: none is due.
    pub oldest_due_seconds: f64,
    /// Bookings that wait for a person.
    pub needing_attention: i64,
}

impl BookingService {
    /// How the queue stands.
    pub async fn queue(&self) -> Result<QueueState, BookingError> {
        let row = sqlx::query!(
            r#"SELECT count(*) FILTER (WHERE state = 'ready') AS "ready!",
                      count(*) FILTER (WHERE state = 'running') AS "running!",
                      count(*) FILTER (WHERE state = 'dead') AS "dead!",
                      coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'ready' AND run_at <= now())),
                               0)::float8 AS "oldest!",
                      (SELECT count(*) FROM bookings WHERE status = 'NEEDS_ATTENTION') AS "attention!"
               FROM jobs WHERE state <> 'done'"#
        )
        .fetch_one(&self.parts.pool)
        .await?;
        Ok(QueueState {
            ready: row.ready,
            running: row.running,
            dead: row.dead,
            oldest_due_seconds: row.oldest,
            needing_attention: row.attention,
        })
    }

    /// Bookings that a person must look at, the oldest first.
    pub async fn needing_attention(&self, limit: u32) -> Result<Vec<Attention>, BookingError> {
        let found = sqlx::query!(
            "SELECT bookings.id, status, attention, supplier, order_id, create_reference, bookings.updated_at
             FROM bookings JOIN booking_items ON booking_items.booking_id = bookings.id
             WHERE status = 'NEEDS_ATTENTION' ORDER BY bookings.updated_at LIMIT $1",
            i64::from(limit)
        )
        .fetch_all(&self.parts.pool)
        .await?;
        let cases = found.into_iter().map(|row| {
            Ok(Attention {
                booking_id: row.id,
                status: rows::status(&row.status)?,
                reason: row.attention.unwrap_or_default(),
                supplier: row.supplier,
                order_id: row.order_id,
                client_reference: row.create_reference,
                since: row.updated_at.into(),
            })
        });
        Ok(cases.collect::<Result<_, Failure>>()?)
    }

    /// Open alerts, the oldest first.
    pub async fn alerts(&self, limit: u32) -> Result<Vec<Alert>, BookingError> {
        let found = sqlx::query!(
            "SELECT id, booking_id, kind, detail, created_at FROM alerts
             WHERE settled_at IS NULL ORDER BY created_at LIMIT $1",
            i64::from(limit)
        )
        .fetch_all(&self.parts.pool)
        .await?;
        let alerts = found.into_iter().map(|row| Alert {
            id: row.id,
            booking_id: row.booking_id,
            kind: row.kind,
            detail: row.detail,
            since: row.created_at.into(),
        });
        Ok(alerts.collect())
    }

    /// Settles an alert: a person has dealt with what it tells.
    pub async fn settle_alert(&self, alert: Uuid) -> Result<(), BookingError> {
        let settled = sqlx::query!(
            "UPDATE alerts SET settled_at = now() WHERE id = $1 AND settled_at IS NULL RETURNING id",
            alert
        )
        .fetch_optional(&self.parts.pool)
        .await?;
        settled.map(drop).ok_or(BookingError::NotFound("open alert"))
    }

    /// Jobs that could not end by themselves, the oldest first.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, BookingError> {
        let found = sqlx::query!(
            "SELECT id, kind, booking_id, last_error, tries, updated_at FROM jobs
             WHERE state = 'dead' ORDER BY updated_at LIMIT $1",
            i64::from(limit)
        )
        .fetch_all(&self.parts.pool)
        .await?;
        let letters = found.into_iter().map(|row| DeadLetter {
            job_id: row.id,
            kind: row.kind,
            booking_id: row.booking_id,
            error: row.last_error.unwrap_or_default(),
            tries: row.tries,
            since: row.updated_at.into(),
        });
        Ok(letters.collect())
    }

    /// Puts a dead job back into the queue; with it, a booking that waits for a person on account of ticketing.
    pub async fn replay(&self, job: Uuid) -> Result<(), BookingError> {
        from_fresh_reads(async || -> Result<(), BookingError> {
            let mut tx = self.begin().await?;
            let replayed = sqlx::query!(
                "UPDATE jobs SET state = 'ready', run_at = now(), failures = 0, updated_at = now()
                 WHERE id = $1 AND state = 'dead' RETURNING kind, booking_id",
                job
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(BookingError::NotFound("dead letter"))?;
            let mut booking = BookingRow::get(&mut tx, replayed.booking_id).await?;
            if booking.status == Status::NeedsAttention {
                let decided = refunds::are_decided(&mut tx, booking.id).await?;
                let cancelling = cancellation::under_way(&mut tx, booking.id).await?.is_some();
                match replayed.kind.as_str() {
                    "ticketing" | "compensate" if decided || cancelling => return Err(BookingError::MoneyGoesBack),
                    "cancel" if decided => return Err(BookingError::MoneyGoesBack),
                    _ => {}
                }
                let back = match replayed.kind.as_str() {
                    "ticketing" | "compensate" => Some(Status::PendingTicket),
                    "cancel" => Some(Status::CancelPending),
                    "refund" => Some(Status::RefundPending),
                    _ => None,
                };
                if let Some(back) = back {
                    booking.advance(&mut tx, back).await?;
                }
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    /// Erases the travellers of a booking that is over: the key is destroyed, names and contact are blanked. The ledger
    /// keeps its amounts, and loses what only the key could open.
    pub async fn erase(&self, booking: Uuid) -> Result<(), BookingError> {
        from_fresh_reads(async || -> Result<(), BookingError> {
            let mut tx = self.begin().await?;
            let row = BookingRow::find(&mut tx, booking).await?.ok_or(BookingError::NotFound("booking"))?;
            if !row.status.is_final() {
                return Err(BookingError::WrongStatus(row.status));
            }
            let erased = sqlx::query!(
                "UPDATE bookings SET passengers = $3, contact_details = $4, version = version + 1
                 WHERE id = $1 AND version = $2",
                booking,
                row.version,
                passengers::erased(&row.passengers)?,
                json!({ "email": "erased@invalid", "phone": "+00000000" })
            )
            .execute(&mut *tx)
            .await?;
            if erased.rows_affected() == 0 {
                return Err(BookingError::Conflict);
            }
            sqlx::query!(
                "UPDATE booking_keys SET wrapped = NULL, destroyed_at = now()
                 WHERE booking_id = $1 AND destroyed_at IS NULL",
                booking
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

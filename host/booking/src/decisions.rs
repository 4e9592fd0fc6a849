//! What a person decides about a paid booking that waits for one. It goes on with what was under way: its ticketing, its
//! cancellation, or giving its money back.

use crate::alerts;
use crate::cancellation;
use crate::error::BookingError;
use crate::failure::{Failure, from_fresh_reads};
use crate::items::Item;
use crate::jobs::{self, JobKind, NewJob};
use crate::payments::PaymentRow;
use crate::refunds;
use crate::rows::BookingRow;
use crate::service::BookingService;
use crate::ticketing::attempt::{Attempt, AttemptOutcome};
use interline_domain::booking::Status;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a person has found out, and decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing is left at the supplier that is not in our books: go on with ticketing, or with the traveller's cancellation.
    TryAgain,
    /// Nothing is left at the supplier that is not in our books: cancel what is, and give the money back; what a
    /// cancellation's quote promised, where the traveller cancelled.
    GiveBack,
}

impl BookingService {
    /// Carries out what a person has decided about a paid booking that needed one. Calls whose outcome was not known
    /// count as absent from then on: the person has seen to that. Giving back goes on with a second payment's refund that
    /// failed, too, whatever becomes of the booking.
    pub async fn decide(&self, booking: Uuid, decision: Decision) -> Result<(), BookingError> {
        from_fresh_reads(async || -> Result<(), BookingError> {
            let mut tx = self.begin().await?;
            let mut row = BookingRow::find(&mut tx, booking).await?.ok_or(BookingError::NotFound("booking"))?;
            if PaymentRow::succeeded(&mut tx, booking).await?.is_empty() {
                return Err(BookingError::WrongStatus(row.status));
            }
            let refunds_go_on = decision == Decision::GiveBack && refunds::go_on(&mut tx, booking).await?;
            if row.status != Status::NeedsAttention {
                // A second payment's refund may have failed, wherever the booking stands.
                if !refunds_go_on {
                    return Err(BookingError::WrongStatus(row.status));
                }
            } else if refunds::are_decided(&mut tx, booking).await? {
                if decision == Decision::TryAgain {
                    return Err(BookingError::MoneyGoesBack);
                }
                row.advance(&mut tx, Status::RefundPending).await?;
                refunds::conclude(&mut tx, &mut row).await?;
                alerts::settle(&mut tx, booking).await?;
            } else {
                let item = Item::of(&mut tx, booking).await?;
                for attempt in Attempt::of(&mut tx, item.id).await? {
                    if attempt.outcome.is_open() {
                        Attempt::end(&mut tx, attempt.id, AttemptOutcome::Absent, None).await?;
                    }
                }
                go_on(&mut tx, &mut row, &item, decision).await?;
                alerts::settle(&mut tx, booking).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

async fn go_on(
    conn: &mut PgConnection,
    booking: &mut BookingRow,
    item: &Item,
    decision: Decision,
) -> Result<(), Failure> {
    // What ended in a dead job goes on by another one.
    jobs::supersede(conn, booking.id).await?;
    if let Some(quote) = cancellation::under_way(conn, booking.id).await? {
        return cancellation::go_on(conn, booking, quote).await;
    }
    booking.advance(conn, Status::PendingTicket).await?;
    let kind = match decision {
        Decision::TryAgain => JobKind::Ticketing,
        Decision::GiveBack => {
            item.fail(conn, "decided by a person").await?;
            JobKind::Compensate
        }
    };
    jobs::enqueue(conn, NewJob::now(kind, booking.id)).await
}

//! What a provider tells of a payment, applied: by webhook, by look-up, or as the answer to a call, in any order and any
//! number of times.

use super::PaymentRow;
use crate::alerts;
use crate::crypt::Keyring;
use crate::failure::Failure;
use crate::jobs::{self, JobKind, NewJob};
use crate::ledger::{self, Entry, Line};
use crate::refunds::{self, Reason};
use crate::rows::BookingRow;
use interline_domain::booking::Status;
use interline_domain::payment::{PaymentStatus, ProviderPayment};
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

/// Applies the state of a payment within the caller's transaction. `Stale`: roll back and apply again.
pub(crate) async fn apply(
    conn: &mut PgConnection,
    keys: &Keyring,
    payment: Uuid,
    told: &ProviderPayment,
) -> Result<(), Failure> {
    let mut payment = PaymentRow::lock(conn, payment).await?;
    if payment.external_id.as_ref().is_some_and(|external| *external != told.id) {
        // The provider made two under one reference. Only money that came in by the second one matters.
        if told.status != PaymentStatus::Succeeded {
            return Ok(());
        }
        let stray = PaymentRow::insert_stray(conn, &payment, &told.id, told.amount).await?;
        payment = PaymentRow::lock(conn, stray).await?;
    }
    // Money that has moved stays moved: whatever is told later is older.
    if payment.status == "succeeded" {
        return Ok(());
    }
    match told.status {
        PaymentStatus::Succeeded => succeed(conn, keys, &payment, told).await,
        PaymentStatus::Cancelled => cancel(conn, keys, &payment, told).await,
        PaymentStatus::Pending | PaymentStatus::Processing | PaymentStatus::Failed => {
            go_on(conn, keys, &payment, told).await
        }
    }
}

async fn go_on(
    conn: &mut PgConnection,
    keys: &Keyring,
    payment: &PaymentRow,
    told: &ProviderPayment,
) -> Result<(), Failure> {
    if payment.status == "cancelled" {
        return Ok(());
    }
    let status = match told.status {
        PaymentStatus::Processing => "processing",
        PaymentStatus::Failed => "failed",
        _ => "pending",
    };
    sqlx::query!(
        "UPDATE payments SET status = $2, external_id = $3, failure = $4, updated_at = now() WHERE id = $1",
        payment.id,
        status,
        told.id,
        told.failure
    )
    .execute(&mut *conn)
    .await?;
    if status == "failed" && payment.status != "failed" {
        record(conn, keys, payment, told, Entry::PaymentFailed).await?;
    }
    Ok(())
}

async fn cancel(
    conn: &mut PgConnection,
    keys: &Keyring,
    payment: &PaymentRow,
    told: &ProviderPayment,
) -> Result<(), Failure> {
    if payment.status == "cancelled" {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE payments SET status = 'cancelled', external_id = $2, updated_at = now() WHERE id = $1",
        payment.id,
        told.id
    )
    .execute(&mut *conn)
    .await?;
    record(conn, keys, payment, told, Entry::PaymentCancelled).await
}

/// Money came in: the booking goes on to ticketing, or the money back, or a person looks.
async fn succeed(
    conn: &mut PgConnection,
    keys: &Keyring,
    payment: &PaymentRow,
    told: &ProviderPayment,
) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE payments SET status = 'succeeded', external_id = $2, paid = $3, paid_currency = $4, failure = NULL,
                             updated_at = now()
         WHERE id = $1",
        payment.id,
        told.id,
        told.amount.units,
        told.amount.currency.code()
    )
    .execute(&mut *conn)
    .await?;
    record(conn, keys, payment, told, Entry::PaymentSuccess).await?;

    let mut booking = BookingRow::get(conn, payment.booking).await?;
    let others = PaymentRow::succeeded(conn, booking.id).await?.into_iter().filter(|other| other.id != payment.id);
    let is_first = others.count() == 0;
    match booking.status {
        Status::Init | Status::PendingPayment if told.amount != payment.amount => {
            let detail = format!("asked for {}, came in {}", payment.amount, told.amount);
            alerts::raise(conn, booking.id, "wrong-amount", &detail).await?;
            booking.need_attention(conn, "another amount was paid than was asked for").await
        }
        Status::Init | Status::PendingPayment => {
            booking.advance_paid(conn, Status::PendingTicket, Timestamp::now()).await?;
            jobs::enqueue(conn, NewJob::now(JobKind::Ticketing, booking.id)).await
        }
        Status::Expired | Status::Cancelled | Status::Refunded => {
            let reason = if is_first { Reason::LateSuccess } else { Reason::SecondSuccess };
            refunds::request(conn, payment.id, reason, told.amount).await?;
            booking.advance(conn, Status::RefundPending).await
        }
        _ => refunds::request(conn, payment.id, Reason::SecondSuccess, told.amount).await,
    }
}

async fn record(
    conn: &mut PgConnection,
    keys: &Keyring,
    payment: &PaymentRow,
    told: &ProviderPayment,
    entry: Entry,
) -> Result<(), Failure> {
    let key = keys.load(conn, payment.booking).await?;
    let line = Line {
        booking: payment.booking,
        entry,
        amount: told.amount,
        provider: &payment.provider,
        external: Some(&told.id),
        raw: &told.raw,
    };
    ledger::write(conn, key.as_ref(), &line).await
}

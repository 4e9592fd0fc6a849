//! How a booking's refunds stand together, and what a person's decision makes of them.

use super::{Reason, request};
use crate::alerts;
use crate::failure::Failure;
use crate::jobs::{self, JobKind, NewJob};
use crate::payments::PaymentRow;
use crate::rows::{BookingRow, money};
use interline_domain::booking::Status;
use interline_domain::money::Money;
use sqlx::PgConnection;
use uuid::Uuid;

/// The refund that counts of one payment: of several the one that has not failed, else the last that has.
struct Standing {
    id: Uuid,
    payment: Uuid,
    reason: Reason,
    status: String,
    amount: Money,
}

async fn standing(conn: &mut PgConnection, booking: Uuid) -> Result<Vec<Standing>, Failure> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (payment_id) id, payment_id, reason, status, amount, currency FROM refunds
         WHERE booking_id = $1 ORDER BY payment_id, (status = 'failed'), updated_at DESC",
        booking
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| {
        Ok(Standing {
            id: row.id,
            payment: row.payment_id,
            reason: row.reason.parse()?,
            amount: money(row.amount, &row.currency)?,
            status: row.status,
        })
    });
    rows.collect()
}

/// Whether it is decided that the booking's own money goes back. A second payment's goes back whatever becomes of the booking.
pub(crate) async fn are_decided(conn: &mut PgConnection, booking: Uuid) -> Result<bool, Failure> {
    let decided = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM refunds WHERE booking_id = $1 AND reason <> $2) AS "exists!""#,
        booking,
        Reason::SecondSuccess.as_str()
    );
    Ok(decided.fetch_one(conn).await?)
}

/// Whether a payment goes back because the booking was paid already.
pub(crate) async fn is_second(conn: &mut PgConnection, payment: Uuid) -> Result<bool, Failure> {
    let second = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM refunds WHERE payment_id = $1 AND reason = $2) AS "exists!""#,
        payment,
        Reason::SecondSuccess.as_str()
    );
    Ok(second.fetch_one(conn).await?)
}

/// Goes on with a booking's refunds that have not come to their end, each with the amount that was decided: what failed for
/// good is asked for under another reference, what was refused under its own. Whether there was any that had stopped.
pub(crate) async fn go_on(conn: &mut PgConnection, booking: Uuid) -> Result<bool, Failure> {
    // The payments first, as everybody locks them, and before the refunds are read: webhooks change them meanwhile.
    let mut payments: Vec<Uuid> =
        PaymentRow::succeeded(conn, booking).await?.into_iter().map(|payment| payment.id).collect();
    payments.sort_unstable();
    for payment in payments {
        PaymentRow::lock(conn, payment).await?;
    }
    let mut any = false;
    for refund in standing(conn, booking).await? {
        any |= match refund.status.as_str() {
            "succeeded" => false,
            "failed" => {
                request(conn, refund.payment, refund.reason, refund.amount).await?;
                true
            }
            _ => {
                let job = NewJob { subject: Some(refund.id), ..NewJob::now(JobKind::Refund, booking) };
                jobs::revive(conn, job).await?
            }
        };
    }
    if any {
        alerts::settle_refunds(conn, booking).await?;
    }
    Ok(any)
}

/// A booking whose money goes back has it back when all of it is; a refund that failed is for a person. While the booking
/// waits for one on another account, nothing is concluded.
pub(crate) async fn conclude(conn: &mut PgConnection, booking: &mut BookingRow) -> Result<(), Failure> {
    let goes_back = match booking.status {
        Status::RefundPending => true,
        Status::NeedsAttention => are_decided(conn, booking.id).await?,
        _ => false,
    };
    if !goes_back {
        return Ok(());
    }
    let standing = standing(conn, booking.id).await?;
    if standing.iter().any(|refund| matches!(refund.status.as_str(), "requested" | "pending")) {
        return Ok(());
    }
    if standing.iter().any(|refund| refund.status == "failed") {
        return match booking.status {
            Status::RefundPending => booking.need_attention(conn, "a refund failed").await,
            _ => Ok(()),
        };
    }
    booking.advance(conn, Status::Refunded).await?;
    alerts::settle_refunds(conn, booking.id).await?;
    jobs::enqueue(conn, NewJob { detail: Some("refunded"), ..NewJob::now(JobKind::Mail, booking.id) }).await
}

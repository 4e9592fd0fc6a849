//! Giving money back: requested with the decision, brought to its end by a job, once for each payment and reason.

mod standing;

pub(crate) use standing::{are_decided, conclude, go_on, is_second};

use crate::alerts;
use crate::crypt::Keyring;
use crate::failure::Failure;
use crate::jobs::{self, Job, JobKind, NewJob};
use crate::ledger::{self, Entry, Line};
use crate::payments::PaymentRow;
use crate::rows::{BookingRow, money};
use crate::service::BookingService;
use crate::worker::Outcome;
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use interline_domain::money::Money;
use interline_domain::payment::{ProviderRefund, RefundStatus};
use interline_runtime::RefundRequest;
use sqlx::PgConnection;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No tickets could be had.
    TicketingFailed,
    /// The booking was over when the money came.
    LateSuccess,
    /// The booking was paid already.
    SecondSuccess,
    /// The traveller cancelled.
    Cancellation,
}

impl Reason {
    const ALL: [Self; 4] = [Self::TicketingFailed, Self::LateSuccess, Self::SecondSuccess, Self::Cancellation];

    const fn as_str(self) -> &'static str {
        match self {
            Self::TicketingFailed => "ticketing-failed",
            Self::LateSuccess => "late-success",
            Self::SecondSuccess => "second-success",
            Self::Cancellation => "cancellation",
        }
    }
}

impl FromStr for Reason {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let reason = Self::ALL.into_iter().find(|reason| reason.as_str() == text);
        reason.ok_or_else(|| Failure::broken(format!("`{text}` is no reason for a refund")))
    }
}

/// A row of `refunds`.
struct RefundRow {
    id: Uuid,
    booking: Uuid,
    payment: Uuid,
    client_reference: String,
    external_id: Option<String>,
    status: String,
    amount: Money,
}

impl RefundRow {
    async fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Self, Failure> {
        let row = sqlx::query!(
            "SELECT id, booking_id, payment_id, client_reference, external_id, status, amount, currency
             FROM refunds WHERE id = $1 FOR NO KEY UPDATE",
            id
        )
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Failure::broken(format!("refund {id} is gone")))?;
        Ok(Self {
            id: row.id,
            booking: row.booking_id,
            payment: row.payment_id,
            client_reference: row.client_reference,
            external_id: row.external_id,
            status: row.status,
            amount: money(row.amount, &row.currency)?,
        })
    }
}

/// Decides on a refund, in the transaction of the decision. A second time for the same payment and reason is no news.
pub(crate) async fn request(
    conn: &mut PgConnection,
    payment: Uuid,
    reason: Reason,
    amount: Money,
) -> Result<(), Failure> {
    let payment = PaymentRow::lock(conn, payment).await?;
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM refunds WHERE payment_id = $1 AND reason = $2 AND status <> 'failed') AS "known!""#,
        payment.id,
        reason.as_str()
    );
    // Asked first: the database holds each row against what was paid before it finds it to be there.
    if known.fetch_one(&mut *conn).await? {
        return Ok(());
    }
    // One that failed for good may be asked for anew, under another reference.
    let made = sqlx::query_scalar!(
        "INSERT INTO refunds (id, booking_id, payment_id, reason, client_reference, amount, currency)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (payment_id, reason) DO UPDATE
         SET status = 'requested', client_reference = excluded.client_reference, external_id = NULL,
             amount = excluded.amount, updated_at = now()
         WHERE refunds.status = 'failed'
         RETURNING id",
        Uuid::now_v7(),
        payment.booking,
        payment.id,
        reason.as_str(),
        Uuid::new_v4().to_string(),
        amount.units,
        amount.currency.code()
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(id) = made else { return Ok(()) };
    let line = Line {
        booking: payment.booking,
        entry: Entry::RefundRequested,
        amount,
        provider: &payment.provider,
        external: payment.external_id.as_deref(),
        raw: &[],
    };
    ledger::write(conn, None, &line).await?;
    jobs::revive(conn, NewJob { subject: Some(id), ..NewJob::now(JobKind::Refund, payment.booking) }).await?;
    Ok(())
}

/// Applies what the provider tells of a refund, in any order and any number of times.
pub(crate) async fn apply(
    conn: &mut PgConnection,
    keys: &Keyring,
    refund: Uuid,
    told: &ProviderRefund,
) -> Result<(), Failure> {
    // The payment first, as everybody locks it before the booking.
    let payment = sqlx::query_scalar!("SELECT payment_id FROM refunds WHERE id = $1", refund)
        .fetch_optional(&mut *conn)
        .await?
        .ok_or_else(|| Failure::broken(format!("refund {refund} is gone")))?;
    let payment = PaymentRow::lock(conn, payment).await?;
    let refund = RefundRow::lock(conn, refund).await?;
    if matches!(refund.status.as_str(), "succeeded" | "failed") {
        if refund.status == "succeeded" && told.status == RefundStatus::Failed {
            let detail =
                "the provider says that a refund failed after it had succeeded: the traveller does not have it";
            alerts::raise(conn, refund.booking, "refund-failed", detail).await?;
        }
        return Ok(());
    }
    let (status, entry) = match told.status {
        RefundStatus::Pending => ("pending", None),
        RefundStatus::Succeeded => ("succeeded", Some(Entry::RefundCompleted)),
        RefundStatus::Failed => ("failed", Some(Entry::RefundFailed)),
    };
    sqlx::query!(
        "UPDATE refunds SET status = $2, external_id = $3, updated_at = now() WHERE id = $1",
        refund.id,
        status,
        told.id
    )
    .execute(&mut *conn)
    .await?;
    let Some(entry) = entry else { return Ok(()) };
    let key = keys.load(conn, refund.booking).await?;
    let line = Line {
        booking: refund.booking,
        entry,
        amount: if entry == Entry::RefundCompleted { told.amount } else { refund.amount },
        provider: &payment.provider,
        external: Some(&told.id),
        raw: &told.raw,
    };
    ledger::write(conn, key.as_ref(), &line).await?;
    let mut booking = BookingRow::get(conn, refund.booking).await?;
    if entry == Entry::RefundFailed {
        alerts::raise(conn, booking.id, "refund-failed", "the provider could not give the money back").await?;
        return match booking.status {
            Status::RefundPending => booking.need_attention(conn, "a refund failed").await,
            _ => Ok(()),
        };
    }
    if told.amount != refund.amount {
        let detail = format!("{} was to go back, {} went", refund.amount, told.amount);
        alerts::raise(conn, booking.id, "refund-amount", &detail).await?;
    }
    conclude(conn, &mut booking).await
}

/// The refund that a provider speaks of, by our reference or by its id.
pub(crate) async fn find(
    conn: &mut PgConnection,
    provider: &str,
    told: &ProviderRefund,
) -> Result<Option<(Uuid, Uuid)>, Failure> {
    let row = sqlx::query!(
        "SELECT refunds.id, refunds.booking_id FROM refunds JOIN payments ON payments.id = refunds.payment_id
         WHERE payments.provider = $1 AND (refunds.client_reference = $2 OR refunds.external_id = $3)",
        provider,
        told.client_reference,
        told.id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id, row.booking_id)))
}

impl BookingService {
    /// One step of a refund: ask for it, or ask what became of it. The provider knows it by its reference: asking twice
    /// gives back once.
    pub(crate) async fn do_refund(&self, job: &Job) -> Result<Outcome, Failure> {
        let id = job.subject.ok_or_else(|| Failure::broken("a refund job names no refund"))?;
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        let refund = RefundRow::lock(&mut tx, id).await?;
        let payment = PaymentRow::get(&mut tx, refund.payment).await?;
        tx.commit().await?;
        if matches!(refund.status.as_str(), "succeeded" | "failed") {
            self.conclude_refunds(job).await?;
            return Ok(Outcome::Done);
        }
        let external =
            payment.external_id.ok_or_else(|| Failure::broken("a paid payment has no id at its provider"))?;
        let Some(provider) = self.parts.payments.get(&payment.provider) else {
            return Ok(Outcome::again(Duration::from_secs(30), "the payment provider is not loaded"));
        };
        let told = match &refund.external_id {
            Some(known) => provider.retrieve_refund(known).await,
            None => {
                let request = RefundRequest {
                    client_reference: refund.client_reference.clone(),
                    payment: external,
                    amount: refund.amount,
                    booking_id: refund.booking.to_string(),
                };
                provider.refund(&request).await
            }
        };
        let told = match told {
            Ok(told) => told,
            Err(fault) => {
                return match fault.disposition {
                    Disposition::RetryAfter { delay } => Ok(Outcome::again(delay, fault.message)),
                    Disposition::OutcomeUnknown => Ok(Outcome::backoff(fault.message)),
                    _ => {
                        self.refund_refused(job, &refund, &fault.message).await?;
                        Ok(Outcome::Dead(format!("the provider refuses: {fault}")))
                    }
                };
            }
        };
        let pending = told.status == RefundStatus::Pending;
        crate::failure::from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            apply(&mut tx, &self.keys, refund.id, &told).await?;
            tx.commit().await?;
            Ok(())
        })
        .await?;
        Ok(if pending { Outcome::backoff("the provider works on it") } else { Outcome::Done })
    }

    /// It came to its end by a webhook, while the booking stood elsewhere.
    async fn conclude_refunds(&self, job: &Job) -> Result<(), Failure> {
        crate::failure::from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            conclude(&mut tx, &mut booking).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn refund_refused(&self, job: &Job, refund: &RefundRow, why: &str) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        alerts::raise(&mut tx, refund.booking, "refund-refused", why).await?;
        let mut booking = BookingRow::get(&mut tx, refund.booking).await?;
        if booking.status == Status::RefundPending {
            booking.need_attention(&mut tx, "the provider refuses the refund").await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Whether money of a payment is going back, or has gone.
pub(crate) async fn is_requested(conn: &mut PgConnection, payment: Uuid) -> Result<bool, Failure> {
    let requested = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM refunds WHERE payment_id = $1 AND status <> 'failed') AS "exists!""#,
        payment
    )
    .fetch_one(conn)
    .await?;
    Ok(requested)
}

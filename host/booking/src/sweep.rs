//! The sweeps: what nobody tells us of is found by looking. Each may run in several processes at once.

use crate::error::BookingError;
use crate::failure::{Failure, from_fresh_reads};
use crate::jobs::{self, JobKind, NewJob};
use crate::payments::{PaymentRow, apply};
use crate::rows::BookingRow;
use crate::service::BookingService;
use interline_domain::booking::Status;
use jiff::Timestamp;
use uuid::Uuid;

const BATCH: i64 = 100;

impl BookingService {
    /// Ends unpaid bookings whose time is over. First the payment is dropped at its provider: it may have succeeded.
    pub(crate) async fn sweep_unpaid(&self) -> Result<(), Failure> {
        let due = sqlx::query_scalar!(
            "SELECT id FROM bookings WHERE status IN ('INIT', 'PENDING_PAYMENT') AND pay_by < now()
             ORDER BY pay_by LIMIT $1",
            BATCH
        )
        .fetch_all(&self.parts.pool)
        .await?;
        for booking in due {
            match self.expire(booking).await {
                Ok(()) => {}
                Err(BookingError::PaymentUnderWay) => {
                    tracing::info!(%booking, "an unpaid booking waits for its payment provider");
                }
                Err(error) => tracing::warn!(%booking, %error, "an unpaid booking could not be ended"),
            }
        }
        Ok(())
    }

    async fn expire(&self, booking: Uuid) -> Result<(), BookingError> {
        let mut conn = self.parts.pool.acquire().await?;
        let live = PaymentRow::live(&mut conn, booking).await?;
        drop(conn);
        if let Some(live) = live {
            self.drop_payment(&live).await?;
        }
        from_fresh_reads(async || -> Result<(), BookingError> {
            let mut tx = self.begin().await?;
            let mut row = BookingRow::get(&mut tx, booking).await?;
            let unpaid = matches!(row.status, Status::Init | Status::PendingPayment);
            if unpaid && row.pay_by <= Timestamp::now() {
                if PaymentRow::live(&mut tx, booking).await?.is_some() {
                    return Err(BookingError::PaymentUnderWay);
                }
                row.advance(&mut tx, Status::Expired).await?;
                tx.commit().await?;
            }
            Ok(())
        })
        .await
    }

    /// Looks up payments of which no webhook has told anything for a while, at growing pauses.
    pub(crate) async fn sweep_payments(&self, poll_seconds: u64) -> Result<(), Failure> {
        let seconds = f64::from(u32::try_from(poll_seconds).unwrap_or(u32::MAX));
        let due = sqlx::query_scalar!(
            "UPDATE payments SET checks = checks + 1,
                                 next_check_at = now() + make_interval(secs => least($1 * (1 << least(checks, 10)), 3600))
             WHERE id IN (
                 SELECT id FROM payments
                 WHERE status IN ('creating', 'pending', 'processing', 'failed') AND external_id IS NOT NULL
                   AND next_check_at <= now() AND created_at <= now() - make_interval(secs => $1)
                 ORDER BY next_check_at FOR UPDATE SKIP LOCKED LIMIT $2
             )
             RETURNING id",
            seconds,
            BATCH
        )
        .fetch_all(&self.parts.pool)
        .await?;
        for payment in due {
            if let Err(error) = self.look_up_payment(payment).await {
                tracing::warn!(%payment, %error, "a payment could not be looked up");
            }
        }
        Ok(())
    }

    async fn look_up_payment(&self, id: Uuid) -> Result<(), Failure> {
        let mut conn = self.parts.pool.acquire().await?;
        let payment = PaymentRow::get(&mut conn, id).await?;
        drop(conn);
        let Some(external) = payment.external_id else { return Ok(()) };
        let Some(provider) = self.parts.payments.get(&payment.provider) else { return Ok(()) };
        let told = match provider.retrieve(&external).await {
            Ok(told) => told,
            Err(fault) => {
                tracing::info!(payment = %id, %fault, "the provider does not tell how a payment stands");
                return Ok(());
            }
        };
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            apply::apply(&mut tx, &self.keys, id, &told).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    /// Bookings that are to go on and have no job that would: there should be none.
    pub(crate) async fn sweep_orphans(&self) -> Result<(), Failure> {
        let stuck = sqlx::query!(
            r#"SELECT bookings.id, status, booking_items.failing IS NOT NULL AS "failing!"
               FROM bookings JOIN booking_items ON booking_items.booking_id = bookings.id
               WHERE status IN ('PAID', 'PENDING_TICKET') AND bookings.updated_at < now() - interval '1 minute'
                 AND NOT EXISTS (SELECT FROM jobs WHERE jobs.booking_id = bookings.id
                                 AND jobs.kind IN ('ticketing', 'compensate') AND jobs.state <> 'done')
               LIMIT $1"#,
            BATCH
        )
        .fetch_all(&self.parts.pool)
        .await?;
        for row in stuck {
            tracing::warn!(booking = %row.id, status = row.status, "a paid booking had no job");
            let mut tx = self.begin().await?;
            let mut booking = BookingRow::get(&mut tx, row.id).await?;
            if booking.status == Status::Paid {
                booking.advance(&mut tx, Status::PendingTicket).await?;
            }
            let kind = if row.failing { JobKind::Compensate } else { JobKind::Ticketing };
            jobs::enqueue(&mut tx, NewJob::now(kind, row.id)).await?;
            tx.commit().await?;
        }
        let refunds = sqlx::query!(
            "SELECT id, booking_id FROM refunds
             WHERE status IN ('requested', 'pending') AND updated_at < now() - interval '1 minute'
               AND NOT EXISTS (SELECT FROM jobs WHERE jobs.subject = refunds.id AND jobs.state <> 'done')
             LIMIT $1",
            BATCH
        )
        .fetch_all(&self.parts.pool)
        .await?;
        for refund in refunds {
            let mut conn = self.parts.pool.acquire().await?;
            let job = NewJob { subject: Some(refund.id), ..NewJob::now(JobKind::Refund, refund.booking_id) };
            jobs::enqueue(&mut conn, job).await?;
        }
        Ok(())
    }

    /// Takes out what has served: old keys, done jobs, quotes that nobody used.
    pub(crate) async fn sweep_old(&self) -> Result<(), Failure> {
        let pool = &self.parts.pool;
        sqlx::query!("DELETE FROM idempotency_keys WHERE created_at < now() - interval '7 days'").execute(pool).await?;
        sqlx::query!("DELETE FROM jobs WHERE state = 'done' AND updated_at < now() - interval '7 days'")
            .execute(pool)
            .await?;
        sqlx::query!("DELETE FROM quotes WHERE used_at IS NULL AND expires_at < now() - interval '7 days'")
            .execute(pool)
            .await?;
        sqlx::query!("DELETE FROM webhook_inbox WHERE received_at < now() - interval '90 days'").execute(pool).await?;
        Ok(())
    }
}

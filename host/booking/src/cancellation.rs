//! Cancelling at the traveller's wish: a quote, then its confirmation, then the supplier, then the money.

use crate::bookings::own_booking;
use crate::compensation::{Cancelled, Promise};
use crate::error::BookingError;
use crate::failure::{Failure, from_fresh_reads};
use crate::idempotency::{self, Answered};
use crate::identity::{Caller, Idempotency};
use crate::instant::Instant;
use crate::items::Item;
use crate::jobs::{self, Job, JobKind, NewJob};
use crate::payments::PaymentRow;
use crate::quotes::QuoteRow;
use crate::refunds::{self, Reason};
use crate::rows::{BookingRow, money};
use crate::service::BookingService;
use crate::ticketing::Case;
use crate::view::{Booking, CancellationQuote};
use crate::worker::Outcome;
use interline_domain::booking::Status;
use interline_domain::fault::{Disposition, Fault};
use interline_domain::money::Money;
use interline_pricing::{PenaltyInput, SupplierTerms};
use jiff::Timestamp;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

const OPERATION: &str = "cancel-booking";
const RETRY: Duration = Duration::from_secs(2);

/// A quote in the making.
struct Offered {
    supplier_refund: Option<Money>,
    supplier_token: Vec<u8>,
    refund: Money,
    penalty: Money,
    rules: String,
    expires_at: Timestamp,
}

impl BookingService {
    pub(crate) async fn offer_cancellation(
        &self,
        caller: Caller,
        booking: Uuid,
    ) -> Result<CancellationQuote, BookingError> {
        let mut conn = self.parts.pool.acquire().await?;
        let row = own_booking(&mut conn, caller, booking).await?;
        let now = Timestamp::now();
        let end = now + Duration::from_secs(self.parts.config.cancellation_quote_seconds);
        let offered = match row.status {
            // Nothing was paid, nothing is kept.
            Status::Init | Status::PendingPayment => Offered {
                supplier_refund: None,
                supplier_token: Vec::new(),
                refund: Money::zero(row.total.currency),
                penalty: Money::zero(row.total.currency),
                rules: self.parts.pricing.rules_version().to_string(),
                expires_at: end.min(row.pay_by),
            },
            Status::Ticketed => {
                let item = Item::of(&mut conn, booking).await?;
                let quote = QuoteRow::find(&mut conn, None, item.quote).await?;
                let quote = quote.ok_or_else(|| Failure::broken("a booking's quote is gone"))?;
                drop(conn);
                self.price_cancellation(&row, &item, &quote, end).await?
            }
            other => return Err(BookingError::WrongStatus(other)),
        };
        let id = Uuid::now_v7();
        sqlx::query!(
            "INSERT INTO cancellation_quotes (id, booking_id, supplier_refund, supplier_currency, supplier_token, refund,
                                              penalty, currency, rules_version, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            id,
            booking,
            offered.supplier_refund.map(|refund| refund.units),
            offered.supplier_refund.as_ref().map(|refund| refund.currency.code()),
            offered.supplier_token,
            offered.refund.units,
            offered.penalty.units,
            offered.refund.currency.code(),
            offered.rules,
            Instant(offered.expires_at) as Instant
        )
        .execute(&self.parts.pool)
        .await?;
        Ok(CancellationQuote {
            id,
            booking_id: booking,
            refund: offered.refund.into(),
            penalty: offered.penalty.into(),
            expires_at: offered.expires_at,
        })
    }

    /// What the supplier gives back, through the rules.
    async fn price_cancellation(
        &self,
        row: &BookingRow,
        item: &Item,
        quote: &QuoteRow,
        end: Timestamp,
    ) -> Result<Offered, BookingError> {
        let unavailable = BookingError::Unavailable { retry_after: RETRY };
        let Some(supplier) = self.parts.suppliers.get(&item.supplier) else { return Err(unavailable) };
        let Some(order) = item.order_ref(self.parts.config.call_timeout()) else {
            return Err(BookingError::Internal("a ticketed booking has no order".to_owned()));
        };
        let supplier_quote = self.within_limit(supplier.quote_cancel(&order)).await.map_err(refusal)?;
        let now = Timestamp::now();
        let offer = quote.offer()?;
        let departs_at = item.departs_at.ok_or_else(|| Failure::broken("the departure is not known"))?;
        let input = PenaltyInput {
            paid: row.total,
            net: offer.total,
            base: offer.base,
            terms: SupplierTerms::Quoted { refund: supplier_quote.refund },
            owner: &offer.owner,
            departs_at,
            passengers: u32::try_from(quote.trip.passengers.count()).unwrap_or(u32::MAX),
            rate: quote.priced.trace.rate.as_deref(),
        };
        let windows = self
            .parts
            .pricing
            .penalties(&input, &quote.context, now)
            .await
            .map_err(|error| BookingError::Internal(error.to_string()))?;
        // After departure, or where the rules say nothing: nothing comes back.
        let window = windows.into_iter().find(|window| window.holds_at(now));
        let refund = window.as_ref().map_or(Money::zero(row.total.currency), |window| window.refund);
        let refund = Money::new(refund.units.clamp(0, row.total.units), row.total.currency);
        let penalty = row.total.checked_sub(refund).map_err(Failure::from)?;
        let ends = [supplier_quote.expires_at, window.map(|window| window.until)];
        Ok(Offered {
            supplier_refund: Some(supplier_quote.refund),
            supplier_token: supplier_quote.token,
            refund,
            penalty,
            rules: self.parts.pricing.rules_version().to_string(),
            expires_at: ends.into_iter().flatten().fold(end, Timestamp::min),
        })
    }

    pub(crate) async fn confirm_cancellation(
        &self,
        caller: Caller,
        booking: Uuid,
        quote: Uuid,
        idempotency: &Idempotency,
    ) -> Result<Answered<Booking>, BookingError> {
        // A payment that waits is dropped first; if it has succeeded meanwhile, the quote is for another status.
        let mut conn = self.parts.pool.acquire().await?;
        own_booking(&mut conn, caller, booking).await?;
        let fresh = idempotency::earlier(&mut conn, caller, OPERATION, idempotency).await?.is_none();
        let of_unpaid = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM cancellation_quotes WHERE id = $1 AND booking_id = $2
                              AND supplier_refund IS NULL AND used_at IS NULL AND expires_at > now()) AS "exists!""#,
            quote,
            booking
        )
        .fetch_one(&mut *conn)
        .await?;
        let live = PaymentRow::live(&mut conn, booking).await?;
        drop(conn);
        if fresh
            && of_unpaid
            && let Some(live) = live
        {
            self.drop_payment(&live).await?;
        }
        from_fresh_reads(|| self.try_confirm(caller, booking, quote, idempotency)).await
    }

    async fn try_confirm(
        &self,
        caller: Caller,
        booking: Uuid,
        quote: Uuid,
        idempotency: &Idempotency,
    ) -> Result<Answered<Booking>, BookingError> {
        let mut tx = self.begin().await?;
        let mut row = own_booking(&mut tx, caller, booking).await?;
        let key = self.keys.load(&mut tx, booking).await?;
        if let Some(earlier) = idempotency::earlier(&mut tx, caller, OPERATION, idempotency).await? {
            let answer = match earlier.answer(key.as_ref())? {
                Some(answer) => answer,
                None => self.read_booking(&mut tx, caller, booking).await?,
            };
            return Ok(Answered::again(answer));
        }
        // Before the quote is looked at, as for a booking.
        idempotency::take(&mut tx, caller, OPERATION, idempotency, booking).await?;
        let known = sqlx::query!(
            r#"SELECT used_at IS NOT NULL AS "used!", expires_at <= now() AS "expired!", supplier_refund
               FROM cancellation_quotes WHERE id = $1 AND booking_id = $2"#,
            quote,
            booking
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(BookingError::NotFound("cancellation quote"))?;
        if known.used {
            return Err(BookingError::QuoteUsed);
        }
        if known.expired {
            return Err(BookingError::QuoteExpired);
        }
        let unpaid = matches!(row.status, Status::Init | Status::PendingPayment);
        let of_this_status = match known.supplier_refund {
            Some(_) => row.status == Status::Ticketed,
            None => unpaid,
        };
        if !of_this_status {
            return Err(BookingError::WrongStatus(row.status));
        }
        sqlx::query!("UPDATE cancellation_quotes SET used_at = now() WHERE id = $1", quote).execute(&mut *tx).await?;
        if unpaid {
            row.advance(&mut tx, Status::Cancelled).await?;
        } else {
            go_on(&mut tx, &mut row, quote).await?;
        }
        let view = self.read_booking(&mut tx, caller, booking).await?;
        idempotency::answer(&mut tx, caller, OPERATION, idempotency, key.as_ref(), &view).await?;
        tx.commit().await?;
        Ok(Answered::anew(view))
    }

    /// Cancels at the supplier, then has the money go back as it was quoted.
    pub(crate) async fn do_cancel(&self, job: &Job) -> Result<Outcome, Failure> {
        let id = job.subject.ok_or_else(|| Failure::broken("a cancel job names no quote"))?;
        let case = self.case(job).await?;
        if case.booking.status != Status::CancelPending {
            return Ok(Outcome::Done);
        }
        let quote = sqlx::query!(
            "SELECT supplier_refund, supplier_currency, supplier_token, refund, currency
             FROM cancellation_quotes WHERE id = $1",
            id
        )
        .fetch_one(&self.parts.pool)
        .await?;
        let promise = match (quote.supplier_refund, quote.supplier_currency) {
            (Some(units), Some(currency)) => {
                Some(Promise { refund: money(units, &currency)?, token: quote.supplier_token })
            }
            _ => None,
        };
        let refund = money(quote.refund, &quote.currency)?;
        let cancelled = case
            .item
            .order
            .as_ref()
            .is_some_and(|order| order.status == interline_domain::order::OrderStatus::Cancelled);
        if !cancelled {
            let Some(supplier) = self.supplier_of(&case) else {
                return Ok(Outcome::again(Duration::from_secs(15), "the supplier is not loaded"));
            };
            match self.cancel_order(job, &case, &supplier, promise.as_ref()).await? {
                Cancelled::Done(got) => {
                    if let (Some(got), Some(promise)) = (got, &promise)
                        && got.units < promise.refund.units
                    {
                        let detail = format!("{} was promised, {got} came", promise.refund);
                        let mut conn = self.parts.pool.acquire().await?;
                        crate::alerts::raise(&mut conn, job.booking, "supplier-refund", &detail).await?;
                    }
                }
                Cancelled::Wait(outcome) => return self.or_person(job, &case, outcome).await,
                Cancelled::Refused(why) | Cancelled::Dearer(why) => {
                    self.keep_ticketed(job, &why).await?;
                    return Ok(Outcome::Done);
                }
            }
        }
        self.give_back(job, refund).await?;
        Ok(Outcome::Done)
    }

    /// Waiting for the outcome of a cancellation ends with a person, not never.
    async fn or_person(&self, job: &Job, case: &Case, outcome: Outcome) -> Result<Outcome, Failure> {
        let longest = Duration::from_secs(self.parts.config.ticketing_minutes * 60);
        if Timestamp::now() < case.booking.updated_at + longest {
            return Ok(outcome);
        }
        self.hand_to_person(job, "the supplier does not tell whether the order is cancelled").await?;
        Ok(Outcome::Done)
    }

    async fn keep_ticketed(&self, job: &Job, why: &str) -> Result<(), Failure> {
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            if booking.status == Status::CancelPending {
                booking.advance(&mut tx, Status::Ticketed).await?;
                crate::alerts::raise(&mut tx, booking.id, "cancellation-refused", why).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    /// The payment that the booking was ticketed for; another one has gone back by itself.
    async fn payment_kept(conn: &mut PgConnection, booking: Uuid) -> Result<PaymentRow, Failure> {
        for payment in PaymentRow::succeeded(conn, booking).await? {
            if !refunds::is_second(conn, payment.id).await? {
                return Ok(payment);
            }
        }
        Err(Failure::broken("a ticketed booking has no payment"))
    }

    async fn give_back(&self, job: &Job, refund: Money) -> Result<(), Failure> {
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            let payment = Self::payment_kept(&mut tx, job.booking).await?;
            let refund = match payment.paid {
                Some(paid) if paid.currency == refund.currency => {
                    Money::new(refund.units.min(paid.units), paid.currency)
                }
                _ => refund,
            };
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            if booking.status == Status::CancelPending {
                if refund.units > 0 {
                    refunds::request(&mut tx, payment.id, Reason::Cancellation, refund).await?;
                    booking.advance(&mut tx, Status::RefundPending).await?;
                } else {
                    booking.advance(&mut tx, Status::Cancelled).await?;
                    let mail = NewJob { detail: Some("cancelled"), ..NewJob::now(JobKind::Mail, booking.id) };
                    jobs::enqueue(&mut tx, mail).await?;
                }
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// The quote by which a booking that waits for a person is being cancelled. One that was refused has left it ticketed.
pub(crate) async fn under_way(conn: &mut PgConnection, booking: Uuid) -> Result<Option<Uuid>, Failure> {
    let quote = sqlx::query_scalar!(
        "SELECT id FROM cancellation_quotes
         WHERE booking_id = $1 AND used_at IS NOT NULL AND supplier_refund IS NOT NULL
         ORDER BY used_at DESC LIMIT 1",
        booking
    );
    Ok(quote.fetch_optional(conn).await?)
}

/// Goes on with a cancellation.
pub(crate) async fn go_on(conn: &mut PgConnection, booking: &mut BookingRow, quote: Uuid) -> Result<(), Failure> {
    booking.advance(conn, Status::CancelPending).await?;
    jobs::enqueue(conn, NewJob { subject: Some(quote), ..NewJob::now(JobKind::Cancel, booking.id) }).await
}

fn refusal(fault: Fault) -> BookingError {
    match fault.disposition {
        Disposition::RetryAfter { delay } => BookingError::Unavailable { retry_after: delay.max(RETRY) },
        Disposition::OutcomeUnknown | Disposition::NotAuthorised => BookingError::Unavailable { retry_after: RETRY },
        _ => BookingError::Refused(fault),
    }
}

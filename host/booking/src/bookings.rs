//! Making bookings from quotes, and reading them.

use crate::error::{BookingError, InvalidField};
use crate::failure::{Failure, from_fresh_reads};
use crate::idempotency::{self, Answered};
use crate::identity::{Caller, Idempotency};
use crate::input::{BookingFilter, NewBooking};
use crate::instant::Instant;
use crate::items::Item;
use crate::passengers;
use crate::quotes::{QuoteRow, departs_at};
use crate::rows::{BookingRow, money};
use crate::service::BookingService;
use crate::view::{Booking, BookingPage, Payment, Refund, TicketNumber};
use interline_domain::booking::Status;
use interline_domain::order::Ticket;
use jiff::Timestamp;
use sqlx::PgConnection;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

const OPERATION: &str = "create-booking";
const MOST_LISTED: u32 = 100;

impl BookingService {
    pub(crate) async fn make_booking(
        &self,
        caller: Caller,
        new: &NewBooking,
        idempotency: &Idempotency,
    ) -> Result<Answered<Booking>, BookingError> {
        from_fresh_reads(|| self.try_make_booking(caller, new, idempotency)).await
    }

    async fn try_make_booking(
        &self,
        caller: Caller,
        new: &NewBooking,
        idempotency: &Idempotency,
    ) -> Result<Answered<Booking>, BookingError> {
        let mut tx = self.begin().await?;
        if let Some(earlier) = idempotency::earlier(&mut tx, caller, OPERATION, idempotency).await? {
            let key = self.keys.load(&mut tx, earlier.subject).await?;
            let answer = match earlier.answer(key.as_ref())? {
                Some(answer) => answer,
                None => self.read_booking(&mut tx, caller, earlier.subject).await?,
            };
            return Ok(Answered::again(answer));
        }
        // Before the quote is looked at: a request that waits here for its twin must not find the quote used by it.
        let id = Uuid::now_v7();
        idempotency::take(&mut tx, caller, OPERATION, idempotency, id).await?;
        let quote = QuoteRow::find(&mut tx, Some(caller.api_key), new.quote_id)
            .await?
            .ok_or(BookingError::NotFound("quote"))?;
        if quote.used {
            return Err(BookingError::QuoteUsed);
        }
        if quote.expires_at <= Timestamp::now() {
            return Err(BookingError::QuoteExpired);
        }
        let broken = passengers::check(&quote.trip, &new.passengers, &new.contact);
        if !broken.is_empty() {
            return Err(BookingError::Invalid(broken));
        }

        let used = sqlx::query!(
            "UPDATE quotes SET used_at = now() WHERE id = $1 AND used_at IS NULL AND expires_at > now()",
            quote.id
        )
        .execute(&mut *tx)
        .await?;
        if used.rows_affected() == 0 {
            return Err(BookingError::QuoteUsed);
        }
        let key = self.keys.mint(&mut tx, id).await?;
        let pay_by = self.pay_by(&quote, Timestamp::now())?;
        sqlx::query!(
            "INSERT INTO bookings (id, user_id, total_amount, currency, passengers, flight_segments, contact_details,
                                   api_key_id, pay_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id,
            caller.user.0,
            quote.total.units,
            quote.total.currency.code(),
            passengers::store(&key, &new.passengers)?,
            serde_json::to_value(&quote.shown.flights).map_err(Failure::from)?,
            passengers::store_contact(&new.contact)?,
            caller.api_key.0,
            Instant(pay_by) as Instant
        )
        .execute(&mut *tx)
        .await?;
        Item::insert(&mut tx, id, &quote).await?;
        let booking = self.read_booking(&mut tx, caller, id).await?;
        idempotency::answer(&mut tx, caller, OPERATION, idempotency, Some(&key), &booking).await?;
        tx.commit().await?;
        Ok(Answered::anew(booking))
    }

    /// Until when a booking must be paid: never longer than its supplier keeps the offer.
    fn pay_by(&self, quote: &QuoteRow, now: Timestamp) -> Result<Timestamp, Failure> {
        let offer = quote.offer()?;
        let ours = now + Duration::from_secs(self.parts.config.payment_seconds);
        let ends = [offer.expires_at, offer.ticketing_deadline, departs_at(&quote.reply.segments, offer)];
        Ok(ends.into_iter().flatten().fold(ours, Timestamp::min))
    }

    /// A booking of the caller, as its frontend sees it.
    pub(crate) async fn read_booking(
        &self,
        conn: &mut PgConnection,
        caller: Caller,
        id: Uuid,
    ) -> Result<Booking, BookingError> {
        let row = own_booking(conn, caller, id).await?;
        let booking = views(conn, vec![row]).await?.pop();
        booking.ok_or(BookingError::NotFound("booking"))
    }

    pub(crate) async fn list_bookings(
        &self,
        caller: Caller,
        filter: &BookingFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<BookingPage, BookingError> {
        let after = cursor.map(str::parse::<Uuid>).transpose().map_err(|_| {
            BookingError::Invalid(vec![InvalidField {
                field: "/cursor".to_owned(),
                rule: "cursor".to_owned(),
                message: "a cursor as an earlier page gave it".to_owned(),
            }])
        })?;
        let limit = limit.clamp(1, MOST_LISTED);
        let mut conn = self.parts.pool.acquire().await?;
        let mut ids = sqlx::query_scalar!(
            "SELECT id FROM bookings
             WHERE user_id = $1 AND api_key_id = $2 AND ($3::text IS NULL OR status = $3)
               AND ($4::uuid IS NULL OR (created_at, id) <
                    (SELECT after.created_at, after.id FROM bookings AS after WHERE after.id = $4 AND after.user_id = $1))
             ORDER BY created_at DESC, id DESC LIMIT $5",
            caller.user.0,
            caller.api_key.0,
            filter.status.map(Status::as_str),
            after,
            i64::from(limit) + 1
        )
        .fetch_all(&mut *conn)
        .await?;
        let more = ids.len() > limit as usize;
        ids.truncate(limit as usize);
        let mut rows = Vec::with_capacity(ids.len());
        for id in &ids {
            rows.push(own_booking(&mut conn, caller, *id).await?);
        }
        let bookings = views(&mut conn, rows).await?;
        let next_cursor = ids.last().filter(|_| more).map(Uuid::to_string);
        Ok(BookingPage { bookings, next_cursor })
    }
}

/// A booking, if it is the caller's: of the same user, made through the same frontend.
pub(crate) async fn own_booking(conn: &mut PgConnection, caller: Caller, id: Uuid) -> Result<BookingRow, BookingError> {
    let row = BookingRow::find(conn, id).await?;
    row.filter(|row| row.user_id == caller.user.0 && row.api_key_id == caller.api_key.0)
        .ok_or(BookingError::NotFound("booking"))
}

/// Rows as frontends see them, in the same order.
pub(crate) async fn views(conn: &mut PgConnection, rows: Vec<BookingRow>) -> Result<Vec<Booking>, Failure> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let items = sqlx::query!(
        "SELECT booking_id, baggage, locator, tickets FROM booking_items WHERE booking_id = ANY($1)",
        &ids[..]
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut items: HashMap<_, _> = items.into_iter().map(|item| (item.booking_id, item)).collect();
    let payments = sqlx::query!(
        "SELECT DISTINCT ON (booking_id) booking_id, id, provider, status, amount, currency
         FROM payments WHERE booking_id = ANY($1)
         ORDER BY booking_id, (status = 'succeeded') DESC, created_at DESC",
        &ids[..]
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut payments: HashMap<_, _> = payments.into_iter().map(|payment| (payment.booking_id, payment)).collect();
    let refunds = sqlx::query!(
        "SELECT booking_id, id, status, amount, currency FROM refunds WHERE booking_id = ANY($1) ORDER BY created_at",
        &ids[..]
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut shown_refunds: HashMap<Uuid, Vec<Refund>> = HashMap::new();
    for refund in refunds {
        let amount = money(refund.amount, &refund.currency)?.into();
        let shown = Refund { id: refund.id, status: refund.status, amount };
        shown_refunds.entry(refund.booking_id).or_default().push(shown);
    }

    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let item = items.remove(&row.id).ok_or_else(|| Failure::broken("a booking has no item"))?;
        // A locator is told once it is good for something.
        let ticketed = matches!(row.status, Status::Ticketed | Status::CancelPending);
        let tickets: Vec<Ticket> = if ticketed { serde_json::from_value(item.tickets)? } else { Vec::new() };
        let payment = match payments.remove(&row.id) {
            Some(payment) => Some(Payment {
                id: payment.id,
                provider: payment.provider,
                status: shown_status(&payment.status).to_owned(),
                amount: money(payment.amount, &payment.currency)?.into(),
                client_secret: None,
            }),
            None => None,
        };
        let unpaid = matches!(row.status, Status::Init | Status::PendingPayment);
        views.push(Booking {
            id: row.id,
            status: row.status,
            total: row.total.into(),
            passengers: passengers::view(&row.passengers)?,
            flights: serde_json::from_value(row.flight_segments)?,
            baggage: serde_json::from_value(item.baggage)?,
            email: passengers::contact(&row.contact_details)?.email,
            locator: item.locator.filter(|_| ticketed),
            tickets: tickets
                .into_iter()
                .map(|ticket| TicketNumber { passenger: ticket.traveller, number: ticket.number })
                .collect(),
            pay_by: unpaid.then_some(row.pay_by),
            payment,
            refunds: shown_refunds.remove(&row.id).unwrap_or_default(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        });
    }
    Ok(views)
}

/// A payment's status for frontends: that its creation is under way is ours to know.
pub(crate) fn shown_status(status: &str) -> &str {
    if status == "creating" { "pending" } else { status }
}

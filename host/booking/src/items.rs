//! What a booking consists of at its supplier.

use crate::failure::Failure;
use crate::instant::Instant;
use crate::quotes::{QuoteRow, departs_at};
use crate::rows;
use interline_domain::money::Money;
use interline_domain::order::{OrderStatus, SupplierOrder, Ticket};
use interline_runtime::OrderRef;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use sqlx::PgConnection;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// A row of `booking_items`.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    pub(crate) booking: Uuid,
    pub(crate) quote: Uuid,
    pub(crate) supplier: String,
    pub(crate) offer_id: String,
    pub(crate) offer_token: Arc<[u8]>,
    /// What the supplier asked when the price was quoted.
    pub(crate) quoted: Money,
    /// What it may ask now.
    pub(crate) expected: Money,
    pub(crate) baggage: Value,
    pub(crate) origin: String,
    pub(crate) departure_date: Date,
    pub(crate) departs_at: Option<Timestamp>,
    pub(crate) create_reference: String,
    pub(crate) ticket_reference: String,
    pub(crate) cancel_reference: String,
    pub(crate) order: Option<Order>,
    pub(crate) ticketing_deadline: Option<Timestamp>,
    /// Why the money goes back, once that is decided.
    pub(crate) failing: Option<String>,
}

/// The supplier's order, as it last told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) token: Vec<u8>,
    pub(crate) status: OrderStatus,
    pub(crate) locator: String,
    pub(crate) tickets: Vec<Ticket>,
}

const fn status_text(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Held => "held",
        OrderStatus::Pending => "pending",
        OrderStatus::Ticketed => "ticketed",
        OrderStatus::Cancelled => "cancelled",
    }
}

fn order_status(text: &str) -> Result<OrderStatus, Failure> {
    let all = [OrderStatus::Held, OrderStatus::Pending, OrderStatus::Ticketed, OrderStatus::Cancelled];
    let found = all.into_iter().find(|status| status_text(*status) == text);
    found.ok_or_else(|| Failure::broken(format!("`{text}` is no order status")))
}

impl Item {
    /// The item of a booking.
    pub(crate) async fn of(conn: &mut PgConnection, booking: Uuid) -> Result<Self, Failure> {
        let row = sqlx::query!(
            r#"SELECT id, quote_id, supplier, offer_id, offer_token, quoted_total, expected_total, supplier_currency,
                      baggage, origin, to_char(departure_date, 'YYYY-MM-DD') AS "departure_date!", departs_at,
                      create_reference, ticket_reference, cancel_reference, order_id, order_token, order_status,
                      locator, tickets, ticketing_deadline, failing
               FROM booking_items WHERE booking_id = $1"#,
            booking
        )
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Failure::broken(format!("booking {booking} has no item")))?;
        let order = match (row.order_id, row.order_status) {
            (Some(id), Some(status)) => Some(Order {
                id,
                token: row.order_token.unwrap_or_default(),
                status: order_status(&status)?,
                locator: row.locator.unwrap_or_default(),
                tickets: serde_json::from_value(row.tickets)?,
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            booking,
            quote: row.quote_id,
            supplier: row.supplier,
            offer_id: row.offer_id,
            offer_token: row.offer_token.into(),
            quoted: rows::money(row.quoted_total, &row.supplier_currency)?,
            expected: rows::money(row.expected_total, &row.supplier_currency)?,
            baggage: row.baggage,
            origin: row.origin,
            departure_date: row.departure_date.parse().map_err(|_| Failure::broken("a departure date is malformed"))?,
            departs_at: row.departs_at.map(Timestamp::from),
            create_reference: row.create_reference,
            ticket_reference: row.ticket_reference,
            cancel_reference: row.cancel_reference,
            order,
            ticketing_deadline: row.ticketing_deadline.map(Timestamp::from),
            failing: row.failing,
        })
    }

    /// Makes the item of a new booking from its quote. The references of all operations are minted here, once.
    pub(crate) async fn insert(conn: &mut PgConnection, booking: Uuid, quote: &QuoteRow) -> Result<(), Failure> {
        let offer = quote.offer()?;
        let first = offer.slices.first().and_then(|slice| slice.segments.first());
        let first = first.and_then(|at| quote.reply.segments.get(at.segment as usize));
        let origin =
            first.map_or_else(|| quote.trip.slices()[0].origin.to_string(), |segment| segment.origin.to_string());
        let date = first.map_or_else(|| quote.trip.departure_date(), |segment| segment.departure.at.date());
        let reference = || Uuid::new_v4().to_string();
        sqlx::query!(
            "INSERT INTO booking_items (id, booking_id, quote_id, supplier, plugin_version, rules_version, offer_id,
                                        offer_token, quoted_total, expected_total, supplier_currency, baggage, origin,
                                        departure_date, departs_at, create_reference, ticket_reference,
                                        cancel_reference, ticketing_deadline)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, ($13::text)::date, $14, $15, $16, $17, $18)",
            Uuid::now_v7(),
            booking,
            quote.id,
            quote.supplier,
            quote.plugin_version,
            quote.rules_version,
            offer.id,
            &offer.token[..],
            quote.supplier_total.units,
            quote.supplier_total.currency.code(),
            serde_json::to_value(&quote.shown.baggage)?,
            origin,
            date.to_string(),
            departs_at(&quote.reply.segments, offer).map(Instant) as Option<Instant>,
            reference(),
            reference(),
            reference(),
            offer.ticketing_deadline.map(Instant) as Option<Instant>
        )
        .execute(conn)
        .await?;
        Ok(())
    }

    /// Keeps what the supplier told of its order.
    pub(crate) async fn store_order(&self, conn: &mut PgConnection, order: &SupplierOrder) -> Result<(), Failure> {
        sqlx::query!(
            "UPDATE booking_items
             SET order_id = $2, order_token = $3, order_status = $4, order_total = $5, locator = $6,
                 carrier_locators = $7, tickets = $8, updated_at = now(),
                 ticketing_deadline = coalesce($9, ticketing_deadline)
             WHERE id = $1",
            self.id,
            order.id,
            order.token,
            status_text(order.status),
            order.total.units,
            order.locator,
            serde_json::to_value(&order.carrier_locators)?,
            serde_json::to_value(&order.tickets)?,
            order.ticketing_deadline.map(Instant) as Option<Instant>
        )
        .execute(conn)
        .await?;
        Ok(())
    }

    /// The order was cancelled at the supplier.
    pub(crate) async fn order_cancelled(&self, conn: &mut PgConnection) -> Result<(), Failure> {
        sqlx::query!("UPDATE booking_items SET order_status = 'cancelled', updated_at = now() WHERE id = $1", self.id)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// A price rise is absorbed: what the supplier may ask from now on, and for which offer.
    pub(crate) async fn absorb(
        &self,
        conn: &mut PgConnection,
        total: Money,
        offer: Option<(&str, &[u8])>,
    ) -> Result<(), Failure> {
        sqlx::query!(
            "UPDATE booking_items SET expected_total = $2, offer_id = coalesce($3, offer_id),
                                      offer_token = coalesce($4, offer_token), updated_at = now()
             WHERE id = $1",
            self.id,
            total.units,
            offer.map(|(id, _)| id),
            offer.map(|(_, token)| token)
        )
        .execute(conn)
        .await?;
        Ok(())
    }

    /// Decides that the money goes back.
    pub(crate) async fn fail(&self, conn: &mut PgConnection, why: &str) -> Result<(), Failure> {
        sqlx::query!("UPDATE booking_items SET failing = $2, updated_at = now() WHERE id = $1", self.id, why)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// How the supplier is told which order is meant.
    pub(crate) fn order_ref(&self, timeout: Duration) -> Option<OrderRef> {
        let order = self.order.as_ref()?;
        Some(OrderRef { id: order.id.clone(), token: order.token.clone(), timeout })
    }
}

//! Bookings as they stand in the database, and the one way in which they are changed.

use crate::failure::Failure;
use crate::instant::Instant;
use interline_domain::booking::Status;
use interline_domain::money::{Currency, Money};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A row of `bookings`. It holds personal data: no `Debug`.
#[derive(Clone)]
pub(crate) struct BookingRow {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) api_key_id: Uuid,
    pub(crate) status: Status,
    pub(crate) total: Money,
    pub(crate) passengers: Value,
    pub(crate) flight_segments: Value,
    pub(crate) contact_details: Value,
    pub(crate) version: i32,
    pub(crate) pay_by: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) attention: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// From minor units and a code as a column has it.
pub(crate) fn money(units: i64, currency: &str) -> Result<Money, Failure> {
    Ok(Money::new(units, currency.parse::<Currency>()?))
}

pub(crate) fn status(text: &str) -> Result<Status, Failure> {
    text.parse().map_err(|error| Failure::broken(format!("{error}")))
}

impl BookingRow {
    /// The booking as it is now.
    pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Self>, Failure> {
        let row = sqlx::query!(
            "SELECT id, user_id, api_key_id, status, total_amount, currency, passengers, flight_segments,
                    contact_details, version, pay_by, paid_at, attention, created_at, updated_at
             FROM bookings WHERE id = $1",
            id
        )
        .fetch_optional(conn)
        .await?;
        row.map(|row| {
            Ok(Self {
                id: row.id,
                user_id: row.user_id,
                api_key_id: row.api_key_id,
                status: status(&row.status)?,
                total: money(row.total_amount, &row.currency)?,
                passengers: row.passengers,
                flight_segments: row.flight_segments,
                contact_details: row.contact_details,
                version: row.version,
                pay_by: row.pay_by.into(),
                paid_at: row.paid_at.map(Timestamp::from),
                attention: row.attention,
                created_at: row.created_at.into(),
                updated_at: row.updated_at.into(),
            })
        })
        .transpose()
    }

    /// The booking that a row elsewhere points to.
    pub(crate) async fn get(conn: &mut PgConnection, id: Uuid) -> Result<Self, Failure> {
        Self::find(conn, id).await?.ok_or_else(|| Failure::broken(format!("booking {id} is gone")))
    }

    /// Moves the booking on, if nobody else has changed it since it was read; `Stale` otherwise. `self` is the row as it
    /// is afterwards.
    pub(crate) async fn advance(&mut self, conn: &mut PgConnection, to: Status) -> Result<(), Failure> {
        self.write(conn, to, None, self.paid_at).await
    }

    /// Hands the booking to a person, with the reason.
    pub(crate) async fn need_attention(&mut self, conn: &mut PgConnection, why: &str) -> Result<(), Failure> {
        self.write(conn, Status::NeedsAttention, Some(why), self.paid_at).await
    }

    /// Moves the booking on as paid.
    pub(crate) async fn advance_paid(
        &mut self,
        conn: &mut PgConnection,
        to: Status,
        at: Timestamp,
    ) -> Result<(), Failure> {
        self.write(conn, to, None, Some(at)).await
    }

    async fn write(
        &mut self,
        conn: &mut PgConnection,
        to: Status,
        attention: Option<&str>,
        paid_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        if to != self.status && !self.status.may_become(to) {
            return Err(Failure::broken(format!("booking {} does not go from {} to {to}", self.id, self.status)));
        }
        let written = sqlx::query!(
            "UPDATE bookings SET status = $3, attention = $4, paid_at = $5, version = version + 1
             WHERE id = $1 AND version = $2 RETURNING version, updated_at",
            self.id,
            self.version,
            to.as_str(),
            attention,
            paid_at.map(Instant) as Option<Instant>
        )
        .fetch_optional(conn)
        .await?
        .ok_or(Failure::Stale)?;
        self.status = to;
        self.attention = attention.map(str::to_owned);
        self.paid_at = paid_at;
        self.version = written.version;
        self.updated_at = written.updated_at.into();
        Ok(())
    }
}

//! Rows of `payments`.

use crate::failure::Failure;
use crate::rows::money;
use interline_domain::money::Money;
use sqlx::PgConnection;
use uuid::Uuid;

/// A payment as we know it.
#[derive(Debug, Clone)]
pub(crate) struct PaymentRow {
    pub(crate) id: Uuid,
    pub(crate) booking: Uuid,
    pub(crate) provider: String,
    pub(crate) client_reference: String,
    pub(crate) external_id: Option<String>,
    /// `creating`, `pending`, `processing`, `failed`: alive; `succeeded`, `cancelled`: over.
    pub(crate) status: String,
    pub(crate) amount: Money,
    /// What moved.
    pub(crate) paid: Option<Money>,
}

macro_rules! read {
    ($row:expr) => {{
        let row = $row;
        PaymentRow {
            id: row.id,
            booking: row.booking_id,
            provider: row.provider,
            client_reference: row.client_reference,
            external_id: row.external_id,
            status: row.status,
            amount: money(row.amount, &row.currency)?,
            paid: match (row.paid, row.paid_currency) {
                (Some(paid), Some(currency)) => Some(money(paid, &currency)?),
                _ => None,
            },
        }
    }};
}

impl PaymentRow {
    pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Self>, Failure> {
        let row = sqlx::query!(
            "SELECT id, booking_id, provider, client_reference, external_id, status, amount, currency, paid,
                    paid_currency
             FROM payments WHERE id = $1",
            id
        )
        .fetch_optional(conn)
        .await?;
        Ok(match row {
            Some(row) => Some(read!(row)),
            None => None,
        })
    }

    pub(crate) async fn get(conn: &mut PgConnection, id: Uuid) -> Result<Self, Failure> {
        Self::find(conn, id).await?.ok_or_else(|| Failure::broken(format!("payment {id} is gone")))
    }

    /// The payment, held until the transaction ends.
    pub(crate) async fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Self, Failure> {
        let row = sqlx::query!(
            "SELECT id, booking_id, provider, client_reference, external_id, status, amount, currency, paid,
                    paid_currency
             FROM payments WHERE id = $1 FOR NO KEY UPDATE",
            id
        )
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Failure::broken(format!("payment {id} is gone")))?;
        Ok(read!(row))
    }

    /// The booking's payment that waits for the traveller.
    pub(crate) async fn live(conn: &mut PgConnection, booking: Uuid) -> Result<Option<Self>, Failure> {
        let row = sqlx::query!(
            "SELECT id, booking_id, provider, client_reference, external_id, status, amount, currency, paid,
                    paid_currency
             FROM payments
             WHERE booking_id = $1 AND status IN ('creating', 'pending', 'processing', 'failed')",
            booking
        )
        .fetch_optional(conn)
        .await?;
        Ok(match row {
            Some(row) => Some(read!(row)),
            None => None,
        })
    }

    /// The booking's payments that money came in by, the first first.
    pub(crate) async fn succeeded(conn: &mut PgConnection, booking: Uuid) -> Result<Vec<Self>, Failure> {
        let rows = sqlx::query!(
            "SELECT id, booking_id, provider, client_reference, external_id, status, amount, currency, paid,
                    paid_currency
             FROM payments WHERE booking_id = $1 AND status = 'succeeded' ORDER BY created_at, id",
            booking
        )
        .fetch_all(conn)
        .await?;
        let mut payments = Vec::with_capacity(rows.len());
        for row in rows {
            payments.push(read!(row));
        }
        Ok(payments)
    }

    /// By the provider's id.
    pub(crate) async fn by_external(
        conn: &mut PgConnection,
        provider: &str,
        external: &str,
    ) -> Result<Option<Self>, Failure> {
        let id =
            sqlx::query_scalar!("SELECT id FROM payments WHERE provider = $1 AND external_id = $2", provider, external)
                .fetch_optional(&mut *conn)
                .await?;
        match id {
            Some(id) => Self::find(conn, id).await,
            None => Ok(None),
        }
    }

    /// A new payment. `Stale` if the booking has got a live one in between.
    pub(crate) async fn insert(
        conn: &mut PgConnection,
        booking: Uuid,
        provider: &str,
        amount: Money,
    ) -> Result<Self, Failure> {
        let id = Uuid::now_v7();
        let reference = Uuid::new_v4().to_string();
        let inserted = sqlx::query!(
            "INSERT INTO payments (id, booking_id, provider, client_reference, amount, currency, next_check_at)
             VALUES ($1, $2, $3, $4, $5, $6, now() + interval '30 seconds') ON CONFLICT DO NOTHING",
            id,
            booking,
            provider,
            reference,
            amount.units,
            amount.currency.code()
        )
        .execute(&mut *conn)
        .await?;
        if inserted.rows_affected() == 0 {
            return Err(Failure::Stale);
        }
        Self::get(conn, id).await
    }

    /// A payment that the provider has and we did not ask for: money came in a second time under one of ours.
    pub(crate) async fn insert_stray(
        conn: &mut PgConnection,
        of: &Self,
        external: &str,
        amount: Money,
    ) -> Result<Uuid, Failure> {
        let id = Uuid::now_v7();
        sqlx::query!(
            "INSERT INTO payments (id, booking_id, provider, client_reference, external_id, status, amount, currency)
             VALUES ($1, $2, $3, $4, $5, 'cancelled', $6, $7) ON CONFLICT DO NOTHING",
            id,
            of.booking,
            of.provider,
            format!("stray:{external}"),
            external,
            amount.units,
            amount.currency.code()
        )
        .execute(&mut *conn)
        .await?;
        let known = Self::by_external(conn, &of.provider, external).await?;
        known.map(|payment| payment.id).ok_or_else(|| Failure::broken("a stray payment was not stored"))
    }

    /// The provider refused to make it: over. False if it is not in creation any more.
    pub(crate) async fn refused(conn: &mut PgConnection, id: Uuid) -> Result<bool, Failure> {
        let ended = sqlx::query!(
            "UPDATE payments SET status = 'cancelled', updated_at = now()
             WHERE id = $1 AND status = 'creating' AND external_id IS NULL",
            id
        )
        .execute(conn)
        .await?;
        Ok(ended.rows_affected() > 0)
    }
}

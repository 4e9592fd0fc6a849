//! What a person must look at.

use crate::failure::Failure;
use sqlx::PgConnection;
use uuid::Uuid;

/// Raises an alert, once for a booking and kind while it is open. `detail` is for operators, without personal data.
pub(crate) async fn raise(conn: &mut PgConnection, booking: Uuid, kind: &str, detail: &str) -> Result<(), Failure> {
    let raised = sqlx::query!(
        "INSERT INTO alerts (id, booking_id, kind, detail)
         SELECT $1, $2, $3, $4
         WHERE NOT EXISTS (SELECT FROM alerts WHERE booking_id = $2 AND kind = $3 AND settled_at IS NULL)",
        Uuid::now_v7(),
        booking,
        kind,
        detail
    )
    .execute(conn)
    .await?;
    if raised.rows_affected() > 0 {
        tracing::warn!(%booking, kind, detail, "a person must look at a booking");
    }
    Ok(())
}

/// Settles the open alerts of a booking that has found its way; those of its refunds settle with the refunds.
pub(crate) async fn settle(conn: &mut PgConnection, booking: Uuid) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE alerts SET settled_at = now()
         WHERE booking_id = $1 AND kind NOT IN ('refund-failed', 'refund-refused') AND settled_at IS NULL",
        booking
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Settles the open alerts of a booking's refunds.
pub(crate) async fn settle_refunds(conn: &mut PgConnection, booking: Uuid) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE alerts SET settled_at = now()
         WHERE booking_id = $1 AND kind IN ('refund-failed', 'refund-refused') AND settled_at IS NULL",
        booking
    )
    .execute(conn)
    .await?;
    Ok(())
}

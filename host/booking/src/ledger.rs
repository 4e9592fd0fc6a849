//! The ledger: rows are added, and never changed or taken out.

use crate::crypt::BookingKey;
use crate::failure::Failure;
use interline_domain::money::Money;
use sqlx::PgConnection;
use uuid::Uuid;

/// What happened to money. Only `PaymentSuccess` and `RefundCompleted` say that it moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    PaymentInitiated,
    PaymentSuccess,
    PaymentFailed,
    PaymentCancelled,
    RefundRequested,
    RefundCompleted,
    RefundFailed,
}

impl Entry {
    const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentInitiated => "PAYMENT_INITIATED",
            Self::PaymentSuccess => "PAYMENT_SUCCESS",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::PaymentCancelled => "PAYMENT_CANCELLED",
            Self::RefundRequested => "REFUND_REQUESTED",
            Self::RefundCompleted => "REFUND_COMPLETED",
            Self::RefundFailed => "REFUND_FAILED",
        }
    }

    const fn gives_back(self) -> bool {
        matches!(self, Self::RefundRequested | Self::RefundCompleted | Self::RefundFailed)
    }
}

/// A row of the ledger to be written.
pub(crate) struct Line<'a> {
    pub(crate) booking: Uuid,
    pub(crate) entry: Entry,
    /// Without a sign: the entry tells which way.
    pub(crate) amount: Money,
    pub(crate) provider: &'a str,
    pub(crate) external: Option<&'a str>,
    /// The provider's answer as it came; empty: there is none.
    pub(crate) raw: &'a [u8],
}

/// Writes a line. The raw answer is kept sealed; if the booking's key was destroyed, it is not kept.
pub(crate) async fn write(conn: &mut PgConnection, key: Option<&BookingKey>, line: &Line<'_>) -> Result<(), Failure> {
    let payload = match key {
        Some(key) if !line.raw.is_empty() => Some(key.seal("payload", line.raw)?),
        _ => None,
    };
    let units = if line.entry.gives_back() { -line.amount.units } else { line.amount.units };
    sqlx::query!(
        "INSERT INTO transactions (booking_id, event_type, amount, currency, payment_provider, external_ref_id, payload)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        line.booking,
        line.entry.as_str(),
        units,
        line.amount.currency.code(),
        line.provider,
        line.external,
        payload
    )
    .execute(conn)
    .await?;
    Ok(())
}

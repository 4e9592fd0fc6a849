//! Webhooks: verified by the provider's component, unique in the inbox, applied in the same transaction.

use crate::error::ReceiveError;
use crate::failure::{Failure, from_fresh_reads};
use crate::payments::{PaymentRow, apply};
use crate::refunds;
use crate::service::BookingService;
use bytes::Bytes;
use interline_domain::payment::{ProviderChange, ProviderEvent, ProviderPayment, WebhookError};
use interline_runtime::Webhook;
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

impl BookingService {
    pub(crate) async fn take_in(
        &self,
        provider: &str,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> Result<(), ReceiveError> {
        let component =
            self.parts.payments.get(provider).ok_or_else(|| ReceiveError::UnknownProvider(provider.to_owned()))?;
        let webhook = Webhook { headers, body, received_at: Timestamp::now() };
        let event = component.interpret_webhook(&webhook).await.map_err(|error| match error {
            WebhookError::Forged(why) => {
                tracing::warn!(provider, why, "a webhook's signature does not hold");
                ReceiveError::Forged
            }
            WebhookError::Malformed(why) => {
                tracing::warn!(provider, why, "a signed webhook cannot be read");
                ReceiveError::Malformed
            }
            WebhookError::Fault(fault) => ReceiveError::Unavailable(fault),
        })?;
        from_fresh_reads(|| self.take_in_event(provider, &event)).await?;
        Ok(())
    }

    async fn take_in_event(&self, provider: &str, event: &ProviderEvent) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        let external = match &event.change {
            ProviderChange::Payment(payment) => Some(payment.id.as_str()),
            ProviderChange::Refund(refund) => Some(refund.id.as_str()),
            ProviderChange::Ignored(_) => None,
        };
        // Of the same event delivered twice at once, the second waits here for the first one's commit.
        let taken = sqlx::query!(
            "INSERT INTO webhook_inbox (provider, event_id, outcome, external_id) VALUES ($1, $2, 'ignored', $3)
             ON CONFLICT DO NOTHING",
            provider,
            event.id,
            external
        )
        .execute(&mut *tx)
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(());
        }
        let (outcome, booking) = match &event.change {
            ProviderChange::Ignored(_) => ("ignored", None),
            ProviderChange::Payment(told) => match find_payment(&mut tx, provider, told).await? {
                Some(payment) => {
                    apply::apply(&mut tx, &self.keys, payment.id, told).await?;
                    ("applied", Some(payment.booking))
                }
                None => ("unmatched", None),
            },
            ProviderChange::Refund(told) => match refunds::find(&mut tx, provider, told).await? {
                Some((refund, booking)) => {
                    refunds::apply(&mut tx, &self.keys, refund, told).await?;
                    ("applied", Some(booking))
                }
                None => ("unmatched", None),
            },
        };
        if outcome == "unmatched" {
            tracing::warn!(provider, event = event.id, "a genuine event is about a payment or refund that is not ours");
        }
        sqlx::query!(
            "UPDATE webhook_inbox SET outcome = $3, booking_id = $4 WHERE provider = $1 AND event_id = $2",
            provider,
            event.id,
            outcome,
            booking
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The payment that an event speaks of: by our id, which the provider keeps from before its answer to the creation was
/// stored, else by the provider's.
async fn find_payment(
    conn: &mut PgConnection,
    provider: &str,
    told: &ProviderPayment,
) -> Result<Option<PaymentRow>, Failure> {
    if let Some(id) = told.payment_id.as_deref().and_then(|id| id.parse::<Uuid>().ok())
        && let Some(payment) = PaymentRow::find(conn, id).await?
        && payment.provider == provider
    {
        return Ok(Some(payment));
    }
    PaymentRow::by_external(conn, provider, &told.id).await
}

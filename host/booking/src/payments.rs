//! Beginning payments. At most one waits for the traveller; the reference stands before the provider is called.

pub(crate) mod apply;
mod row;

pub(crate) use row::PaymentRow;

use crate::bookings::{own_booking, shown_status};
use crate::error::BookingError;
use crate::failure::{Failure, from_fresh_reads};
use crate::idempotency::{self, Answered};
use crate::identity::{Caller, Idempotency};
use crate::input::NewPayment;
use crate::ledger::{self, Entry, Line};
use crate::service::BookingService;
use crate::view::Payment;
use interline_domain::booking::Status;
use interline_domain::fault::{Disposition, Fault};
use interline_domain::payment::PaymentStatus;
use interline_runtime::{PaymentProvider, PaymentRequest};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const OPERATION: &str = "create-payment";
const RETRY: Duration = Duration::from_secs(2);

/// What beginning a payment found.
enum Begun {
    /// Answered before.
    Answered(Payment),
    /// The provider is to be asked: for the first time, or once more with the same reference.
    Ask(PaymentRow),
    /// Another provider's payment is in the way.
    InTheWay(PaymentRow),
}

impl BookingService {
    pub(crate) async fn begin_payment(
        &self,
        caller: Caller,
        booking: Uuid,
        new: &NewPayment,
        idempotency: &Idempotency,
    ) -> Result<Answered<Payment>, BookingError> {
        let provider = self
            .parts
            .payments
            .get(&new.provider)
            .ok_or_else(|| BookingError::UnknownProvider(new.provider.clone()))?;
        // Once to drop a payment at another provider, once to begin.
        for _ in 0..2 {
            match from_fresh_reads(|| self.try_begin(caller, booking, new, idempotency)).await? {
                Begun::Answered(payment) => return Ok(Answered::again(payment)),
                Begun::Ask(payment) => {
                    let payment = self.ask_provider(caller, provider, payment, idempotency).await?;
                    return Ok(Answered::anew(payment));
                }
                Begun::InTheWay(payment) => self.drop_payment(&payment).await?,
            }
        }
        Err(BookingError::PaymentUnderWay)
    }

    async fn try_begin(
        &self,
        caller: Caller,
        booking: Uuid,
        new: &NewPayment,
        idempotency: &Idempotency,
    ) -> Result<Begun, BookingError> {
        let mut tx = self.begin().await?;
        let mut row = own_booking(&mut tx, caller, booking).await?;
        let key = self.keys.load(&mut tx, booking).await?;
        if let Some(earlier) = idempotency::earlier(&mut tx, caller, OPERATION, idempotency).await? {
            if let Some(answer) = earlier.answer(key.as_ref())? {
                return Ok(Begun::Answered(answer));
            }
            let payment = PaymentRow::get(&mut tx, earlier.subject).await?;
            return Ok(Begun::Ask(payment));
        }
        if !matches!(row.status, Status::Init | Status::PendingPayment) {
            return Err(BookingError::WrongStatus(row.status));
        }
        if row.pay_by <= Timestamp::now() {
            return Err(BookingError::WrongStatus(Status::Expired));
        }
        if let Some(live) = PaymentRow::live(&mut tx, booking).await? {
            if live.provider != new.provider {
                return Ok(Begun::InTheWay(live));
            }
            idempotency::take(&mut tx, caller, OPERATION, idempotency, live.id).await?;
            tx.commit().await?;
            return Ok(Begun::Ask(live));
        }
        let payment = PaymentRow::insert(&mut tx, booking, &new.provider, row.total).await?;
        idempotency::take(&mut tx, caller, OPERATION, idempotency, payment.id).await?;
        let line = Line {
            booking,
            entry: Entry::PaymentInitiated,
            amount: row.total,
            provider: &new.provider,
            external: None,
            raw: &[],
        };
        ledger::write(&mut tx, None, &line).await?;
        // Even without a move: who expires the booking meanwhile must read again.
        row.advance(&mut tx, Status::PendingPayment).await?;
        tx.commit().await?;
        Ok(Begun::Ask(payment))
    }

    async fn ask_provider(
        &self,
        caller: Caller,
        provider: Arc<dyn PaymentProvider>,
        payment: PaymentRow,
        idempotency: &Idempotency,
    ) -> Result<Payment, BookingError> {
        let made = self.create_at(&provider, &payment).await;
        let made = match made {
            Ok(made) => made,
            Err(fault) => return Err(self.not_made(caller, &payment, idempotency, fault).await?),
        };
        let view = from_fresh_reads(async || -> Result<Payment, Failure> {
            let mut tx = self.begin().await?;
            apply::apply(&mut tx, &self.keys, payment.id, &made).await?;
            let key = self.keys.load(&mut tx, payment.booking).await?;
            let now = PaymentRow::get(&mut tx, payment.id).await?;
            let view = Payment {
                id: now.id,
                provider: now.provider.clone(),
                status: shown_status(&now.status).to_owned(),
                amount: now.amount.into(),
                client_secret: made.client_secret.clone(),
            };
            idempotency::answer(&mut tx, caller, OPERATION, idempotency, key.as_ref(), &view).await?;
            tx.commit().await?;
            Ok(view)
        })
        .await?;
        Ok(view)
    }

    /// Has the provider make a payment; with the same reference it answers the same payment.
    async fn create_at(
        &self,
        provider: &Arc<dyn PaymentProvider>,
        payment: &PaymentRow,
    ) -> Result<interline_domain::payment::ProviderPayment, Fault> {
        // A payment that is known is only looked up: it may have gone on since.
        if let Some(external) = &payment.external_id
            && payment.status != "creating"
        {
            let known = provider.retrieve(external).await?;
            if known.client_secret.is_some() || known.status == PaymentStatus::Succeeded {
                return Ok(known);
            }
        }
        let request = PaymentRequest {
            client_reference: payment.client_reference.clone(),
            amount: payment.amount,
            description: format!("Booking {}", payment.booking),
            booking_id: payment.booking.to_string(),
            payment_id: payment.id.to_string(),
        };
        provider.create(&request).await
    }

    /// Nothing was made, or it is not known: only a plain refusal ends the payment.
    async fn not_made(
        &self,
        caller: Caller,
        payment: &PaymentRow,
        idempotency: &Idempotency,
        fault: Fault,
    ) -> Result<BookingError, BookingError> {
        tracing::warn!(payment = %payment.id, provider = payment.provider, %fault, "a payment was not made");
        match fault.disposition {
            Disposition::RetryAfter { delay } => {
                return Ok(BookingError::Unavailable { retry_after: delay.max(RETRY) });
            }
            Disposition::OutcomeUnknown => return Ok(BookingError::Unavailable { retry_after: RETRY }),
            _ => {}
        }
        let mut tx = self.begin().await?;
        if PaymentRow::refused(&mut tx, payment.id).await? {
            let line = Line {
                booking: payment.booking,
                entry: Entry::PaymentFailed,
                amount: payment.amount,
                provider: &payment.provider,
                external: None,
                raw: &[],
            };
            ledger::write(&mut tx, None, &line).await?;
        }
        idempotency::release(&mut tx, caller, OPERATION, idempotency).await?;
        tx.commit().await?;
        Ok(BookingError::Refused(fault))
    }

    /// Cancels a payment at its provider, or learns that it has succeeded.
    pub(crate) async fn drop_payment(&self, payment: &PaymentRow) -> Result<(), BookingError> {
        let under_way = |_: Fault| BookingError::PaymentUnderWay;
        let provider = self.parts.payments.get(&payment.provider).ok_or(BookingError::PaymentUnderWay)?;
        let external = match &payment.external_id {
            Some(external) => external.clone(),
            // Its creation's answer was lost: the same reference finds it.
            None => match self.create_at(&provider, payment).await {
                Ok(made) => made.id,
                Err(fault) if refuses(&fault) => {
                    let mut conn = self.parts.pool.acquire().await?;
                    PaymentRow::refused(&mut conn, payment.id).await?;
                    return Ok(());
                }
                Err(fault) => return Err(under_way(fault)),
            },
        };
        let cancelled = provider.cancel(&external).await.map_err(under_way)?;
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            apply::apply(&mut tx, &self.keys, payment.id, &cancelled).await?;
            tx.commit().await?;
            Ok(())
        })
        .await?;
        Ok(())
    }
}

/// Whether nothing was done, for good.
fn refuses(fault: &Fault) -> bool {
    !matches!(fault.disposition, Disposition::RetryAfter { .. } | Disposition::OutcomeUnknown)
}

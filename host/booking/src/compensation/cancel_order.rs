//! Cancelling an order at its supplier: for compensation, and at the traveller's wish.

use crate::failure::Failure;
use crate::jobs::Job;
use crate::service::BookingService;
use crate::ticketing::Case;
use crate::ticketing::attempt::{Attempt, AttemptOutcome, Operation};
use crate::ticketing::{until, wait_after};
use crate::worker::Outcome;
use interline_domain::fault::{Disposition, Fault};
use interline_domain::money::Money;
use interline_domain::order::OrderStatus;
use interline_runtime::{CancelRequest, OrderRef, Supplier};
use jiff::Timestamp;
use std::sync::Arc;

/// How cancelling went.
pub(crate) enum Cancelled {
    /// It is cancelled; what the supplier gives back, where it is known.
    Done(Option<Money>),
    /// Not yet.
    Wait(Outcome),
    /// The supplier refuses.
    Refused(String),
    /// The supplier would give back less than it said.
    Dearer(String),
}

/// What the supplier said that it gives back, and the token by which it said so.
pub(crate) struct Promise {
    pub(crate) refund: Money,
    pub(crate) token: Vec<u8>,
}

impl BookingService {
    /// Cancels, with the reference that every try carries. With a promise: only if the supplier keeps it.
    pub(crate) async fn cancel_order(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        promise: Option<&Promise>,
    ) -> Result<Cancelled, Failure> {
        let Some(order) = case.item.order_ref(self.parts.config.call_timeout()) else {
            return Ok(Cancelled::Done(None));
        };
        if let Some(open) = Attempt::open(&case.attempts, Operation::Cancel) {
            match self.within_limit(supplier.retrieve_order(&order)).await {
                Ok(now) if now.status == OrderStatus::Cancelled => {
                    self.keep_cancelled(case, open).await?;
                    return Ok(Cancelled::Done(None));
                }
                Ok(_) if open.has_settled(Timestamp::now()) => {
                    let mut conn = self.parts.pool.acquire().await?;
                    Attempt::end(&mut conn, open.id, AttemptOutcome::Absent, None).await?;
                }
                Ok(_) => {
                    let pause = until(open.ends_by);
                    return Ok(Cancelled::Wait(Outcome::again(pause, "the call may still be on its way")));
                }
                Err(fault) => return Ok(Cancelled::Wait(wait_after(&fault))),
            }
        }
        if !supplier.capabilities().cancel {
            return Ok(Cancelled::Refused("the supplier's component can't cancel".to_owned()));
        }
        let token = match self.promised(supplier, &order, promise).await? {
            Ok(token) => token,
            Err(settled) => return self.cancelled_already(case, supplier, &order, settled).await,
        };
        let attempt = self.begin_attempt(job, case, supplier, Operation::Cancel).await?;
        let request =
            CancelRequest { client_reference: case.item.cancel_reference.clone(), order: order.clone(), quote: token };
        match self.within_limit(supplier.cancel_order(&request)).await {
            Ok(cancellation) => {
                let mut tx = self.begin().await?;
                Attempt::end(&mut tx, attempt, AttemptOutcome::Succeeded, None).await?;
                case.item.order_cancelled(&mut tx).await?;
                tx.commit().await?;
                Ok(Cancelled::Done(Some(cancellation.refund)))
            }
            Err(fault) => {
                tracing::info!(booking = %case.booking.id, supplier = case.item.supplier, %fault, "an order was not cancelled");
                self.end_attempt(attempt, &fault).await?;
                match fault.disposition {
                    Disposition::OutcomeUnknown | Disposition::RetryAfter { .. } | Disposition::NotAuthorised => {
                        Ok(Cancelled::Wait(wait_after(&fault)))
                    }
                    _ => {
                        let refused = Cancelled::Refused(fault.to_string());
                        self.cancelled_already(case, supplier, &order, refused).await
                    }
                }
            }
        }
    }

    /// The token to cancel by: the promised one while it holds, else a new one that gives back no less.
    async fn promised(
        &self,
        supplier: &Arc<dyn Supplier>,
        order: &OrderRef,
        promise: Option<&Promise>,
    ) -> Result<Result<Vec<u8>, Cancelled>, Failure> {
        let quote = match self.within_limit(supplier.quote_cancel(order)).await {
            Ok(quote) => quote,
            Err(fault) => return Ok(Err(after_quote_fault(&fault))),
        };
        if let Some(promise) = promise
            && (quote.refund.currency != promise.refund.currency || quote.refund.units < promise.refund.units)
        {
            let why = format!("{} was promised, now it is {}", promise.refund, quote.refund);
            return Ok(Err(Cancelled::Dearer(why)));
        }
        Ok(Ok(match promise {
            Some(promise) if quote.refund == promise.refund && quote.token.is_empty() => promise.token.clone(),
            _ => quote.token,
        }))
    }

    /// A refusal, or a worse price, may come of the order's being cancelled already: look.
    async fn cancelled_already(
        &self,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        order: &OrderRef,
        otherwise: Cancelled,
    ) -> Result<Cancelled, Failure> {
        if !matches!(otherwise, Cancelled::Refused(_) | Cancelled::Dearer(_)) {
            return Ok(otherwise);
        }
        match self.within_limit(supplier.retrieve_order(order)).await {
            Ok(now) if now.status == OrderStatus::Cancelled => {
                let mut conn = self.parts.pool.acquire().await?;
                case.item.order_cancelled(&mut conn).await?;
                Ok(Cancelled::Done(None))
            }
            _ => Ok(otherwise),
        }
    }

    async fn keep_cancelled(&self, case: &Case, attempt: &Attempt) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        Attempt::end(&mut tx, attempt.id, AttemptOutcome::Succeeded, None).await?;
        case.item.order_cancelled(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A quote changes nothing: whatever became of it, it may be asked for again.
fn after_quote_fault(fault: &Fault) -> Cancelled {
    match fault.disposition {
        Disposition::RetryAfter { .. } | Disposition::OutcomeUnknown | Disposition::NotAuthorised => {
            Cancelled::Wait(wait_after(fault))
        }
        _ => Cancelled::Refused(fault.to_string()),
    }
}

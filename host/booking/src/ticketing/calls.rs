//! The steps that call a supplier. The row of the attempt is committed before the call leaves; the answer is recorded as
//! soon as it is there, lease or not, as long as nobody has found it out by another way.

use super::attempt::{Attempt, AttemptOutcome, Operation};
use super::{Case, Did};
use crate::alerts;
use crate::failure::Failure;
use crate::jobs::{self, Job};
use crate::service::BookingService;
use crate::worker::Outcome;
use interline_domain::fault::{Disposition, Fault, Origin};
use interline_domain::order::{FindOutcome, OrderStatus, SupplierOrder};
use interline_runtime::{FindRequest, OrderRequest, Supplier, TicketRequest};
use jiff::Timestamp;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Beyond the call's own limit: what the host may take to notice that it has passed.
const GRACE: Duration = Duration::from_secs(2);

impl BookingService {
    /// A call with a limit of ours around its own: lost is lost.
    pub(crate) async fn within_limit<T>(&self, call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let limit = self.parts.config.call_timeout() + GRACE / 2;
        tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            Err(Fault {
                disposition: Disposition::OutcomeUnknown,
                origin: Origin::Host,
                code: Some("deadline".to_owned()),
                message: "the call did not end in its time".to_owned(),
                field: None,
            })
        })
    }

    /// Commits the row of a call that is about to leave.
    pub(crate) async fn begin_attempt(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        operation: Operation,
    ) -> Result<Uuid, Failure> {
        let takes_at_most = self.parts.config.call_timeout() + GRACE;
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        let id = Attempt::begin(&mut tx, job, &case.item, operation, supplier.version(), takes_at_most).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Records a fault of a call.
    pub(crate) async fn end_attempt(&self, id: Uuid, fault: &Fault) -> Result<(), Failure> {
        let outcome = match fault.disposition {
            Disposition::OutcomeUnknown => AttemptOutcome::Unknown,
            _ => AttemptOutcome::Failed,
        };
        let mut conn = self.parts.pool.acquire().await?;
        Attempt::end(&mut conn, id, outcome, Some(fault)).await?;
        Ok(())
    }

    /// Records what an attempt made, unless it was found out by another way meanwhile.
    async fn keep_order(&self, case: &Case, attempt: Option<Uuid>, order: &SupplierOrder) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        let first = match attempt {
            Some(attempt) => Attempt::end(&mut tx, attempt, AttemptOutcome::Succeeded, None).await?,
            None => true,
        };
        if first {
            case.item.store_order(&mut tx, order).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Makes the order, with the reference that every try carries.
    pub(super) async fn create_order(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
    ) -> Result<Did, Failure> {
        let attempt = self.begin_attempt(job, case, supplier, Operation::Create).await?;
        let item = &case.item;
        let request = OrderRequest {
            client_reference: item.create_reference.clone(),
            offer_id: item.offer_id.clone(),
            token: item.offer_token.clone(),
            expected_total: item.expected,
            travellers: case.travellers.clone(),
            contact: case.contact.clone(),
            timeout: self.parts.config.call_timeout(),
        };
        match self.within_limit(supplier.create_order(&request)).await {
            Ok(order) => {
                self.keep_order(case, Some(attempt), &order).await?;
                Ok(Did::Next)
            }
            Err(fault) => {
                tracing::info!(booking = %case.booking.id, supplier = item.supplier, %fault, "no order was made");
                self.end_attempt(attempt, &fault).await?;
                match &fault.disposition {
                    Disposition::OutcomeUnknown => Ok(Did::Next),
                    Disposition::PriceChanged { total } => self.price_again(job, case, supplier, *total).await,
                    _ => self.after_fault(job, case, &fault).await,
                }
            }
        }
    }

    /// Finds out what became of a try to make the order.
    pub(super) async fn find_order(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        attempt: &Attempt,
        limit: Timestamp,
    ) -> Result<Did, Failure> {
        match self.ask_for_order(case, supplier, attempt).await {
            Ok(FindOutcome::Found(order)) => {
                self.keep_order(case, Some(attempt.id), &order).await?;
                Ok(Did::Next)
            }
            Ok(FindOutcome::Absent) if !attempt.has_settled(Timestamp::now()) => {
                Ok(Did::Stop(Outcome::again(until(attempt.ends_by), "absent so far; the call may still be on its way")))
            }
            Ok(FindOutcome::Absent) => {
                let mut conn = self.parts.pool.acquire().await?;
                Attempt::end(&mut conn, attempt.id, AttemptOutcome::Absent, None).await?;
                Ok(Did::Next)
            }
            // What can't be told while the call may be on its way may be told after it.
            Ok(FindOutcome::CannotTell(why)) if !attempt.has_settled(Timestamp::now()) => {
                Ok(Did::Stop(Outcome::again(until(attempt.ends_by), why)))
            }
            Ok(FindOutcome::CannotTell(why)) => self.hand_to_person(job, &why).await,
            Err(fault) => match fault.disposition {
                Disposition::Unsupported => self.hand_to_person(job, "the supplier cannot look orders up").await,
                _ if Timestamp::now() >= limit => self.hand_to_person(job, &fault.message).await,
                _ => Ok(Did::Stop(wait_after(&fault))),
            },
        }
    }

    pub(super) async fn ask_for_order(
        &self,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        attempt: &Attempt,
    ) -> Result<FindOutcome, Fault> {
        let first = case.travellers.first();
        let request = FindRequest {
            client_reference: case.item.create_reference.clone(),
            order_id: case.item.order.as_ref().map(|order| order.id.clone()),
            family_name: first.map(|traveller| traveller.family_name.clone()).unwrap_or_default(),
            given_name: first.map(|traveller| traveller.given_name.clone()).unwrap_or_default(),
            origin: case.item.origin.clone(),
            departure_date: case.item.departure_date,
            first_tried_at: Attempt::first_tried(&case.attempts, Operation::Create).unwrap_or(attempt.started_at),
            timeout: self.parts.config.call_timeout(),
        };
        self.within_limit(supplier.find_order(&request)).await
    }

    /// Has the tickets issued, with the reference that every try carries.
    pub(super) async fn issue_tickets(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
    ) -> Result<Did, Failure> {
        if !supplier.capabilities().ticketing {
            return self
                .hand_to_person(job, "the order is held, and the supplier's component can't have it ticketed")
                .await;
        }
        let Some(order) = case.item.order_ref(self.parts.config.call_timeout()) else {
            return Err(Failure::broken("tickets are to be issued without an order"));
        };
        let attempt = self.begin_attempt(job, case, supplier, Operation::Issue).await?;
        let request = TicketRequest {
            client_reference: case.item.ticket_reference.clone(),
            order,
            travellers: u8::try_from(case.travellers.len()).unwrap_or(u8::MAX),
            expected_total: case.item.expected,
        };
        match self.within_limit(supplier.issue_tickets(&request)).await {
            Ok(order) => {
                self.keep_order(case, Some(attempt), &order).await?;
                Ok(Did::Next)
            }
            Err(fault) => {
                tracing::info!(booking = %case.booking.id, supplier = case.item.supplier, %fault, "no tickets were issued");
                self.end_attempt(attempt, &fault).await?;
                match &fault.disposition {
                    Disposition::OutcomeUnknown => Ok(Did::Next),
                    Disposition::PriceChanged { total: Some(total) } => {
                        self.absorb_or_fail(job, case, *total, None).await
                    }
                    _ => self.after_fault(job, case, &fault).await,
                }
            }
        }
    }

    /// How the order stands; with it, what became of an open try to have it ticketed.
    pub(super) async fn look_at_order(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        attempt: Option<&Attempt>,
        limit: Timestamp,
    ) -> Result<Did, Failure> {
        let Some(order) = case.item.order_ref(self.parts.config.call_timeout()) else {
            return Err(Failure::broken("an order is to be looked at that is not there"));
        };
        let late = Timestamp::now() >= limit;
        let order = match self.within_limit(supplier.retrieve_order(&order)).await {
            Ok(order) => order,
            Err(fault) if late => return self.hand_to_person(job, &fault.message).await,
            Err(fault) => return Ok(Did::Stop(wait_after(&fault))),
        };
        match (order.status, attempt) {
            // Not ticketed after all, and no call on its way: the next try may leave.
            (OrderStatus::Held, Some(attempt)) if attempt.has_settled(Timestamp::now()) => {
                let mut tx = self.begin().await?;
                Attempt::end(&mut tx, attempt.id, AttemptOutcome::Absent, None).await?;
                case.item.store_order(&mut tx, &order).await?;
                tx.commit().await?;
                Ok(Did::Next)
            }
            (OrderStatus::Held, Some(attempt)) => {
                Ok(Did::Stop(Outcome::again(until(attempt.ends_by), "held so far; the call may still be on its way")))
            }
            (OrderStatus::Held | OrderStatus::Cancelled, _) => {
                self.keep_order(case, attempt.map(|attempt| attempt.id), &order).await?;
                Ok(Did::Next)
            }
            (OrderStatus::Ticketed | OrderStatus::Pending, _) => {
                let ticketed = order.tickets.iter().map(|ticket| ticket.traveller);
                let complete = order.status == OrderStatus::Ticketed
                    && super::step::has_all_tickets(ticketed, case.travellers.len());
                let done = attempt.filter(|_| order.status == OrderStatus::Ticketed).map(|attempt| attempt.id);
                self.keep_order(case, done, &order).await?;
                match complete {
                    true => Ok(Did::Next),
                    false if late => {
                        self.hand_to_person(job, "the order is not ticketed, and its limit has passed").await
                    }
                    false => Ok(Did::Stop(Outcome::backoff("the supplier works on the order"))),
                }
            }
        }
    }

    /// What follows a fault after which nothing was done.
    async fn after_fault(&self, job: &Job, case: &Case, fault: &Fault) -> Result<Did, Failure> {
        match fault.disposition {
            Disposition::RetryAfter { .. } => Ok(Did::Stop(wait_after(fault))),
            // Ours to mend: the booking waits for it, up to its limit.
            Disposition::NotAuthorised => {
                let mut conn = self.parts.pool.acquire().await?;
                alerts::raise(&mut conn, case.booking.id, "not-authorised", &fault.message).await?;
                Ok(Did::Stop(Outcome::again(Duration::from_secs(60), "the supplier refuses our credentials")))
            }
            _ => self.give_up(job, case, fault.disposition.name()).await,
        }
    }
}

/// The pause that a fault asks for.
pub(crate) fn wait_after(fault: &Fault) -> Outcome {
    match fault.disposition {
        Disposition::RetryAfter { delay } => Outcome::AtLeast(delay, fault.message.clone()),
        _ => Outcome::backoff(fault.message.clone()),
    }
}

/// From now until a moment.
pub(crate) fn until(moment: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(Timestamp::now())).unwrap_or_default()
}

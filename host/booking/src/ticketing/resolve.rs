//! The look-ups that go on after a person was called.

use super::attempt::{Attempt, AttemptOutcome, Operation};
use super::step::has_all_tickets;
use crate::alerts;
use crate::cancellation;
use crate::failure::{Failure, from_fresh_reads};
use crate::items::Item;
use crate::jobs::{self, Job, JobKind, NewJob};
use crate::refunds;
use crate::rows::BookingRow;
use crate::service::BookingService;
use crate::worker::Outcome;
use interline_domain::booking::Status;
use interline_domain::order::{FindOutcome, OrderStatus, SupplierOrder};
use jiff::Timestamp;
use uuid::Uuid;

/// What a look-up found out.
enum Found {
    /// The order as it is, and the attempt that this settles.
    Order(Box<SupplierOrder>, Option<(Uuid, AttemptOutcome)>),
    /// There is no order: the attempt made none.
    Absent(Uuid),
}

impl BookingService {
    /// One look-up. What it finds out sends the booking back on its way.
    pub(crate) async fn do_resolve(&self, job: &Job) -> Result<Outcome, Failure> {
        let case = self.case(job).await?;
        if case.booking.status != Status::NeedsAttention {
            return Ok(Outcome::Done);
        }
        // Then it waits on account of its money, and what the supplier says is no news.
        if refunds::are_decided(&mut *self.parts.pool.acquire().await?, case.booking.id).await? {
            return Ok(Outcome::Done);
        }
        let Some(supplier) = self.supplier_of(&case) else {
            return Ok(Outcome::backoff("the supplier is not loaded"));
        };
        let found = if let Some(attempt) = Attempt::open(&case.attempts, Operation::Create)
            && case.item.order.is_none()
        {
            match self.ask_for_order(&case, &supplier, attempt).await {
                Ok(FindOutcome::Found(order)) => {
                    Found::Order(Box::new(order), Some((attempt.id, AttemptOutcome::Succeeded)))
                }
                Ok(FindOutcome::Absent) if attempt.has_settled(Timestamp::now()) => Found::Absent(attempt.id),
                Ok(FindOutcome::Absent) => return Ok(Outcome::backoff("the call may still be on its way")),
                Ok(FindOutcome::CannotTell(why)) => return Ok(Outcome::backoff(why)),
                Err(fault) => return Ok(Outcome::backoff(fault.message)),
            }
        } else if let Some(order) = case.item.order_ref(self.parts.config.call_timeout()) {
            let order = match self.within_limit(supplier.retrieve_order(&order)).await {
                Ok(order) => order,
                Err(fault) => return Ok(Outcome::backoff(fault.message)),
            };
            let open = Attempt::open(&case.attempts, Operation::Issue);
            let cancel = Attempt::open(&case.attempts, Operation::Cancel);
            let ticketed = order.tickets.iter().map(|ticket| ticket.traveller);
            let complete = has_all_tickets(ticketed, case.travellers.len());
            match (order.status, open, cancel) {
                (OrderStatus::Cancelled, _, Some(cancel)) => {
                    Found::Order(Box::new(order), Some((cancel.id, AttemptOutcome::Succeeded)))
                }
                (OrderStatus::Ticketed, open, None) if complete => {
                    let settles = open.map(|open| (open.id, AttemptOutcome::Succeeded));
                    Found::Order(Box::new(order), settles)
                }
                (OrderStatus::Held, Some(open), None) if open.has_settled(Timestamp::now()) => {
                    let settles = (open.id, AttemptOutcome::Absent);
                    Found::Order(Box::new(order), Some(settles))
                }
                (_, None, Some(cancel)) if cancel.has_settled(Timestamp::now()) => {
                    let settles = (cancel.id, AttemptOutcome::Absent);
                    Found::Order(Box::new(order), Some(settles))
                }
                (OrderStatus::Cancelled, None, None) => Found::Order(Box::new(order), None),
                _ => return Ok(Outcome::backoff("the order stands as it stood")),
            }
        } else {
            // Not a lost call: only a person helps.
            return Ok(Outcome::Done);
        };
        self.back_on_its_way(job, &case.item, found).await?;
        Ok(Outcome::Done)
    }

    async fn back_on_its_way(&self, job: &Job, item: &Item, found: Found) -> Result<(), Failure> {
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            match &found {
                Found::Order(order, settles) => {
                    if let Some((attempt, outcome)) = settles {
                        Attempt::end(&mut tx, *attempt, *outcome, None).await?;
                    }
                    item.store_order(&mut tx, order).await?;
                }
                Found::Absent(attempt) => {
                    Attempt::end(&mut tx, *attempt, AttemptOutcome::Absent, None).await?;
                }
            }
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            if booking.status == Status::NeedsAttention && !refunds::are_decided(&mut tx, booking.id).await? {
                // A cancellation that went lost goes on as one; everything else is decided by ticketing.
                alerts::settle(&mut tx, booking.id).await?;
                match cancellation::under_way(&mut tx, booking.id).await? {
                    Some(quote) => cancellation::go_on(&mut tx, &mut booking, quote).await?,
                    None => {
                        booking.advance(&mut tx, Status::PendingTicket).await?;
                        let kind = if item.failing.is_some() { JobKind::Compensate } else { JobKind::Ticketing };
                        jobs::enqueue(&mut tx, NewJob::now(kind, booking.id)).await?;
                    }
                }
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

//! Compensation: cancels what was held for a booking that could not be ticketed, and has the money go back, once.

mod cancel_order;

pub(crate) use cancel_order::{Cancelled, Promise};

use crate::failure::{Failure, from_fresh_reads};
use crate::jobs::{self, Job};
use crate::payments::PaymentRow;
use crate::refunds::{self, Reason};
use crate::rows::BookingRow;
use crate::service::BookingService;
use crate::ticketing::attempt::{Attempt, Operation};
use crate::worker::Outcome;
use interline_domain::booking::Status;
use interline_domain::order::OrderStatus;
use std::time::Duration;

impl BookingService {
    /// Refunds only when every attempt is resolved: absent, failed, or cancelled.
    pub(crate) async fn do_compensate(&self, job: &Job) -> Result<Outcome, Failure> {
        let case = self.case(job).await?;
        if case.booking.status != Status::PendingTicket || case.item.failing.is_none() {
            return Ok(Outcome::Done);
        }
        let open = [Operation::Create, Operation::Issue].map(|operation| Attempt::open(&case.attempts, operation));
        if open.iter().any(Option::is_some) {
            return Ok(Outcome::backoff("it is not known yet what became of a call"));
        }
        if let Some(order) = &case.item.order
            && order.status != OrderStatus::Cancelled
        {
            let Some(supplier) = self.supplier_of(&case) else {
                return Ok(Outcome::again(Duration::from_secs(15), "the supplier is not loaded"));
            };
            match self.cancel_order(job, &case, &supplier, None).await? {
                Cancelled::Done(_) => {}
                Cancelled::Wait(outcome) => return Ok(outcome),
                Cancelled::Refused(why) | Cancelled::Dearer(why) => {
                    // Held or ticketed as it is, the money can't go back by itself.
                    self.hand_to_person(job, &format!("the order can't be cancelled: {why}")).await?;
                    return Ok(Outcome::Done);
                }
            }
        }
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            if booking.status == Status::PendingTicket {
                for payment in PaymentRow::succeeded(&mut tx, booking.id).await? {
                    // A second success goes back by its own refund.
                    if let Some(paid) = payment.paid
                        && !refunds::is_requested(&mut tx, payment.id).await?
                    {
                        refunds::request(&mut tx, payment.id, Reason::TicketingFailed, paid).await?;
                    }
                }
                booking.advance(&mut tx, Status::RefundPending).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await?;
        Ok(Outcome::Done)
    }
}

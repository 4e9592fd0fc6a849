//! Ticketing: the order at the supplier and its tickets, one step after the other, each of them found again after a
//! crash. What to do next is decided from rows alone ([`step`]); what a call did is recorded before anything else.

pub(crate) mod attempt;
mod calls;
mod failing;
mod resolve;
pub(crate) mod step;

use crate::failure::{Failure, from_fresh_reads};
use crate::items::Item;
use crate::jobs::{self, Job, JobKind, NewJob};
use crate::passengers;
use crate::rows::BookingRow;
use crate::service::BookingService;
use crate::worker::Outcome;
use attempt::Attempt;
pub(crate) use calls::{until, wait_after};
use interline_domain::booking::Status;
use interline_domain::order::{Contact, Traveller};
use interline_runtime::Supplier;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use step::Step;

/// Steps of one run, after which the job goes back to the queue: nothing turns in circles for ever.
const MOST_STEPS: usize = 12;

/// What a step did.
pub(crate) enum Did {
    /// Look at the rows again.
    Next,
    /// That is all for now.
    Stop(Outcome),
}

/// A booking under a ticketing job.
pub(crate) struct Case {
    pub(crate) booking: BookingRow,
    pub(crate) item: Item,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) travellers: Vec<Traveller>,
    pub(crate) contact: Contact,
}

impl Case {
    /// The moment after which no tickets are bought any more.
    pub(crate) fn limit(&self, ticketing: Duration) -> Timestamp {
        let ours = self.booking.paid_at.unwrap_or(self.booking.updated_at) + ticketing;
        [self.item.ticketing_deadline, self.item.departs_at].into_iter().flatten().fold(ours, Timestamp::min)
    }
}

impl BookingService {
    /// Reads a booking anew, under the job's fence.
    pub(crate) async fn case(&self, job: &Job) -> Result<Case, Failure> {
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        let booking = BookingRow::get(&mut tx, job.booking).await?;
        let item = Item::of(&mut tx, job.booking).await?;
        let attempts = Attempt::of(&mut tx, item.id).await?;
        let key = self.keys.load(&mut tx, job.booking).await?;
        tx.commit().await?;
        let key = key.ok_or_else(|| Failure::broken("the travellers of an unfinished booking were erased"))?;
        let travellers = passengers::travellers(&key, &booking.passengers)?;
        let contact = passengers::contact(&booking.contact_details)?;
        Ok(Case { booking, item, attempts, travellers, contact })
    }

    pub(crate) fn supplier_of(&self, case: &Case) -> Option<Arc<dyn Supplier>> {
        self.parts.suppliers.get(&case.item.supplier)
    }

    /// Brings a paid booking as far as it goes.
    pub(crate) async fn do_ticketing(&self, job: &Job) -> Result<Outcome, Failure> {
        for _ in 0..MOST_STEPS {
            let case = self.case(job).await?;
            if case.booking.status != Status::PendingTicket {
                return Ok(Outcome::Done);
            }
            let Some(supplier) = self.supplier_of(&case) else {
                return Ok(Outcome::again(Duration::from_secs(15), "the supplier is not loaded"));
            };
            let limit = case.limit(Duration::from_secs(self.parts.config.ticketing_minutes * 60));
            let did = match step::next(&case.item, &case.attempts, case.travellers.len(), limit, Timestamp::now()) {
                Step::Create => self.create_order(job, &case, &supplier).await?,
                Step::FindOrder(attempt) => self.find_order(job, &case, &supplier, &attempt, limit).await?,
                Step::Issue => self.issue_tickets(job, &case, &supplier).await?,
                Step::LookAtOrder(attempt) => {
                    self.look_at_order(job, &case, &supplier, attempt.as_ref(), limit).await?
                }
                Step::Finish => self.finish_ticketing(job).await?,
                Step::Fail(why) => self.give_up(job, &case, &why).await?,
            };
            if let Did::Stop(outcome) = did {
                return Ok(outcome);
            }
        }
        Ok(Outcome::backoff("many steps, and no end yet"))
    }

    /// The tickets are there.
    async fn finish_ticketing(&self, job: &Job) -> Result<Did, Failure> {
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            if booking.status == Status::PendingTicket {
                booking.advance(&mut tx, Status::Ticketed).await?;
                let mail = NewJob { detail: Some("e-ticket"), ..NewJob::now(JobKind::Mail, booking.id) };
                jobs::enqueue(&mut tx, mail).await?;
                crate::alerts::settle(&mut tx, booking.id).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await?;
        Ok(Did::Stop(Outcome::Done))
    }
}

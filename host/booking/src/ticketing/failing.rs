//! When tickets can't be had: price rises that are absorbed or not, the way into compensation, the way to a person.

use super::attempt::{Attempt, Operation};
use super::{Case, Did};
use crate::alerts;
use crate::failure::{Failure, from_fresh_reads};
use crate::items::Item;
use crate::jobs::{self, Job, JobKind, NewJob};
use crate::quotes::QuoteRow;
use crate::rows::BookingRow;
use crate::service::BookingService;
use crate::worker::Outcome;
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use interline_domain::money::Money;
use interline_runtime::{PriceRequest, Supplier};
use std::sync::Arc;
use std::time::Duration;

/// Before the first look-up of a case that a person was called for.
const FIRST_LOOK: Duration = Duration::from_secs(30);

/// Whether a rise from what was quoted is small enough to be ours. Cheaper always is.
pub(crate) fn absorbs(quoted: Money, asked: Money, basis_points: u32) -> bool {
    let most = i128::from(quoted.units) * i128::from(10_000 + u64::from(basis_points)) / 10_000;
    quoted.currency == asked.currency && i128::from(asked.units) <= most
}

impl BookingService {
    /// The supplier asks another price before anything was made: ask for it, then absorb it or give up.
    pub(super) async fn price_again(
        &self,
        job: &Job,
        case: &Case,
        supplier: &Arc<dyn Supplier>,
        told: Option<Money>,
    ) -> Result<Did, Failure> {
        if !supplier.capabilities().price_check {
            return match told {
                Some(told) => self.absorb_or_fail(job, case, told, None).await,
                None => self.give_up(job, case, "price_changed").await,
            };
        }
        let mut conn = self.parts.pool.acquire().await?;
        let quote = QuoteRow::find(&mut conn, None, case.item.quote).await?;
        drop(conn);
        let trip = quote.ok_or_else(|| Failure::broken("a booking's quote is gone"))?.trip;
        let request = PriceRequest {
            offer_id: case.item.offer_id.clone(),
            token: case.item.offer_token.clone(),
            passengers: trip.passengers.passengers(),
            timeout: self.parts.config.call_timeout(),
        };
        match self.within_limit(supplier.check_price(&request)).await {
            Ok(reply) => {
                let offer = &reply.offer;
                // What was told at the order goes before a price check that does not know it yet.
                let dearest =
                    told.filter(|told| told.currency == offer.total.currency && told.units > offer.total.units);
                let asked = dearest.unwrap_or(offer.total);
                self.absorb_or_fail(job, case, asked, Some((&offer.id, &offer.token))).await
            }
            Err(fault) => match fault.disposition {
                Disposition::PriceChanged { total: Some(total) } => self.absorb_or_fail(job, case, total, None).await,
                Disposition::RetryAfter { .. } | Disposition::OutcomeUnknown | Disposition::NotAuthorised => {
                    Ok(Did::Stop(super::calls::wait_after(&fault)))
                }
                _ => self.give_up(job, case, fault.disposition.name()).await,
            },
        }
    }

    /// Takes a new price on, if it is within what we bear.
    pub(super) async fn absorb_or_fail(
        &self,
        job: &Job,
        case: &Case,
        asked: Money,
        offer: Option<(&str, &[u8])>,
    ) -> Result<Did, Failure> {
        if !absorbs(case.item.quoted, asked, self.parts.config.absorb_basis_points) {
            return self.give_up(job, case, "price_changed").await;
        }
        tracing::info!(booking = %case.booking.id, quoted = %case.item.quoted, %asked, "a price change is absorbed");
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        case.item.absorb(&mut tx, asked, offer).await?;
        tx.commit().await?;
        // A supplier that changes its price at every try is not asked in a tight circle.
        let again = case.attempts.len() > 3;
        Ok(if again { Did::Stop(Outcome::backoff("the price changes again and again")) } else { Did::Next })
    }

    /// Decides that the money goes back, and hands over to compensation.
    pub(super) async fn give_up(&self, job: &Job, case: &Case, why: &str) -> Result<Did, Failure> {
        tracing::info!(booking = %case.booking.id, why, "a paid booking is not ticketed");
        let mut tx = self.begin().await?;
        jobs::fence(&mut tx, job).await?;
        case.item.fail(&mut tx, why).await?;
        jobs::enqueue(&mut tx, NewJob::now(JobKind::Compensate, case.booking.id)).await?;
        tx.commit().await?;
        Ok(Did::Stop(Outcome::Done))
    }

    /// It can't be told what became of a call: a person looks, nothing is given back, and the look-ups go on.
    pub(crate) async fn hand_to_person(&self, job: &Job, why: &str) -> Result<Did, Failure> {
        from_fresh_reads(async || -> Result<(), Failure> {
            let mut tx = self.begin().await?;
            jobs::fence(&mut tx, job).await?;
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            if matches!(booking.status, Status::PendingTicket | Status::CancelPending) {
                booking.need_attention(&mut tx, why).await?;
                alerts::raise(&mut tx, booking.id, "outcome-unknown", why).await?;
            }
            let item = Item::of(&mut tx, job.booking).await?;
            let attempts = Attempt::of(&mut tx, item.id).await?;
            let open = [Operation::Create, Operation::Issue, Operation::Cancel]
                .into_iter()
                .any(|operation| Attempt::open(&attempts, operation).is_some());
            if open || item.order.is_some() {
                let look = NewJob { delay: FIRST_LOOK, ..NewJob::now(JobKind::Resolve, booking.id) };
                jobs::enqueue(&mut tx, look).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await?;
        Ok(Did::Stop(Outcome::Done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_absorbed_up_to_the_limit_and_a_fall_always() {
        let eur = |units| Money::new(units, "EUR".parse().unwrap());
        assert!(absorbs(eur(10_000), eur(10_200), 200));
        assert!(!absorbs(eur(10_000), eur(10_201), 200));
        assert!(absorbs(eur(10_000), eur(9_000), 0));
        assert!(!absorbs(eur(10_000), Money::new(10_000, "USD".parse().unwrap()), 200));
        assert!(absorbs(eur(i64::MAX), eur(i64::MAX), 200));
    }
}

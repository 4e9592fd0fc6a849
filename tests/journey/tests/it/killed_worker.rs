//! A worker that is killed at every step of ticketing loses nothing and does nothing twice, on either queue.

use anyhow::{Context, Result, anyhow, ensure};
use futures::future::try_join_all;
use interline_broker::Broker;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use interline_sandbox::{Fault, FaultKind, Latency, Supplier};
use serde_json::{Value, json};
use std::collections::HashSet;

const BOOKINGS: usize = 50;
/// Where the worker is killed: when so many calls of an operation have come in altogether. What the kills before can have
/// left without an outcome leaves more than enough bookings to get there.
const KILLS: [(&str, u64); 5] =
    [("orders.create", 1), ("orders.create", 10), ("payments.create", 1), ("orders.create", 24), ("orders.list", 1)];
/// Jobs that a worker has under way.
const CONCURRENCY: usize = 8;

/// Pays for so many bookings, each of an offer of its own.
async fn pay_many(stack: &Stack) -> Result<Vec<String>> {
    let party = Party::one();
    let mut request = trip(&[("CGK", "NRT", day(0))], &party);
    request["limit"] = json!(200);
    let page = stack.client.search(&request).await?;
    let mut offers = Vec::new();
    for offer in page["offers"].as_array().context("no offers")? {
        offers.extend(offer["id"].as_str());
        offers.extend(offer["alternatives"].as_array().into_iter().flatten().filter_map(|fare| fare["id"].as_str()));
    }
    ensure!(offers.len() >= BOOKINGS, "only {} offers", offers.len());
    try_join_all(offers.into_iter().take(BOOKINGS).map(|offer| pay_one(stack, offer, &party))).await
}

async fn pay_one(stack: &Stack, offer: &str, party: &Party) -> Result<String> {
    let verified = stack.client.verify(offer).await?.ok()?;
    let booking = stack.client.book(&verified["quote"], &party.passengers(day(0))).await?;
    let id = booking["id"].as_str().context("no id")?.to_owned();
    let payment = stack.client.pay(&id).await?;
    stack.confirm(&payment).await?;
    Ok(id)
}

/// Waits until the supplier has been called so many times, then kills the worker and starts another.
async fn kill_at(stack: &mut Stack, operation: &str, calls: u64) -> Result<()> {
    let control = stack.sandbox.control();
    until(&format!("{calls} calls of {operation}"), || async {
        let now = control.calls_of(Supplier::Duffel, operation);
        Ok(if now >= calls { Ok(()) } else { Err(format!("{now} calls")) })
    })
    .await?;
    stack.worker.take().context("no worker")?.kill().await?;
    stack.start_worker()
}

/// The operator takes Duffel's list of orders for the truth: then every outcome can be told.
const PROOF: &str = "config = { absence-is-proof = \"true\" }";

fn setup() -> Setup {
    let worker = format!("lease_seconds = 2\nsweep_seconds = 1\nconcurrency = {CONCURRENCY}\nmax_backoff_seconds = 2");
    let mut setup = Setup::with("duffel").section("worker", &worker).section("booking", "call_seconds = 5");
    setup.worker = false;
    setup.sandbox.offers_per_search = 120;
    setup
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_bookings_outlive_a_worker_killed_at_each_step() -> Result<()> {
    let mut stack = Stack::start(setup().section("suppliers.duffel", PROOF)).await?;
    let bookings = pay_many(&stack).await?;
    kill_at_each_step(&mut stack).await?;
    let ticketed = all_end(&stack, &bookings).await.map_err(|error| stack.explain(error))?;
    ensure!(ticketed == BOOKINGS, "only {ticketed} of {BOOKINGS} are ticketed\n{}", stack.logs());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_absence_is_no_proof_only_what_was_in_flight_waits_for_a_person() -> Result<()> {
    let mut stack = Stack::start(setup()).await?;
    let bookings = pay_many(&stack).await?;
    kill_at_each_step(&mut stack).await?;
    let ticketed = all_end(&stack, &bookings).await.map_err(|error| stack.explain(error))?;
    // A kill leaves at most what was under way without an outcome.
    ensure!(ticketed >= BOOKINGS - KILLS.len() * CONCURRENCY, "only {ticketed} of {BOOKINGS} are ticketed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_kafka_they_outlive_a_worker_killed_at_each_step_and_the_broker_too() -> Result<()> {
    let mut broker = Broker::start().await?;
    let mut stack = Stack::start(setup().section("suppliers.duffel", PROOF).over_kafka(&broker.address())).await?;
    let bookings = pay_many(&stack).await?;
    let mut other = stack.another_worker("other")?;
    kill_at_each_step(&mut stack).await?;
    broker.kill().await?;
    broker.launch().await?;
    other.check()?;
    let ticketed = all_end(&stack, &bookings).await.map_err(|error| anyhow!("{error:#}\n{}", other.log()));
    let ticketed = ticketed.map_err(|error| stack.explain(error))?;
    ensure!(ticketed == BOOKINGS, "only {ticketed} of {BOOKINGS} are ticketed\n{}\n{}", stack.logs(), other.log());
    other.stop().await
}

async fn kill_at_each_step(stack: &mut Stack) -> Result<()> {
    // Calls take long enough to be killed within.
    for operation in ["orders.create", "payments.create"] {
        let slow = FaultKind::Latency { after: Latency::FixedMs(150) };
        stack.sandbox.control().add_fault(Fault::at(Supplier::Duffel, slow).on(operation));
    }
    stack.start_worker()?;
    for (operation, calls) in KILLS {
        kill_at(stack, operation, calls).await.map_err(|error| stack.explain(error))?;
    }
    Ok(())
}

async fn all_end(stack: &Stack, bookings: &[String]) -> Result<usize> {
    for id in bookings {
        stack.client.reaches(id, &["TICKETED", "REFUNDED", "NEEDS_ATTENTION"]).await?;
    }
    nothing_twice(stack, bookings).await
}

/// Each is ticketed once, or the supplier's books have no order of it and it waits for a person, its money untouched: a
/// listing without the order doesn't prove to Duffel's client that the airline has none.
async fn nothing_twice(stack: &Stack, bookings: &[String]) -> Result<usize> {
    let orders = stack.sandbox.control().orders();
    ensure!(orders.iter().all(|order| order.times_paid == 1), "an order is unpaid, or paid twice: {orders:?}");
    let payments = stack.sandbox.control().payments();
    ensure!(payments.len() == BOOKINGS && payments.iter().all(|payment| payment.times_charged == 1));
    ensure!(payments.iter().all(|payment| payment.refunds.is_empty()), "something was refunded");
    let mut locators = HashSet::new();
    for id in bookings {
        let booking: Value = stack.client.booking(id).await?;
        ensure!(stack.ledger(id, "PAYMENT_SUCCESS").await?.1 == 1);
        match booking["locator"].as_str() {
            Some(locator) => ensure!(locators.insert(locator.to_owned()), "two bookings share {locator}"),
            None => ensure!(booking["status"] == "NEEDS_ATTENTION", "{booking}"),
        }
    }
    let made: HashSet<_> = orders.iter().map(|order| order.locator.clone()).collect();
    ensure!(made.len() == orders.len() && made == locators, "orders {made:?}, bookings {locators:?}");
    until("a mail for each", || async {
        let mails = stack.mails()?.len();
        Ok(if mails == locators.len() { Ok(()) } else { Err(format!("{mails} mails")) })
    })
    .await?;
    Ok(locators.len())
}

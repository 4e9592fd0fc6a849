//! The whole journey over HTTP, for each supplier and each shape of trip.

use anyhow::{Context, Result, ensure};
use interline_broker::Broker;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use serde_json::Value;

async fn journey(supplier: &'static str, slices: &[(&str, &str, i64)], party: Party) -> Result<()> {
    let stack = Stack::start(Setup::with(supplier)).await?;
    travel(&stack, slices, party).await
}

async fn travel(stack: &Stack, slices: &[(&str, &str, i64)], party: Party) -> Result<()> {
    let slices: Vec<_> = slices.iter().map(|&(from, to, ahead)| (from, to, day(ahead))).collect();
    let quote = stack.client.quote(&trip(&slices, &party)).await?;
    let booking = stack.client.book(&quote, &party.passengers(slices[0].2)).await?;
    let id = booking["id"].as_str().context("the booking has no id")?;
    let payment = stack.client.pay(id).await?;
    stack.confirm(&payment).await?;
    let ticketed = stack.client.reaches(id, &["TICKETED", "NEEDS_ATTENTION", "REFUNDED"]).await?;
    ensure!(ticketed["status"] == "TICKETED", "{ticketed}\n{}", stack.logs());
    holds(stack, &ticketed, &quote).await.map_err(|error| stack.explain(error))
}

/// PNR and tickets as the supplier's own books have them, one mail, and a ledger that sums up.
async fn holds(stack: &Stack, booking: &Value, quote: &Value) -> Result<()> {
    let orders = stack.sandbox.control().orders();
    let [order] = orders.as_slice() else { anyhow::bail!("not one order: {orders:?}") };
    ensure!(booking["locator"] == order.locator.as_str(), "locator {} is not {}", booking["locator"], order.locator);
    let mut numbers: Vec<_> = booking["tickets"].as_array().context("no tickets")?.iter().collect();
    numbers.sort_by_key(|ticket| ticket["passenger"].as_u64());
    let numbers: Vec<_> = numbers.iter().filter_map(|ticket| ticket["number"].as_str()).collect();
    ensure!(numbers == order.tickets, "tickets {numbers:?} are not {:?}", order.tickets);
    ensure!(order.times_paid == 1 && order.tickets.len() == order.travellers, "{order:?}");

    let id = booking["id"].as_str().context("no id")?;
    ensure!(booking["total"] == quote["total"], "{} was quoted {}", booking["total"], quote["total"]);
    let (sum, rows) = stack.ledger(id, "PAYMENT_SUCCESS").await?;
    let charged: i64 = stack.sandbox.control().payments().iter().map(|payment| payment.charged).sum();
    ensure!(rows == 1 && sum == charged, "the ledger has {sum} in {rows} rows, the provider {charged}");
    ensure!(stack.ledger(id, "REFUND_COMPLETED").await? == (0, 0));

    let mail = until("the e-ticket", || async {
        Ok(match stack.mails()?.as_slice() {
            [one] => Ok(std::fs::read_to_string(one)?),
            others => Err(format!("{others:?}")),
        })
    })
    .await?;
    ensure!(mail.contains(&order.locator), "the mail lacks the locator:\n{mail}");
    Ok(())
}

macro_rules! journeys {
    ($($supplier:ident),*) => { $(mod $supplier {
        use super::*;

        #[tokio::test(flavor = "multi_thread")]
        async fn one_way_is_ticketed_and_mailed_once() -> Result<()> {
            journey(stringify!($supplier), &[("CGK", "NRT", 0)], Party::one()).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn a_return_for_a_family_is_ticketed_and_mailed_once() -> Result<()> {
            journey(stringify!($supplier), &[("CGK", "NRT", 0), ("NRT", "CGK", 9)], Party::family()).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn a_multi_city_trip_for_a_family_is_ticketed_and_mailed_once() -> Result<()> {
            let slices = [("LHR", "FRA", 0), ("FRA", "JFK", 4), ("JFK", "LHR", 12)];
            journey(stringify!($supplier), &slices, Party::family()).await
        }
    })* };
}

journeys!(duffel, ndc, travelport);

#[tokio::test(flavor = "multi_thread")]
async fn over_kafka_a_trip_is_ticketed_and_mailed_once() -> Result<()> {
    let broker = Broker::start().await?;
    let mut stack = Stack::start(Setup::with("duffel").over_kafka(&broker.address())).await?;
    travel(&stack, &[("CGK", "NRT", 0), ("NRT", "CGK", 9)], Party::family()).await?;
    stack.worker.take().context("no worker")?.stop().await
}

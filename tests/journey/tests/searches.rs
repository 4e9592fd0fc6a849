//! Many searches at once, and suppliers that hang.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_sandbox::{Fault, FaultKind, Supplier};
use serde_json::Value;

const CROWD: usize = 500;

async fn crowd(stack: &Stack) -> Result<Vec<Value>> {
    let trip = trip(&[("CGK", "NRT", day(0))], &Party::one());
    try_join_all((0..CROWD).map(|_| stack.client.search(&trip))).await
}

fn state<'a>(page: &'a Value, supplier: &str) -> Option<&'a Value> {
    page["suppliers"].as_array()?.iter().find(|entry| entry["name"] == supplier)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_with_one_cold_search_costs_one_call_to_each_supplier() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let pages = crowd(&stack).await?;
    ensure!(pages.iter().all(|page| page["total_matching"].as_u64() > Some(0)));
    let calls = stack.sandbox.control().calls_of(Supplier::Duffel, "offer_requests.create");
    ensure!(calls == 1, "{calls} calls");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_that_hangs_delays_nobody_past_the_deadline() -> Result<()> {
    let setup = Setup::with("duffel").section("search", "deadline_ms = 1500");
    let stack = Stack::start(setup).await?;
    stack.sandbox.control().add_fault(Fault::at(Supplier::Duffel, FaultKind::Hang {}));
    let page = stack.client.post("/v1/flights/search", &trip(&[("CGK", "NRT", day(0))], &Party::one())).await?;
    // With its only supplier hanging the search has nothing to show, and says so in time.
    ensure!(page.status.as_u16() == 503 || page.status.as_u16() == 504, "{page:?}");
    ensure!(page.body["type"].is_string(), "{page:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_how_each_supplier_did() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let trip = trip(&[("CGK", "NRT", day(0))], &Party::one());
    let page = stack.client.search(&trip).await?;
    let supplier = state(&page, "duffel").context("duffel is not told of")?;
    ensure!(supplier["status"] == "ok" && supplier["offers"].as_u64() > Some(0), "{supplier}");
    ensure!(page["cache"] == "miss", "{}", page["cache"]);
    let again = stack.client.search(&trip).await?;
    ensure!(again["cache"] == "hit", "{}", again["cache"]);
    ensure!(page["offers"] == again["offers"], "the same search shows other offers");
    Ok(())
}

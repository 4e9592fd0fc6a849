//! Many searches at once, and suppliers that hang.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_sandbox::{Fault, FaultKind, Supplier};
use serde_json::Value;

const CROWD: usize = 500;
const SUPPLIERS: [&str; 3] = ["duffel", "travelport", "ndc"];
/// What a search is called at each of them.
const SEARCHES: [(Supplier, &str); 3] = [
    (Supplier::Duffel, "offer_requests.create"),
    (Supplier::Travelport, "LowFareSearch"),
    (Supplier::Ndc, "AirShopping"),
];

async fn crowd(stack: &Stack) -> Result<Vec<Value>> {
    let trip = trip(&[("CGK", "NRT", day(0))], &Party::one());
    try_join_all((0..CROWD).map(|_| stack.client.search(&trip))).await
}

fn state<'a>(page: &'a Value, supplier: &str) -> Option<&'a Value> {
    page["suppliers"].as_array()?.iter().find(|entry| entry["name"] == supplier)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_with_one_cold_search_costs_one_call_to_each_supplier() -> Result<()> {
    let stack = Stack::start(Setup::with_all(&SUPPLIERS)).await?;
    let pages = crowd(&stack).await?;
    ensure!(pages.iter().all(|page| page["total_matching"].as_u64() > Some(0)));
    for (supplier, operation) in SEARCHES {
        let calls = stack.sandbox.control().calls_of(supplier, operation);
        ensure!(calls == 1, "{supplier:?}: {calls} calls");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_gets_the_others_offers_in_time_when_one_supplier_hangs() -> Result<()> {
    let setup = Setup::with_all(&SUPPLIERS).section("search", "deadline_ms = 4000");
    let stack = Stack::start(setup).await?;
    stack.sandbox.control().add_fault(Fault::at(Supplier::Travelport, FaultKind::Hang {}));
    let pages = crowd(&stack).await?;
    for page in &pages {
        let of = |name: &str| state(page, name).context("a supplier is not told of");
        let late = of("travelport")?;
        ensure!(late["status"] == "timeout" && late["offers"] == 0, "{late}");
        for name in ["duffel", "ndc"] {
            let supplier = of(name)?;
            ensure!(supplier["status"] == "ok" && supplier["offers"].as_u64() > Some(0), "{supplier}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_itinerary_that_several_suppliers_sell_is_one_offer_the_cheapest_first() -> Result<()> {
    let stack = Stack::start(Setup::with_all(&SUPPLIERS)).await?;
    let page = stack.client.search(&trip(&[("CGK", "NRT", day(0))], &Party::one())).await?;
    let flights = |offer: &Value| -> Vec<String> {
        let slices = offer["slices"].as_array().into_iter().flatten();
        let segments = slices.flat_map(|slice| slice["segments"].as_array().into_iter().flatten());
        segments
            .map(|one| format!("{}{} {}", one["marketing_carrier"], one["flight_number"], one["departing_at"]))
            .collect()
    };
    let offers = page["offers"].as_array().context("no offers")?;
    let itineraries: std::collections::HashSet<_> = offers.iter().map(flights).collect();
    ensure!(itineraries.len() == offers.len(), "an itinerary is on the page twice");
    let price =
        |fare: &Value| fare["total"]["amount"].as_str().and_then(|text| text.replace('.', "").parse::<i64>().ok());
    let merged =
        offers.iter().filter(|offer| offer["alternatives"].as_array().is_some_and(|others| !others.is_empty()));
    let mut seen = 0;
    for offer in merged {
        let others = offer["alternatives"].as_array().into_iter().flatten();
        ensure!(others.clone().all(|other| price(other) >= price(offer)), "an alternative is cheaper: {offer}");
        seen += 1;
    }
    ensure!(seen > 0, "no offer has alternatives");
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

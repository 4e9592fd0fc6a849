//! Many searches at once, and suppliers that hang.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use interline_sandbox::{Fault, FaultKind, Supplier};
use reqwest::{Method, Response, StatusCode};
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

/// Three suppliers sell the same flights: an offer has more fares than a list shows.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_as_many_fares_of_an_offer_as_it_asks_for() -> Result<()> {
    let stack = Stack::start(Setup::with_all(&SUPPLIERS)).await?;
    let trip = trip(&[("CGK", "NRT", day(0))], &Party::one());
    let whole = stack.client.search(&trip).await?;
    let most = |most: u64| {
        let mut asked = trip.clone();
        asked["alternatives"] = most.into();
        let client = &stack.client;
        async move { client.search(&asked).await }
    };
    let offers = |page: &Value| page["offers"].as_array().cloned().unwrap_or_default();
    ensure!(offers(&whole).iter().any(|offer| offer["alternatives_matching"].as_u64() > Some(1)), "{whole}");
    for shown in [0, 1] {
        let page = most(shown).await?;
        ensure!(offers(&page).len() == offers(&whole).len(), "another number of offers");
        for (offer, all) in offers(&page).iter().zip(offers(&whole)) {
            let fares = |offer: &Value| offer["alternatives"].as_array().cloned().unwrap_or_default();
            let expected: Vec<Value> = fares(&all).into_iter().take(usize::try_from(shown)?).collect();
            ensure!(offer["id"] == all["id"] && fares(offer) == expected, "{offer}");
            ensure!(offer["alternatives_matching"] == all["alternatives_matching"], "{offer}");
        }
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

/// Names and values of an answer's headers, those left out that are another answer's.
fn lasting(answer: &Response) -> Vec<(String, String)> {
    let own = ["date", "content-length", "x-request-id", "traceparent", "ratelimit"];
    let headers = answer.headers().iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    headers
}

/// `r=` of the header `RateLimit`.
fn remaining(answer: &Response) -> Option<u32> {
    let text = answer.headers().get("ratelimit")?.to_str().ok()?;
    text.split(';').find_map(|part| part.strip_prefix("r="))?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_answered_before_the_router_looks_as_if_the_router_had_answered_it() -> Result<()> {
    // So few a second that none comes back while the test runs.
    let setup = Setup::with("duffel")
        .section("log", "filter = \"info,interline_api::front=debug\"")
        .section("api", "rate_plans = { standard = { per_second = 1, burst = 6 } }");
    let stack = Stack::start(setup).await?;
    let path = format!(
        "/v1/flights/search?origin=CGK&destination=NRT&departure_date={}&max_stops=1&limit=5&sort=duration",
        day(0)
    );
    let ask = || async { anyhow::Ok(stack.client.request(Method::GET, &path).send().await?) };
    let from_memory = || stack.gateway.log().matches("answered from memory").count();
    let routed = ask().await?.error_for_status()?;
    ensure!(from_memory() == 0, "it was answered from memory: {}", stack.gateway.log());
    let remembered = ask().await?.error_for_status()?;
    ensure!(from_memory() == 1, "it was not answered from memory: {}", stack.gateway.log());
    ensure!(lasting(&routed) == lasting(&remembered), "{:?}\n{:?}", lasting(&routed), lasting(&remembered));
    let (left, then) = (remaining(&routed), remaining(&remembered));
    ensure!(left.is_some() && then < left, "the bucket was not taken from: {left:?}, {then:?}");
    ensure!(routed.headers()["x-request-id"] != remembered.headers()["x-request-id"], "two requests of one id");
    let (routed, remembered): (Value, Value) = (routed.json().await?, remembered.json().await?);
    ensure!(routed["offers"] == remembered["offers"] && routed["facets"] == remembered["facets"], "another page");
    // Whoever has used up the bucket is refused as by the router.
    for _ in 0..8 {
        ask().await?;
    }
    let refused = ask().await?;
    ensure!(refused.status() == StatusCode::TOO_MANY_REQUESTS, "{}", refused.status());
    ensure!(refused.headers().contains_key("retry-after"), "it does not say when to come back");
    // The same words without a key are nobody's.
    let stranger = reqwest::get(format!("{}{path}", stack.client.base)).await?;
    ensure!(stranger.status() == StatusCode::UNAUTHORIZED, "{}", stranger.status());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_refused_even_where_memory_has_the_answer() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let path = format!("/v1/flights/search?origin=CGK&destination=NRT&departure_date={}&limit=5", day(0));
    let ask = || async { anyhow::Ok(stack.client.request(Method::GET, &path).send().await?.status()) };
    ensure!(ask().await? == StatusCode::OK && ask().await? == StatusCode::OK, "no page");
    sqlx::query("UPDATE api_keys SET disabled_at = now()").execute(&stack.database.pool).await?;
    until("a refusal", || async {
        let status = ask().await?;
        Ok(if status == StatusCode::UNAUTHORIZED { Ok(()) } else { Err(status.to_string()) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_packed_as_the_client_likes_it_wherever_it_comes_from() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let path = format!("/v1/flights/search?origin=CGK&destination=NRT&departure_date={}&limit=5", day(0));
    let ask = |coding: &'static str| {
        let request = stack.client.request(Method::GET, &path).header("accept-encoding", coding);
        async move { anyhow::Ok(request.send().await?.error_for_status()?) }
    };
    let whole = ask("identity").await?.bytes().await?.len();
    for (asked, expected) in [("gzip", "gzip"), ("gzip, zstd", "zstd"), ("br, gzip;q=0.5", "gzip")] {
        let (routed, remembered) = (ask(asked).await?, ask(asked).await?);
        ensure!(routed.headers()["content-encoding"] == expected, "{asked}: {:?}", routed.headers());
        ensure!(lasting(&routed) == lasting(&remembered), "{asked}: {:?} {:?}", routed.headers(), remembered.headers());
        let (routed, remembered) = (routed.bytes().await?, remembered.bytes().await?);
        ensure!(routed.len() < whole / 2 && remembered.len() < whole / 2, "{} of {whole} bytes", remembered.len());
    }
    Ok(())
}

//! Exchange rates change while the gateway serves.

use anyhow::{Context, Result, ensure};
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use reqwest::Method;
use serde_json::Value;
use std::path::Path;

/// A table in which a euro buys so many dollars.
fn table(dollars: &str) -> String {
    format!(
        "version = \"test\"\ndate = \"2026-11-20\"\nsource = \"made up\"\nbase = \"EUR\"\n\
         [rates]\nUSD = \"{dollars}\"\nIDR = \"20000\"\nJPY = \"180\"\nGBP = \"0.86\"\n"
    )
}

/// As a file is replaced that others read: whole, or not at all.
fn replace(file: &Path, text: &str) -> Result<()> {
    let draft = file.with_extension("draft");
    std::fs::write(&draft, text)?;
    Ok(std::fs::rename(draft, file)?)
}

/// What the cheapest trip costs now, in dollars.
async fn price(stack: &Stack) -> Result<f64> {
    let page = stack.client.search(&trip(&[("CGK", "NRT", day(0))], &Party::one())).await?;
    let offer = &page["offers"][0]["price"]["total"];
    ensure!(offer["currency"] == "USD", "{page}");
    Ok(offer["amount"].as_str().context("no amount")?.parse()?)
}

async fn metric(stack: &Stack, line: &str) -> Result<bool> {
    let metrics = reqwest::get(format!("{}/metrics", stack.client.base)).await?.text().await?;
    Ok(metrics.lines().any(|each| each == line))
}

async fn becomes(stack: &Stack, line: &str) -> Result<()> {
    until(line, || async { Ok(if metric(stack, line).await? { Ok(()) } else { Err("not yet".to_owned()) }) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_table_prices_the_next_search_and_a_wrong_one_changes_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("rates.toml");
    replace(&file, &table("1.10"))?;
    let rates = format!("sandbox = false\nfile = {file:?}");
    let stack = Stack::start(Setup::with("duffel").section("rates", &rates)).await?;
    let before = price(&stack).await?;

    replace(&file, &table("2.20"))?;
    becomes(&stack, "interline_rate_table_loads_total{outcome=\"ok\"} 1").await?;
    let after = price(&stack).await?;
    // The supplier sells in dollars; the agency's fees are in euros, which buy more of them now.
    ensure!(after > before, "{before} became {after}");

    for (times, wrong) in [(1, Some("rates = 1".to_owned())), (2, Some(table("-1"))), (3, None)] {
        match wrong {
            Some(text) => replace(&file, &text)?,
            None => std::fs::remove_file(&file)?,
        }
        becomes(&stack, &format!("interline_rate_table_loads_total{{outcome=\"refused\"}} {times}")).await?;
        ensure!(metric(&stack, "interline_rate_table_current 0").await?);
        ensure!(price(&stack).await? == after, "a wrong table changed the price");
    }
    ensure!(stack.gateway.log().contains("the table before stays"), "{}", stack.gateway.log());

    replace(&file, &table("1.10"))?;
    becomes(&stack, "interline_rate_table_loads_total{outcome=\"ok\"} 2").await?;
    ensure!(metric(&stack, "interline_rate_table_current 1").await?);
    ensure!(price(&stack).await? == before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_are_answered_from_memory_again_as_soon_as_they_are_priced_by_a_new_table() -> Result<()> {
    const ASKED: usize = 60;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("rates.toml");
    replace(&file, &table("1.10"))?;
    let setup = Setup::with("duffel")
        .section("rates", &format!("sandbox = false\nfile = {file:?}"))
        .section("log", "filter = \"info,interline_api::front=debug\"")
        .section("api", "rate_plans = { standard = { per_second = 1000, burst = 10000 } }");
    let stack = Stack::start(setup).await?;
    let path = format!("/v1/flights/search?origin=CGK&destination=NRT&departure_date={}&limit=1", day(0));
    let price = || async {
        let answer = stack.client.request(Method::GET, &path).send().await?.error_for_status()?;
        anyhow::Ok(answer.json::<Value>().await?["offers"][0]["price"]["total"].clone())
    };
    let from_memory = || stack.gateway.log().matches("answered from memory").count();
    let before = price().await?;
    // So often that each thread has it in a memory of its own.
    for _ in 0..ASKED {
        ensure!(price().await? == before, "another price by the same rates");
    }
    replace(&file, &table("2.20"))?;
    until("a new price", || async { Ok(if price().await? != before { Ok(()) } else { Err("not yet".to_owned()) }) })
        .await?;
    let remembered = from_memory();
    for _ in 0..ASKED {
        ensure!(price().await? != before, "the old price again");
    }
    // Each thread finds out once that what it remembered is no answer any more.
    let threads = std::thread::available_parallelism()?.get();
    let remembered = from_memory() - remembered;
    ensure!(remembered + 2 * threads >= ASKED, "{remembered} of {ASKED} were answered from memory");
    Ok(())
}

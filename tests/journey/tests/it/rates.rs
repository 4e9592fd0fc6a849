//! Exchange rates change while the gateway serves.

use anyhow::{Context, Result, ensure};
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
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

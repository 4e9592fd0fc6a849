//! What a running gateway tells: the gauges that alerts stand on, and the labels that expressions select and group by.

use anyhow::{Context, Result, ensure};
use interline_deploy::expressions::{grouped_by, selectors};
use interline_deploy::metrics::{expressions, family, registered};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use std::collections::{BTreeMap, BTreeSet};

async fn scrape(stack: &Stack) -> Result<String> {
    Ok(reqwest::get(format!("{}/metrics", stack.client.base)).await?.error_for_status()?.text().await?)
}

/// Labels by metric, of all series in a scrape.
fn labels(scrape: &str, registered: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut labels = BTreeMap::<String, BTreeSet<String>>::new();
    for line in scrape.lines().filter(|line| !line.starts_with('#')) {
        for selector in selectors(line.rsplit_once(' ').map_or(line, |(series, _)| series)) {
            labels.entry(family(&selector.name, registered).to_owned()).or_default().extend(selector.labels);
        }
    }
    labels
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_told_and_expressions_know_its_labels() -> Result<()> {
    let mut setup = Setup::with("duffel").section("worker", "sweep_seconds = 1");
    setup.worker = false;
    let stack = Stack::start(setup).await?;
    let booking = stack.booked().await?;
    stack.client.pay(&booking).await?;
    let told = until("the booking among the gauges", || async {
        let told = scrape(&stack).await?;
        let waits = told.lines().any(|line| line == "interline_bookings_open{status=\"PENDING_PAYMENT\"} 1");
        Ok(if waits { Ok(told) } else { Err(told) })
    })
    .await?;
    for start in [
        "interline_payments_open{status=\"pending\"} 1",
        "interline_component_state{component=\"duffel\",state=\"active\"} 1",
        "interline_database_connections{state=\"busy\"}",
        "interline_backlog_looked_up_seconds ",
        "process_resident_memory_bytes ",
    ] {
        ensure!(told.lines().any(|line| line.starts_with(start)), "no {start} in\n{told}");
    }

    let registered = registered()?;
    let known = labels(&told, &registered);
    // Those that Prometheus gives to a target's series.
    let target = ["instance", "job", "le"].map(str::to_owned);
    let mut checked = 0;
    for expression in expressions()? {
        let mut all = BTreeSet::from(target.clone());
        let mut every_one_seen = true;
        for selector in selectors(&expression.text) {
            let Some(labels) = known.get(family(&selector.name, &registered)) else {
                every_one_seen = false;
                continue;
            };
            let missing: Vec<_> =
                selector.labels.iter().filter(|label| !labels.contains(*label) && !target.contains(label)).collect();
            ensure!(missing.is_empty(), "{}: {} has no label {missing:?}", expression.place, selector.name);
            all.extend(labels.iter().cloned());
            checked += 1;
        }
        let missing: Vec<_> = grouped_by(&expression.text).into_iter().filter(|label| !all.contains(label)).collect();
        ensure!(!every_one_seen || missing.is_empty(), "{}: groups by {missing:?}", expression.place);
    }
    ensure!(checked > 40, "only {checked} series were seen: {:?}", known.keys().collect::<Vec<_>>());
    known.get("interline_http_request_seconds").context("the scrape was not read")?;
    Ok(())
}

//! A plugin is swapped while the gateway is under full load.

use crate::context::Context;
use crate::folder;
use crate::load::{Load, Measured};
use crate::routes;
use crate::row::{Bound, Pairs, Row};
use crate::stage::{Stage, Wish};
use anyhow::{Result, ensure};
use std::time::Duration;

const PLUGIN: &str = "duffel";
const ROUTES: usize = 20;

/// `swap-p99`, `swap-failures`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let folder = folder::with_copies(PLUGIN, &[PLUGIN])?;
    let sections = vec![("components", format!("path = {:?}", folder.path()))];
    let stage = Stage::start(&context.cores, Wish { sections, ..Wish::default() }).await?;
    for route in 0..ROUTES {
        stage.page(&routes::path(route)).await?;
    }
    let mix = routes::zipf(&stage, ROUTES);
    let load = Load::connect(stage.address, 16).await?;
    let (minute, rounds) = (Duration::from_secs(if context.quick { 2 } else { 60 }), if context.quick { 1 } else { 5 });
    load.run_for(&mix, context.slice()).await?;
    let (mut p99, mut failures) = (Pairs::default(), Pairs::default());
    let mut versions = version(&stage).await?;
    for round in 0..rounds {
        context.tell(format!("swapping under load, {} of {rounds}", round + 1));
        let before: Measured = load.run_for(&mix, minute).await?;
        folder::swap(folder.path(), PLUGIN, u8::try_from(round).unwrap_or(0))?;
        let during = load.run_for(&mix, minute).await?;
        let now = version(&stage).await?;
        ensure!(now > versions, "the plugin was not swapped within the minute");
        versions = now;
        p99.push(during.micros(0.99), before.micros(0.99));
        failures.push((during.failures + before.failures) as f64, 1.0);
    }
    Ok(vec![
        p99.row("swap-p99", "p99 of the minute with a swap, against the one before", "µs", (Bound::AtMost, 1.2)),
        failures.row("swap-failures", "requests that failed", "requests", (Bound::AtMost, 0.0)),
    ])
}

/// How often the gateway has logged that it has another version.
async fn version(stage: &Stage) -> Result<usize> {
    Ok(stage.stack.gateway.log().matches(SWAPPED).count())
}

/// What the gateway logs when a component becomes active.
const SWAPPED: &str = "component active";

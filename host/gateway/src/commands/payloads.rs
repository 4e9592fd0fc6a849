//! `interline plugin payloads`: a folder of recorded replies through the components, with a report on each file.
//!
//! The folder is laid out as SUPPLIER/MESSAGE/FILE. Which component takes it, and which operation a message belongs to, the
//! components' manifests say (see [`plan`]): nothing here knows a supplier.

mod plan;
mod report;
mod trips;

use super::plugin;
use crate::config::Config;
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use interline_runtime::Replayer;
use plan::{Job, Plan};
use report::{Outcome, Report};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// Runs a folder of recorded replies through the components.
pub async fn run(config: &Config, folder: &Path, json: bool) -> Result<()> {
    let plan = Plan::make(&config.components.path, folder)?;
    if plan.jobs.is_empty() {
        bail!("{} holds no file that a component's manifest has a [replay] for", folder.display());
    }
    let mut components: BTreeMap<&str, Replayer> = BTreeMap::new();
    for name in plan.components() {
        components.insert(name, plugin::open(config, name).await?);
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(plan.jobs.len() as u64).with_style(style);
    let mut reports = Vec::new();
    for job in &plan.jobs {
        bar.set_message(job.name.clone());
        let component = components.get(job.component.as_str()).context("a component is not open")?;
        let report = replay(component, job).await?;
        if json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            bar.suspend(|| report.print());
        }
        reports.push(report);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if !json {
        report::summary(&reports, &plan.without_operation);
    }
    Ok(())
}

/// The best that comes of a file: of the operations that its message may belong to, and of the trips that it may answer.
async fn replay(component: &Replayer, job: &Job) -> Result<Report> {
    let began = Instant::now();
    let reply = plugin::reply(&job.file, job.status)?;
    let mut best: Option<Outcome> = None;
    'tries: for operation in &job.operations {
        for request in trips::requests(operation) {
            let replayed = component.run(operation, vec![reply.clone()], request).await?;
            let outcome = Outcome::of(operation, replayed.result);
            let (whole, better) = (outcome.is_whole(), best.as_ref().is_none_or(|best| outcome.rank() > best.rank()));
            if better {
                best = Some(outcome);
            }
            if whole {
                break 'tries;
            }
            // A refusal has nothing to do with who travels.
            if best.as_ref().is_some_and(|best| best.is_refusal()) {
                break;
            }
        }
    }
    let outcome = best.unwrap_or_else(|| Outcome::of("none", Ok(Value::Null)));
    Ok(Report {
        file: job.name.clone(),
        component: job.component.clone(),
        millis: began.elapsed().as_millis() as u64,
        outcome,
    })
}

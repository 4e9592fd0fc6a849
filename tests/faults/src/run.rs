//! A run: load, deaths and weather for a while, then calm, then the comparison.

use crate::books::Books;
use crate::check::check;
use crate::journal::Journal;
use crate::load::Load;
use crate::redis::SHARDS;
use crate::report::Report;
use crate::schedule::{Event, Scope, What, schedule};
use crate::settle::settle;
use crate::system::{Shape, System};
use crate::weather::Weather;
use anyhow::{Context, Result};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What the schedule and the travellers' decisions are made from.
    pub seed: u64,
    /// For how long things go wrong.
    pub time: Duration,
    /// What runs.
    pub shape: Shape,
    /// What is asked of it.
    pub load: Load,
}

impl Plan {
    /// What the schedule is made from, beside the seed.
    pub fn scope(&self) -> Scope {
        Scope {
            millis: u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX),
            nodes: self.shape.nodes,
            workers: self.shape.workers,
            shards: SHARDS,
            broker: true,
        }
    }
}

/// Told how far a run is: milliseconds of its time, and what happens.
pub type Progress<'a> = &'a (dyn Fn(u64, &str) + Sync);

/// Runs it. An error is one of the harness; a difference between the books stands in the report.
pub async fn run(plan: Plan, progress: Progress<'_>) -> Result<Report> {
    let folder = TempDir::with_prefix("interline-faults.")?;
    progress(0, "starting everything");
    let result = run_in(plan, folder.path(), progress).await;
    match result {
        Ok(report) if report.difference.is_none() => Ok(report),
        Ok(report) => Ok(Report { kept: Some(folder.keep()), ..report }),
        Err(error) => Err(error.context(format!("logs are in {}", folder.keep().display()))),
    }
}

async fn run_in(plan: Plan, folder: &Path, progress: Progress<'_>) -> Result<Report> {
    let scope = plan.scope();
    let mut system = System::start(plan.shape, folder).await.context("starting")?;
    let journal = Arc::new(Journal::default());
    let load = plan.load.start(plan.seed, &system.client, &system.provider(), &journal)?;
    suffer(&mut system, &schedule(plan.seed, &scope), plan.time, &journal, progress).await?;

    progress(scope.millis, "calm: the last travellers end their journeys");
    load.end().await;
    settle(&system.database.pool, |what| progress(scope.millis, what)).await?;
    system.check()?;
    let books = Books::read(&system.database.pool, &system.sandbox, system.postbox.mails()?, journal.notes()).await?;
    let difference = check(&books).err();
    if difference.is_some() {
        std::fs::write(folder.join("books.json"), serde_json::to_vec_pretty(&books)?)?;
    }
    Ok(Report::new(plan.seed, scope, &books, difference))
}

/// Lets everything on the schedule happen, and time pass until its end. It ends calm, with everybody alive.
async fn suffer(
    system: &mut System,
    events: &[Event],
    time: Duration,
    journal: &Journal,
    progress: Progress<'_>,
) -> Result<()> {
    let begun = Instant::now();
    for event in events {
        let until = Duration::from_millis(event.at);
        tokio::time::sleep(until.saturating_sub(begun.elapsed())).await;
        system.check()?;
        match &event.what {
            What::Kill(target) => {
                progress(event.at, &format!("killing {target}"));
                system.kill(*target).await?;
                journal.died(*target);
            }
            What::Restart(target) => {
                progress(event.at, &format!("starting {target}"));
                system.restart(*target).await?;
            }
            What::Weather(weather) => {
                let faults = weather.faults.len();
                progress(event.at, &format!("weather: {faults} faults, webhooks {:?}", weather.webhooks));
                weather.set(system.sandbox.control());
            }
        }
    }
    tokio::time::sleep(time.saturating_sub(begun.elapsed())).await;
    Weather::calm().set(system.sandbox.control());
    Ok(())
}

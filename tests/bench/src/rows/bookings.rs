//! Paid bookings to tickets, against pgbench running the same statements.

use crate::context::Context;
use crate::paid;
use crate::row::{Bound, Pairs, Row};
use crate::stage::{Stage, Wish};
use crate::statements;
use anyhow::{Context as _, Result, ensure};
use interline_broker::Broker;
use interline_journey::wait::until;
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::process::Command;

/// Jobs under way at a time, and clients of pgbench.
const AT_ONCE: usize = 16;

const WHAT: &str = "paid bookings ticketed and confirmed by mail";

/// `bookings-postgresql`, `bookings-kafka`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let worker = format!("concurrency = {AT_ONCE}\npoll_millis = 20\nsweep_seconds = 3600");
    let queue = |lines: Option<String>| {
        let queue = lines.map(|lines| ("worker.queue", lines));
        Wish {
            suppliers: vec!["duffel"],
            sections: [("worker", worker.clone())].into_iter().chain(queue).collect(),
            ..Wish::default()
        }
    };
    let mut stage = Stage::start(&context.cores, queue(None)).await?;
    context.tell("recording the statements of one booking");
    let scripts = Scripts::record(context, &mut stage).await?;
    let over_postgresql = ticketing(context, stage, &scripts, 1).await?;

    let broker = Broker::start().await?;
    let lines = format!(
        "kind = \"kafka\"\nbrokers = [{:?}]\ninstance = \"bench\"\npartitions = 6\nfetch_wait_millis = 20",
        broker.address()
    );
    let stage = Stage::start(&context.cores, queue(Some(lines))).await?;
    let over_kafka = ticketing(context, stage, &scripts, 0).await?;
    let target = (Bound::AtLeast, 0.5);
    Ok(vec![
        over_postgresql.row("bookings-postgresql", WHAT, "bookings/s", target),
        over_kafka.row("bookings-kafka", "the same, jobs through Kafka", "bookings/s", target),
    ])
}

/// `starts`: how often the stage's worker was started before.
async fn ticketing(context: &Context, mut stage: Stage, scripts: &Scripts, mut starts: usize) -> Result<Pairs> {
    let pool = stage.stack.database.pool.clone();
    let count = context.count(64, 4);
    let mut pairs = Pairs::default();
    for round in 0..context.rounds() as i64 {
        context.tell(format!("ticketing, round {}", round + 1));
        let day = 1 + round * 20;
        let bookings = paid::bookings(&stage, count, day).await?;
        starts += 1;
        start_worker(context, &mut stage, starts).await?;
        await_rest(&pool).await?;
        stage.stack.worker = None;
        let ours = count as f64 / took(&pool, &bookings).await?;

        paid::bookings(&stage, count, day + 10).await?;
        let began = Instant::now();
        scripts.run(&stage.stack.database.url, count).await?;
        let least = count as f64 / began.elapsed().as_secs_f64();
        ensure!(open_jobs(&pool).await? == 0, "pgbench left jobs behind");
        pairs.push(ours, least);
    }
    Ok(pairs)
}

/// Seconds from the first call to the supplier to the end of the last job.
async fn took(pool: &PgPool, bookings: &[String]) -> Result<f64> {
    let seconds = sqlx::query_scalar(
        "SELECT extract(epoch FROM (SELECT max(updated_at) FROM jobs WHERE booking_id = ANY ($1::uuid[]))
                                 - (SELECT min(started_at) FROM attempts WHERE booking_id = ANY ($1::uuid[])))::float8",
    );
    Ok(seconds.bind(bookings).fetch_one(pool).await?)
}

/// Starts a worker, the so many-th, and waits until it is ready.
async fn start_worker(context: &Context, stage: &mut Stage, starts: usize) -> Result<()> {
    context.cores.be_server()?;
    let started = stage.stack.start_worker();
    context.cores.be_driver()?;
    started?;
    let worker = stage.stack.worker.as_ref().context("no worker")?;
    until("the worker ready", || async {
        let ready = worker.log().matches(WORKING).count();
        Ok(if ready >= starts { Ok(()) } else { Err(format!("{ready} of {starts}")) })
    })
    .await
}

/// What a worker logs when it begins.
const WORKING: &str = "\"working\"";

async fn hold(pool: &PgPool) -> Result<()> {
    sqlx::query("UPDATE jobs SET run_at = now() + interval '1 day' WHERE state = 'ready'").execute(pool).await?;
    Ok(())
}

async fn release(pool: &PgPool) -> Result<()> {
    sqlx::query("UPDATE jobs SET run_at = now() WHERE state = 'ready'").execute(pool).await?;
    sqlx::query("SELECT pg_notify('outbox', '')").execute(pool).await?;
    Ok(())
}

async fn open_jobs(pool: &PgPool) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state IN ('ready', 'running')").fetch_one(pool).await?)
}

/// Waits until every job is done, and every booking has its tickets.
async fn await_rest(pool: &PgPool) -> Result<()> {
    let patience = Instant::now() + Duration::from_secs(120);
    while open_jobs(pool).await? > 0 {
        ensure!(Instant::now() < patience, "jobs are left after two minutes");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let untold: i64 =
        sqlx::query_scalar("SELECT count(*) FROM bookings WHERE status <> 'TICKETED'").fetch_one(pool).await?;
    ensure!(untold == 0, "{untold} bookings have no tickets");
    Ok(())
}

/// What pgbench runs: a script for each job of a booking, in the order in which a worker does them.
struct Scripts {
    folder: TempDir,
    files: Vec<PathBuf>,
}

impl Scripts {
    /// Has a worker ticket one booking while PostgreSQL logs every statement.
    async fn record(context: &Context, stage: &mut Stage) -> Result<Self> {
        let pool = stage.stack.database.pool.clone();
        let booking = paid::bookings(stage, 1, 0).await?.pop().context("no booking")?;
        hold(&pool).await?;
        start_worker(context, stage, 1).await?;
        let log = log(&pool).await?;
        log_statements(&pool, "all").await?;
        let before = std::fs::metadata(&log).map(|log| log.len()).unwrap_or(0);
        release(&pool).await?;
        await_rest(&pool).await?;
        log_statements(&pool, "none").await?;
        stage.stack.worker = None;
        let logged = std::fs::read(&log).with_context(|| log.display().to_string())?;
        let logged = String::from_utf8_lossy(logged.get(before as usize..).unwrap_or_default()).into_owned();
        let item = item(&pool, &booking).await?;
        let folder = TempDir::new()?;
        let mut files = Vec::new();
        for (number, job) in statements::jobs(&statements::read(&logged)?)?.iter().enumerate() {
            let file = folder.path().join(format!("{number}.sql"));
            std::fs::write(&file, statements::script(job, &item)?)?;
            files.push(file);
        }
        Ok(Self { folder, files })
    }

    /// Runs each script for so many bookings.
    async fn run(&self, database: &str, bookings: usize) -> Result<()> {
        for file in &self.files {
            run_pgbench(database, file, self.folder.path(), bookings).await?;
        }
        Ok(())
    }
}

async fn run_pgbench(database: &str, script: &Path, folder: &Path, bookings: usize) -> Result<()> {
    let clients = AT_ONCE.min(bookings);
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--file"])
        .arg(script)
        .args(["--client", &clients.to_string(), "--transactions", &(bookings / clients).to_string(), database])
        .current_dir(folder)
        .output()
        .await
        .context("pgbench, which comes with PostgreSQL")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && !told.contains("ERROR"), "pgbench: {told}");
    Ok(())
}

async fn log_statements(pool: &PgPool, which: &'static str) -> Result<()> {
    let change =
        if which == "all" { "ALTER SYSTEM SET log_statement = 'all'" } else { "ALTER SYSTEM RESET log_statement" };
    sqlx::query(change).execute(pool).await?;
    sqlx::query("SELECT pg_reload_conf()").execute(pool).await?;
    // The servers of other connections read it when their next statement comes.
    until("the setting in force", || async {
        let now: String = sqlx::query_scalar("SHOW log_statement").fetch_one(pool).await?;
        Ok(if now == which { Ok(()) } else { Err(now) })
    })
    .await
}

async fn log(pool: &PgPool) -> Result<PathBuf> {
    let (folder, file): (String, Option<String>) =
        sqlx::query_as("SELECT current_setting('data_directory'), pg_current_logfile('jsonlog')")
            .fetch_one(pool)
            .await?;
    let file = file.context("PostgreSQL writes no JSON log; `make bench` has it do so")?;
    Ok(Path::new(&folder).join(file))
}

/// The texts and ids of a booking's item.
async fn item(pool: &PgPool, booking: &str) -> Result<BTreeMap<String, String>> {
    let row: serde_json::Value =
        sqlx::query_scalar("SELECT to_jsonb(i) FROM booking_items i WHERE booking_id = $1::uuid")
            .bind(booking)
            .fetch_one(pool)
            .await?;
    let columns = row.as_object().context("no row")?;
    Ok(columns.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect())
}

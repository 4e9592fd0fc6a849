//! `interline-bench`: measures the gateway against the least that the same work can cost. `make bench` runs it.

mod child;
mod context;
mod cores;
mod drive;
mod far;
mod folder;
mod gateway;
mod lab;
mod load;
mod mirror;
mod paid;
mod report;
mod routes;
mod row;
mod rows;
mod side;
mod spent;
mod stage;
mod statements;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use context::Context;
use cores::Cores;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// The gateway's, so that floors have it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the gateway against the least that the same work can cost.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Rows whose names contain one of these; all, if not given.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    rows: Vec<String>,
    /// Leaves out the rows whose names contain one of these.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    skip: Vec<String>,
    /// A smoke run: few and short rounds, figures that mean nothing.
    #[arg(long)]
    quick: bool,
    /// File that the rows are written to as JSON.
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    json: PathBuf,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What other processes of this program do.
#[derive(Subcommand)]
enum Part {
    /// Drives the HTTP side and the read path within this process, and prints requests a second.
    Drive(drive::Drive),
    /// Serves ready-made answers: those of a server to some requests, or one body.
    Mirror {
        /// The server.
        #[arg(long, requires = "requests")]
        origin: Option<SocketAddr>,
        /// JSON list of whole requests, each a list of bytes.
        #[arg(long)]
        requests: Option<PathBuf>,
        /// The body, of JSON.
        #[arg(long, conflicts_with = "origin")]
        body: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    match cli.part {
        Some(Part::Drive(how)) => tasks.block_on(&runtime, drive::run(how)),
        Some(Part::Mirror { origin: Some(origin), requests: Some(requests), .. }) => {
            tasks.block_on(&runtime, mirror::serve(origin, &requests))
        }
        Some(Part::Mirror { body, .. }) => {
            let body = std::fs::read(body.context("neither an origin nor a body")?)?;
            tasks.block_on(&runtime, mirror::serve_body("application/json", body))
        }
        None => tasks.block_on(&runtime, bench(&cli)),
    }
}

async fn bench(cli: &Cli) -> Result<()> {
    let is_one_of = |row: &str, patterns: &[String]| patterns.iter().any(|pattern| row.contains(pattern));
    let is_wanted = |row: &str| (cli.rows.is_empty() || is_one_of(row, &cli.rows)) && !is_one_of(row, &cli.skip);
    let wanted = |group: &&rows::Group| group.rows.iter().any(|row| is_wanted(row));
    let groups: Vec<_> = rows::GROUPS.iter().filter(wanted).collect();
    ensure!(!groups.is_empty(), "no row is called like `{}`", cli.rows.join(","));
    let context = Context::new(Cores::of_this_process()?, cli.quick, groups.len())?;
    context.cores.be_driver()?;
    let (mut measured, mut failed) = (Vec::new(), Vec::new());
    for group in groups {
        let names = group.rows.join(", ");
        context.tell(names.clone());
        match (group.measure)(&context).await {
            Ok(rows) => measured.extend(rows.into_iter().filter(|row| is_wanted(row.name))),
            // The others are measured nevertheless.
            Err(error) => failed.push(format!("{names}: {error:#}")),
        }
        context.bar.inc(1);
        report::write(&measured, &cli.json)?;
    }
    context.bar.finish_and_clear();
    report::print(&measured);
    ensure!(failed.is_empty(), "not measured: {}", failed.join("; "));
    Ok(())
}

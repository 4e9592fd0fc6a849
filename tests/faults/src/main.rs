//! `interline-faults`: many nodes under load while everything dies, and the comparison of all books in the end.

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use interline_faults::load::Load;
use interline_faults::run::{Plan, run};
use interline_faults::schedule::schedule;
use interline_faults::system::Shape;
use parking_lot::Mutex;
use std::process::ExitCode;
use std::time::Duration;

const LONG_ABOUT: &str = "\
Starts PostgreSQL, a Redis Cluster, a Kafka broker, gateways, workers and a balancer as processes of this machine, and the
sandbox suppliers and payment provider. Under search and booking load it then kills any of them, again and again, with
SIGKILL, and has suppliers and payments fail, all from a seed that replays the schedule. In the end the database, the
suppliers' own books and the provider's own books are compared.

It needs what `make faults` and `make test` set up: built programs and components, and the servers' programs, which
INTERLINE_BIN, INTERLINE_COMPONENTS, INTERLINE_POSTGRES, INTERLINE_REDIS, INTERLINE_BROKER and INTERLINE_HAPROXY name.";

const AFTER: &str = "\
Examples:
  interline-faults run --seed 7 --minutes 10          ends 0 if all books agree, else 1 with the first difference
  interline-faults run --seed 7 --minutes 1 --json    the report as JSON
  interline-faults schedule --seed 7 --minutes 1      what would happen, and when";

/// Kills everything under load, and compares all books in the end.
#[derive(Parser)]
#[command(version, about, long_about = LONG_ABOUT, after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run, and compare the books.
    Run {
        #[command(flatten)]
        what: Settings,
        /// Travellers who book at the same time.
        #[arg(long, default_value_t = 6)]
        travellers: usize,
        /// Searchers at the same time.
        #[arg(long, default_value_t = 3)]
        searchers: usize,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the schedule as JSON, one event a line, and run nothing.
    Schedule {
        #[command(flatten)]
        what: Settings,
    },
}

#[derive(Args, Clone, Copy)]
struct Settings {
    /// What the schedule and the travellers' decisions are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// For how long things go wrong, in minutes.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Gateways.
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Workers.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

impl Settings {
    fn plan(self, travellers: usize, searchers: usize) -> Plan {
        Plan {
            seed: self.seed,
            time: Duration::from_secs_f64(self.minutes.clamp(0.0, 10_000.0) * 60.0),
            shape: Shape { nodes: self.nodes.max(1), workers: self.workers.max(1) },
            load: Load { travellers, searchers, most: None },
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match command(Cli::parse().command).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether the books agree.
async fn command(command: Command) -> Result<bool> {
    match command {
        Command::Schedule { what } => {
            for event in schedule(what.seed, &what.plan(0, 0).scope()) {
                println!("{}", serde_json::to_string(&event)?);
            }
            Ok(true)
        }
        Command::Run { what, travellers, searchers, json } => {
            let plan = what.plan(travellers, searchers);
            let bar = ProgressBar::new(plan.scope().millis);
            bar.set_style(ProgressStyle::with_template("{bar:30} {percent:>3}% {elapsed_precise} {msg}")?);
            bar.enable_steady_tick(Duration::from_millis(500));
            let told = Mutex::new(String::new());
            let tell = |millis: u64, what: &str| {
                bar.set_position(millis);
                bar.set_message(what.to_owned());
                let mut told = told.lock();
                if bar.is_hidden() && *told != what {
                    eprintln!("{:7.1} s  {what}", millis as f64 / 1_000.0);
                    what.clone_into(&mut told);
                }
            };
            let report = tokio::select! {
                report = run(plan, &tell) => report?,
                _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
            };
            bar.finish_and_clear();
            if json {
                println!("{}", serde_json::to_string_pretty(&report)?);
            } else {
                println!("{report}");
            }
            Ok(report.difference.is_none())
        }
    }
}

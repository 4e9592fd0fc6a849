//! `interline`: a supplier gateway for flights.

#![deny(missing_docs)]

mod cli;
mod commands;
mod component_state;
mod config;
mod gauges;
mod keys;
mod observers;
mod offers;
mod rates;
mod readiness;
mod search_threads;
mod shared;
mod signals;
mod telemetry;
mod wiring;

use anyhow::Result;
use clap::Parser;
use cli::{Cli, Command, ConfigCommand, Plugin};
use config::Config;
use std::process::ExitCode;

/// Pages come and go by the tens of kilobytes on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<()> {
    let config = Config::load(cli.config.as_deref())?;
    let _telemetry = match cli.command {
        Command::Config(ConfigCommand::Check) => return commands::check::run(&config, cli.config.as_deref()),
        Command::Serve { .. } => telemetry::start(&config.log, &config.traces, "gateway")?,
        Command::Worker => telemetry::start(&config.log, &config.traces, "worker")?,
        _ => telemetry::quiet(&config.log)?,
    };
    match cli.command {
        Command::Serve { with_worker } => commands::serve::run(config, with_worker).await,
        Command::Worker => commands::serve::work(config).await,
        Command::Migrate => commands::migrate::run(&config).await,
        Command::Demo(files) => commands::demo::run(&config, &files).await,
        Command::Key(command) => commands::key::run(&config, command).await,
        Command::Plugin(Plugin::List { json }) => commands::plugin::list(&config, json).await,
        Command::Plugin(Plugin::Map(map)) => commands::plugin::map(config, map).await,
        Command::Plugin(Plugin::Payloads { folder, json }) => commands::payloads::run(&config, &folder, json).await,
        Command::Attention(command) => commands::attention::run(&config, command).await,
        Command::Config(ConfigCommand::Check) => Ok(()),
    }
}

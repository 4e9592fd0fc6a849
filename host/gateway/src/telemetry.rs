//! Logs: one line each, with the trace's id; nothing personal, nothing secret.

use crate::config::{Log, LogFormat};
use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error.
pub fn start(log: &Log) -> Result<()> {
    // The client library logs each of its own tries; what becomes of them is told once by us.
    let filter = EnvFilter::try_new(format!("redis=off,{}", log.filter)).context("[log] filter")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(true).try_init(),
        LogFormat::Text => lines.try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging does not start: {error}"))?;
    // A panic's own words may hold what somebody sent: only its place is logged.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(())
}

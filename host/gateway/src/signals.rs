//! SIGTERM and Ctrl-C.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled when the process is told to end; told a second time it ends at once.
pub fn shutdown() -> Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = CancellationToken::new();
    let told = token.clone();
    tokio::spawn(async move {
        for time in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if time > 0 {
                tracing::warn!("ending at once");
                std::process::exit(130);
            }
            tracing::info!("ending");
            told.cancel();
        }
    });
    Ok(token)
}

//! Looks at the components' folder when something changes in it, and now and then in any case.

use crate::registry::Registry;
use notify::{RecursiveMode, Watcher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A file being written is quiet for this long when it is done.
const QUIET: Duration = Duration::from_millis(100);

/// A folder that is never quiet is looked at anyway.
const RESTLESS: Duration = Duration::from_secs(1);

/// Without word from the system: on file systems that send none, and for what could not be used at the last look.
const POLL: Duration = Duration::from_secs(2);

/// Watches until told to stop.
pub(crate) async fn watch(registry: Arc<Registry>, stopping: CancellationToken) {
    let (sender, mut changes) = mpsc::channel(1);
    let watcher = notify::recommended_watcher(move |_| {
        // One word in the channel is enough: there will be a look.
        let _ = sender.try_send(());
    });
    let watching = watcher.and_then(|mut watcher| {
        watcher.watch(registry.folder(), RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    if let Err(error) = &watching {
        tracing::warn!(%error, "the system does not tell of changes to components: looking every {POLL:?}");
    }
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
            Some(()) = changes.recv() => settle(&mut changes).await,
        }
        if let Err(error) = registry.scan().await {
            tracing::error!(%error, folder = %registry.folder().display(), "the components' folder cannot be read");
        }
    }
}

/// Waits until changes stop coming.
async fn settle(changes: &mut mpsc::Receiver<()>) {
    let end = Instant::now() + RESTLESS;
    while Instant::now() < end {
        if tokio::time::timeout(QUIET, changes.recv()).await.is_err() {
            return;
        }
    }
}

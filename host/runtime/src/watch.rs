//! Looks at a folder when something changes in it, and now and then in any case.

use notify::{RecursiveMode, Watcher};
use std::future::Future;
use std::path::Path;
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

/// Calls `look` after each change in the folder, and every few seconds, until told to stop. Of a file, watch its folder: a
/// file that is replaced is another one.
pub async fn watch<F: Future<Output = ()>>(folder: &Path, stopping: CancellationToken, mut look: impl FnMut() -> F) {
    let (sender, mut changes) = mpsc::channel(1);
    let watcher = notify::recommended_watcher(move |_| {
        // One word in the channel is enough: there will be a look.
        let _ = sender.try_send(());
    });
    let watching = watcher.and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    if let Err(error) = &watching {
        let folder = folder.display();
        tracing::warn!(%error, %folder, "the system does not tell of changes: looking every {POLL:?}");
    }
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
            Some(()) = changes.recv() => settle(&mut changes).await,
        }
        look().await;
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

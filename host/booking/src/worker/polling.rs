//! The queue on PostgreSQL alone: look for a due row, claim it, do it; a notification spares waiting for the next look.

use super::Shared;
use crate::failure::Failure;
use crate::jobs;
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const AGAIN: Duration = Duration::from_secs(1);

/// Works until `shutdown`, then ends what is under way.
pub(super) async fn run(shared: Arc<Shared>, shutdown: &CancellationToken) {
    let mut beside = JoinSet::new();
    beside.spawn(listen(shared.clone()));
    let slots = Arc::new(Semaphore::new(shared.concurrency()));
    let mut running = JoinSet::new();
    let (poll, lease) = (shared.poll(), shared.lease());
    loop {
        let slot = tokio::select! {
            () = shutdown.cancelled() => break,
            slot = slots.clone().acquire_owned() => slot,
        };
        let Ok(slot) = slot else { break };
        while running.try_join_next().is_some() {}
        match jobs::claim(shared.pool(), lease).await {
            Ok(Some(job)) => {
                let shared = shared.clone();
                running.spawn(async move {
                    shared.work(&job, lease).await;
                    drop(slot);
                });
            }
            Ok(None) => {
                tokio::select! {
                    () = shutdown.cancelled() => break,
                    () = shared.wake.notified() => {}
                    () = tokio::time::sleep(poll) => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read");
                tokio::select! {
                    () = shutdown.cancelled() => break,
                    () = tokio::time::sleep(poll.max(AGAIN)) => {}
                }
            }
        }
    }
    beside.shutdown().await;
    while running.join_next().await.is_some() {}
}

/// Wakes the worker when a job is announced.
async fn listen(shared: Arc<Shared>) {
    loop {
        if let Err(error) = listen_until_broken(&shared).await {
            tracing::warn!(%error, "listening for jobs failed; trying again");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen_until_broken(shared: &Shared) -> Result<(), Failure> {
    let mut listener = PgListener::connect_with(shared.pool()).await?;
    listener.listen("outbox").await?;
    loop {
        shared.wake.notify_one();
        listener.recv().await?;
    }
}

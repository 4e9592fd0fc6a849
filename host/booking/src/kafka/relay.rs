//! From the outbox to the topics. Each worker runs a relay; together they take each announcement once.

use super::announcer::Announcer;
use crate::failure::Failure;
use crate::observer::JobObserver;
use crate::outbox;
use crate::worker::Shared;
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const BATCH: usize = 500;
const AGAIN: Duration = Duration::from_secs(1);
/// The least pause between two looks.
const BREATH: Duration = Duration::from_millis(50);

pub(crate) struct Relay {
    pub(crate) shared: Arc<Shared>,
    pub(crate) announcer: Arc<Announcer>,
    pub(crate) observer: Arc<dyn JobObserver>,
}

impl Relay {
    pub(crate) async fn run(&self, shutdown: &CancellationToken) {
        while let Err(error) = self.until_broken(shutdown).await {
            tracing::warn!(%error, "the outbox cannot be relayed; trying again");
            if shutdown.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                return;
            }
        }
    }

    async fn until_broken(&self, shutdown: &CancellationToken) -> Result<(), Failure> {
        let pool = self.shared.pool();
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen("outbox").await?;
        while !shutdown.is_cancelled() {
            if self.announce_due(shutdown).await? {
                continue;
            }
            let poll = self.shared.poll();
            let pause = outbox::next(pool).await?.unwrap_or(poll).clamp(BREATH, poll.max(BREATH));
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                woken = listener.recv() => drop(woken?),
            }
            // One look serves all who have called meanwhile.
            while listener.next_buffered().is_some() {}
        }
        Ok(())
    }

    /// Announces what is due; whether there may be more at once.
    async fn announce_due(&self, shutdown: &CancellationToken) -> Result<bool, Failure> {
        let pool = self.shared.pool();
        let due = outbox::take(pool, BATCH as i64).await?;
        if due.is_empty() {
            return Ok(false);
        }
        let failed: Vec<Uuid> = match shutdown.run_until_cancelled(self.announcer.announce(&due)).await {
            Some(Ok(failed)) => failed,
            Some(Err(error)) => {
                tracing::warn!(%error, "the Kafka producer does not start");
                due.iter().map(|announcement| announcement.job).collect()
            }
            // Whoever relays next tells them again, and some of them twice.
            None => due.iter().map(|announcement| announcement.job).collect(),
        };
        self.observer.announced(due.len() - failed.len(), failed.len());
        let sent_dead: Vec<Uuid> =
            due.iter().filter(|told| told.dead && !failed.contains(&told.job)).map(|told| told.job).collect();
        if !sent_dead.is_empty() {
            outbox::told(pool, &sent_dead).await?;
        }
        if !failed.is_empty() {
            outbox::give_back(pool, &failed, AGAIN).await?;
        }
        Ok(failed.is_empty() && due.len() == BATCH)
    }
}

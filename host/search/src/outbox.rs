//! A flight's parts on their way to the level behind: in order, one put at a time, what came meanwhile in the next.

use crate::cache::{Lease, SupersetCache};
use crate::flight::time_left;
use crate::route::Route;
use crate::service::Inner;
use crate::superset::{Part, Superset};
use crate::turn::CACHE_PATIENCE;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// As many parts go with one put, at most.
const BATCH: usize = 32;

/// Takes parts. When it is dropped, what it has taken is still put, and the lease given back after.
pub struct Outbox(mpsc::UnboundedSender<Sent>);

enum Sent {
    Part(Arc<Part>),
    Flush(oneshot::Sender<()>),
}

impl Outbox {
    /// Of a flight that asks by this lease, or without one.
    pub fn start(inner: Arc<Inner>, route: Route, lease: Option<Lease>) -> Self {
        // As many messages as a flight has suppliers, and a few: bounded by them.
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while receiver.recv_many(&mut batch, BATCH).await > 0 {
                let (mut parts, mut waiting) = (Vec::new(), Vec::new());
                for sent in batch.drain(..) {
                    match sent {
                        Sent::Part(part) => parts.push(part),
                        Sent::Flush(done) => waiting.push(done),
                    }
                }
                if !parts.is_empty() {
                    inner.store(&*inner.parts.cache, &route, parts, lease.as_ref()).await;
                }
                // Who waited may have gone.
                for done in waiting {
                    let _ = done.send(());
                }
            }
        });
        Self(sender)
    }

    /// Sends a part.
    pub fn put(&self, part: Arc<Part>) {
        // The receiver ends after this sender.
        let _ = self.0.send(Sent::Part(part));
    }

    /// Waits until what was sent is put, for a bounded time.
    pub async fn flush(&self) {
        let (done, waits) = oneshot::channel();
        if self.0.send(Sent::Flush(done)).is_ok() {
            let _ = timeout(CACHE_PATIENCE, waits).await;
        }
    }
}

impl Inner {
    /// Puts parts into a cache; whether they were kept is the cache's to count.
    pub async fn store(&self, cache: &dyn SupersetCache, route: &Route, parts: Vec<Arc<Part>>, lease: Option<&Lease>) {
        let until = parts.iter().map(|part| part.stale_until.max(part.fresh_until)).max();
        if let Some(keep) = until.and_then(|until| time_left(until, self.parts.clock.now())) {
            let parts = Superset::new(route.trip.clone(), route.scope.clone(), parts);
            let _ = timeout(CACHE_PATIENCE, cache.put(&route.key(), parts, keep, lease)).await;
        }
    }
}

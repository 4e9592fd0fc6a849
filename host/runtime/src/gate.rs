//! The bounded queue in front of a component.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets `places` calls run, and `queue` more wait.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

/// So many wait already that there is no point in waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueFull;

impl Gate {
    pub(crate) fn new(places: usize, queue: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places.max(1))), waiting: AtomicUsize::new(0), queue }
    }

    /// A place, at once or after those who wait already.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, QueueFull> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = Waiting::join(self)?;
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| QueueFull)
    }
}

/// Leaves the queue when dropped, also when the caller gives up.
struct Waiting<'a>(&'a Gate);

impl<'a> Waiting<'a> {
    fn join(gate: &'a Gate) -> Result<Self, QueueFull> {
        let waiting = Self(gate);
        if gate.waiting.fetch_add(1, Ordering::SeqCst) >= gate.queue {
            return Err(QueueFull);
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn beyond_the_queue_nobody_waits() {
        let gate = Gate::new(1, 1);
        let place = gate.enter().await.unwrap();
        let mut second = Box::pin(gate.enter());
        assert!(second.as_mut().now_or_never().is_none());
        assert_eq!(gate.enter().now_or_never().unwrap().unwrap_err(), QueueFull);
        drop(place);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_queue() {
        let gate = Gate::new(1, 1);
        let _place = gate.enter().await.unwrap();
        for _ in 0..3 {
            assert!(gate.enter().now_or_never().is_none());
        }
    }
}

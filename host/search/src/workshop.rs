//! Where searches that memory can't answer are worked on: away from what answers requests, if the operator's process has
//! a runtime for it. So a crowd of them delays neither bookings nor what memory can answer.

use std::future::Future;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

/// A runtime of its own, or the one at hand.
#[derive(Debug, Clone, Default)]
pub struct Workshop(Option<Handle>);

impl Workshop {
    /// On this runtime.
    pub fn on(runtime: Handle) -> Self {
        Self(Some(runtime))
    }

    /// Starts a task there, within the present span.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let future = future.in_current_span();
        match &self.0 {
            Some(runtime) => runtime.spawn(future),
            None => tokio::spawn(future),
        }
    }

    /// Has it done there, for as long as somebody waits for it; a panic in it goes on here.
    pub async fn run<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if self.0.is_none() {
            return future.await;
        }
        match AbortOnDropHandle::new(self.spawn(future)).await {
            Ok(done) => done,
            Err(died) => match died.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The process ends: nobody waits for the answer any more.
                Err(_) => std::future::pending().await,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;
    use tokio::sync::Notify;

    fn elsewhere() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
    }

    #[tokio::test]
    async fn work_is_done_on_another_thread_and_stops_when_nobody_waits() {
        let runtime = elsewhere();
        let workshop = Workshop::on(runtime.handle().clone());
        let there = workshop.run(async { thread::current().id() }).await;
        assert_ne!(there, thread::current().id());
        // Whoever waits goes away: the work is dropped, and with it what it holds.
        let (held, begun) = (Arc::new(()), Arc::new(Notify::new()));
        let work = {
            let (held, begun) = (Arc::clone(&held), Arc::clone(&begun));
            async move {
                begun.notify_one();
                std::future::pending::<()>().await;
                drop(held);
            }
        };
        tokio::select! {
            () = workshop.run(work) => unreachable!("it never ends"),
            () = begun.notified() => {}
        }
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
        runtime.shutdown_background();
    }

    #[tokio::test]
    async fn a_panic_there_is_one_here() {
        let runtime = elsewhere();
        let workshop = Workshop::on(runtime.handle().clone());
        let work = async move { workshop.run(async { panic!("over there") }).await };
        assert!(tokio::spawn(work).await.unwrap_err().is_panic());
        runtime.shutdown_background();
    }
}

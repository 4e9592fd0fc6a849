//! Threads of their own for searches that suppliers must be asked for. They give way to those that serve, so that a crowd of
//! such searches slows down searches alone.

use anyhow::{Context, Result};
use interline_search::Workshop;
use tokio::runtime::{Builder, Runtime};

/// How much less of a contended processor they get: a third of what a serving thread gets (sched(7)).
const NICE: i32 = 5;

/// Turns after which timers and sockets are looked at. A turn of a component takes up to a millisecond here, and not some
/// microseconds as where requests are answered.
const TURNS: u32 = 8;

/// The threads; they end when it is dropped.
pub struct SearchThreads(Option<Runtime>);

impl SearchThreads {
    /// One for each processor.
    pub fn start() -> Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime =
            builder.thread_name("search").enable_all().event_interval(TURNS).on_thread_start(give_way).build();
        Ok(Self(Some(runtime.context("the threads for searches do not start")?)))
    }

    /// To work on them.
    pub fn workshop(&self) -> Workshop {
        self.0.as_ref().map_or_else(Workshop::default, |runtime| Workshop::on(runtime.handle().clone()))
    }
}

impl Drop for SearchThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // A search under way is of no use any more.
            runtime.shutdown_background();
        }
    }
}

/// On Linux a thread has a priority of its own.
fn give_way() {
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "searches compete with what serves on equal terms");
    }
}

//! The engine: one for all components, with a pool of instances and a clock that interrupts guests.

use crate::runtime::StartError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Instances that exist at the same time, over all components.
pub(crate) const INSTANCES: u32 = 512;

/// Of them, those left to warm rule instances.
pub(crate) const WARM_INSTANCES: u32 = 64;

const MEGABYTE: usize = 1024 * 1024;

/// How often running guests are interrupted to let others run.
const TICK: Duration = Duration::from_millis(1);

/// Ticks without a guest after which the clock stands still: to start it again costs more than a tick, and short calls
/// follow each other.
const LINGERING: u32 = 4;

/// An engine whose memories hold up to `memory_mb`. Where the machine has not the address space for a pool, instances
/// are made on demand.
pub(crate) fn engine(memory_mb: u32) -> Result<Engine, StartError> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(memory_mb)));
    Engine::new(&config).or_else(|error| {
        tracing::warn!(%error, "no pool of instances on this machine: they are made on demand");
        Engine::new(&self::config()).map_err(|error| StartError::Engine(format!("{error:#}")))
    })
}

fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true).max_wasm_stack(MEGABYTE).async_stack_size(2 * MEGABYTE);
    config
}

fn pool(memory_mb: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        // A component of Rust is its main module and up to three small ones that wire it to its imports.
        .total_core_instances(INSTANCES * 4)
        .max_core_instances_per_component(16)
        .total_memories(INSTANCES)
        .max_memories_per_component(4)
        .max_memory_size(memory_mb as usize * MEGABYTE)
        .total_tables(INSTANCES * 2)
        .max_tables_per_component(8)
        .table_elements(100_000)
        .max_component_instance_size(4 * MEGABYTE)
        .max_core_instance_size(4 * MEGABYTE)
        .total_stacks(INSTANCES)
        .linear_memory_keep_resident(resident())
        // What stays is bounded so: by the instances that ever ran at once, and these.
        .max_unused_warm_slots(32)
        .table_keep_resident(16 * 1024)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Bytes of a memory that stay with the process when its instance is gone. A reply of usual size is read in three megabytes:
/// asked of the kernel anew, they are a twelfth of the call. A kernel that can't tell which were touched (before 6.7) has
/// all that stays written over.
fn resident() -> usize {
    if PoolingAllocationConfig::is_pagemap_scan_available() { 4 * MEGABYTE } else { MEGABYTE / 4 }
}

/// Interrupts running guests every millisecond, on a thread of its own: guests that hold all worker threads can't hold
/// it up. Stands still while nothing runs.
pub(crate) struct Ticker {
    shared: Arc<TickerState>,
    thread: Option<JoinHandle<()>>,
}

struct TickerState {
    running: AtomicUsize,
    /// Nobody ticks; who begins to run wakes the thread.
    stands_still: AtomicBool,
    stopped: AtomicBool,
}

impl Ticker {
    pub(crate) fn start(engine: Engine) -> Result<Self, StartError> {
        Self::ticking(move || engine.increment_epoch())
    }

    fn ticking(tick: impl Fn() + Send + 'static) -> Result<Self, StartError> {
        let (running, stands_still, stopped) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new(TickerState { running, stands_still, stopped });
        let state = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("interline-epoch".to_owned())
            .spawn(move || state.run(tick))
            .map_err(|error| StartError::Engine(error.to_string()))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Ticks as long as the answer lives.
    pub(crate) fn tick(&self) -> Ticking<'_> {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.stands_still.load(Ordering::SeqCst)
            && self.shared.stands_still.swap(false, Ordering::SeqCst)
            && let Some(thread) = self.thread()
        {
            thread.unpark();
        }
        Ticking(&self.shared)
    }

    fn thread(&self) -> Option<&Thread> {
        self.thread.as_ref().map(JoinHandle::thread)
    }
}

impl TickerState {
    fn run(&self, tick: impl Fn()) {
        let mut idle = 0;
        while !self.stopped.load(Ordering::SeqCst) {
            if idle >= LINGERING {
                self.stand_still();
                idle = 0;
            }
            std::thread::park_timeout(TICK);
            tick();
            idle = if self.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        }
    }

    /// Until somebody runs, or it is stopped.
    fn stand_still(&self) {
        self.stands_still.store(true, Ordering::SeqCst);
        let stands_still = || self.stands_still.load(Ordering::SeqCst) && !self.stopped.load(Ordering::SeqCst);
        // Who began to run before it was said did not see it.
        while stands_still() && self.running.load(Ordering::SeqCst) == 0 {
            std::thread::park();
        }
        self.stands_still.store(false, Ordering::SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The last owner may be a task that the ticker would wait for; the thread ends by itself.
            drop(thread);
        }
    }
}

/// A guest is running.
pub(crate) struct Ticking<'a>(&'a TickerState);

impl Drop for Ticking<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;
    use std::time::Instant;

    fn counting() -> (Ticker, Arc<AtomicU64>) {
        let ticks = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&ticks);
        let ticker = Ticker::ticking(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        (ticker.unwrap(), ticks)
    }

    fn until(what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn whoever_runs_is_interrupted_however_the_clock_stood() {
        let (ticker, ticks) = counting();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for pause in 0..50 {
                        let running = ticker.tick();
                        let before = ticks.load(Ordering::SeqCst);
                        until("a tick", || ticks.load(Ordering::SeqCst) > before);
                        drop(running);
                        // Up to the moment at which it comes to a stand, and beyond.
                        let next = ticks.load(Ordering::SeqCst) + u64::from(pause % (LINGERING + 2));
                        let stands_still = || ticker.shared.stands_still.load(Ordering::SeqCst);
                        until("the next try", || ticks.load(Ordering::SeqCst) >= next || stands_still());
                    }
                });
            }
        });
    }

    #[test]
    fn the_clock_stands_still_while_nothing_runs_and_ends_with_its_owner() {
        let (ticker, ticks) = counting();
        for _ in 0..20 {
            drop(ticker.tick());
            until("a stand", || ticker.shared.stands_still.load(Ordering::SeqCst));
        }
        drop(ticker);
        until("an end", || Arc::strong_count(&ticks) == 1);
    }
}

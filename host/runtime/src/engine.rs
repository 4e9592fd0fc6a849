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
        .linear_memory_keep_resident(256 * 1024)
        .table_keep_resident(16 * 1024)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Interrupts running guests every millisecond, on a thread of its own: guests that hold all worker threads can't hold
/// it up. Sleeps while nothing runs.
pub(crate) struct Ticker {
    shared: Arc<TickerState>,
    thread: Option<JoinHandle<()>>,
}

struct TickerState {
    running: AtomicUsize,
    stopped: AtomicBool,
}

impl Ticker {
    pub(crate) fn start(engine: Engine) -> Result<Self, StartError> {
        let shared = Arc::new(TickerState { running: AtomicUsize::new(0), stopped: AtomicBool::new(false) });
        let state = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("interline-epoch".to_owned())
            .spawn(move || tick(&engine, &state))
            .map_err(|error| StartError::Engine(error.to_string()))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Ticks as long as the answer lives.
    pub(crate) fn tick(&self) -> Ticking<'_> {
        if self.shared.running.fetch_add(1, Ordering::SeqCst) == 0
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

fn tick(engine: &Engine, state: &TickerState) {
    while !state.stopped.load(Ordering::SeqCst) {
        if state.running.load(Ordering::SeqCst) == 0 {
            std::thread::park();
        } else {
            std::thread::park_timeout(TICK);
        }
        engine.increment_epoch();
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

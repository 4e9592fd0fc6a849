//! Instances of rule sets that are kept from call to call: their tables load once.

use crate::call::MemoryLimit;
use crate::engine::WARM_INSTANCES;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Engine, Store};

/// The data of a rule set's store: it may use memory, and nothing else.
pub(crate) struct RuleState {
    memory: MemoryLimit,
}

/// An instance, and the store that it lives in.
pub(super) struct Warm {
    pub(super) store: Store<RuleState>,
    pub(super) instance: Instance,
    peak: Arc<AtomicUsize>,
}

impl Warm {
    /// The most memory that it ever had.
    pub(super) fn memory(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }
}

/// A rule set, ready to be instantiated.
pub(super) struct RulePre {
    pub(super) pre: InstancePre<RuleState>,
    pub(super) memory_mb: u32,
}

/// Idle instances.
pub(super) struct WarmPool {
    pre: RulePre,
    idle: Mutex<Vec<Warm>>,
}

/// How many instances of one component may work at a time.
pub(super) fn instances(concurrency: u32) -> usize {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    // Three kinds of rule sets, each in two versions while one is swapped, share the warm instances.
    processors.min(concurrency.max(1) as usize).min(WARM_INSTANCES as usize / 6)
}

impl WarmPool {
    pub(super) fn new(pre: RulePre) -> Self {
        Self { pre, idle: Mutex::default() }
    }

    /// An idle instance, else a new one.
    pub(super) async fn take(&self, engine: &Engine) -> wasmtime::Result<Warm> {
        let idle = self.idle.lock().pop();
        match idle {
            Some(mut warm) => {
                // Ticks that passed while it was idle are not its own.
                warm.store.set_epoch_deadline(1);
                Ok(warm)
            }
            None => self.pre.instantiate(engine).await,
        }
    }

    pub(super) fn give_back(&self, warm: Warm) {
        self.idle.lock().push(warm);
    }
}

impl RulePre {
    async fn instantiate(&self, engine: &Engine) -> wasmtime::Result<Warm> {
        let peak = Arc::new(AtomicUsize::new(0));
        let memory = MemoryLimit::new(self.memory_mb, Arc::clone(&peak));
        let mut store = Store::new(engine, RuleState { memory });
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(self.memory_mb as usize * 1024 * 1024);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let instance = self.pre.instantiate_async(&mut store).await?;
        Ok(Warm { store, instance, peak })
    }
}

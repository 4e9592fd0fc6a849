//! One call of a component: its store, its deadline, its count.

use crate::config::Limits;
use crate::egress::{CallEgress, Egress};
use crate::engine::{INSTANCES, Ticker, WARM_INSTANCES};
use crate::gate::Gate;
use crate::observer::{CallObserver, CallOutcome, CallRecord};
use crate::printed::Printed;
use crate::secrets::Secrets;
use crate::state::StateStore;
use crate::stop::{MemoryExceeded, Operation, Stop, answered};
use crate::version::PluginVersion;
use futures::future::BoxFuture;
use interline_domain::fault::{Fault, Origin};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use wasmtime::component::{Instance, InstancePre, ResourceTable};
use wasmtime::{Engine, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

const MEGABYTE: usize = 1024 * 1024;

/// What all components of a host share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) ticker: Ticker,
    /// Instances that may exist at the same time for calls.
    pub(crate) instances: Gate,
    pub(crate) observer: Arc<dyn CallObserver>,
    pub(crate) state: Arc<dyn StateStore>,
}

impl Shared {
    pub(crate) fn new(
        engine: Engine,
        ticker: Ticker,
        observer: Arc<dyn CallObserver>,
        state: Arc<dyn StateStore>,
    ) -> Self {
        // Who waits here has a place in the bounded queue of its component.
        let instances = Gate::new((INSTANCES - WARM_INSTANCES) as usize, usize::MAX);
        Self { engine, ticker, instances, observer, state }
    }
}

/// What a component was given by its operator.
pub(crate) struct Given {
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) secrets: Secrets,
    /// Component and credential set; none: the manifest asks for no state.
    pub(crate) state_scope: Option<String>,
    pub(crate) egress: Egress,
    pub(crate) log: crate::host_calls::LogBudget,
}

/// A component version, ready to be called.
pub(crate) struct Callee {
    pub(crate) version: PluginVersion,
    pub(crate) limits: Limits,
    pub(crate) pre: InstancePre<CallState>,
    pub(crate) gate: Gate,
    pub(crate) given: Arc<Given>,
    pub(crate) shared: Arc<Shared>,
}

/// The data of a store: what one call may use, and has used.
pub(crate) struct CallState {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    pub(crate) egress: CallEgress,
    pub(crate) memory: MemoryLimit,
    pub(crate) version: PluginVersion,
    pub(crate) given: Arc<Given>,
    pub(crate) shared: Arc<Shared>,
    printed: Printed,
}

impl WasiView for CallState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for CallState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.egress, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Caps the linear memories of a store, together.
pub(crate) struct MemoryLimit {
    limit: usize,
    used: usize,
    peak: Arc<AtomicUsize>,
}

impl MemoryLimit {
    pub(crate) fn new(limit_mb: u32, peak: Arc<AtomicUsize>) -> Self {
        Self { limit: limit_mb as usize * MEGABYTE, used: 0, peak }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.limit {
            return Err(MemoryExceeded { limit_mb: (self.limit / MEGABYTE) as u32 }.into());
        }
        self.used = used;
        self.peak.fetch_max(used, Ordering::Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= 100_000)
    }
}

/// How a call went, beside its answer.
#[derive(Default)]
struct Spent {
    queued: Duration,
    cpu: Duration,
    admitted: bool,
    memory: Arc<AtomicUsize>,
    skipped: u32,
    printed: String,
}

/// A reply of the component, converted; offers skipped on the way are counted.
pub(crate) struct Converted<D> {
    pub(crate) value: D,
    pub(crate) skipped: u32,
}

impl<D> From<D> for Converted<D> {
    fn from(value: D) -> Self {
        Self { value, skipped: 0 }
    }
}

/// Runs an exported function on a fresh instance.
pub(crate) type Invoke<R> =
    Box<dyn for<'a> FnOnce(&'a mut Store<CallState>, Instance) -> BoxFuture<'a, wasmtime::Result<R>> + Send>;

impl Callee {
    /// Calls the component within `timeout`, and converts what it answers. `convert` says what is wrong with an answer
    /// that breaks the contract; it has the component's own fault as its error otherwise.
    pub(crate) async fn call<R: Send + 'static, D: Send>(
        &self,
        operation: Operation,
        timeout: Duration,
        invoke: Invoke<R>,
        convert: impl FnOnce(R) -> Result<Converted<D>, Refused> + Send,
    ) -> Result<D, Fault> {
        let started = Instant::now();
        let mut spent = Spent::default();
        // It is never entered while the guest runs: a guest may be left on one thread and go on on another.
        let span = tracing::info_span!(
            "call",
            otel.name = format_args!("{} {}", self.version.name, operation.name),
            otel.status_code = tracing::field::Empty,
            component = %self.version,
            operation = operation.name,
            outcome = tracing::field::Empty,
        );
        let egress = CallEgress::new(self.given.egress.clone(), &self.given.secrets, span.id());
        let run = self.run(operation, &egress, invoke, convert, &mut spent);
        let ended = tokio::time::timeout(timeout, run).await;
        let traffic = egress.traffic();
        let result = match ended {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Refused::Fault(fault))) => Err(answered(operation, traffic.sent, egress.refused(), fault)),
            Ok(Err(Refused::Stop(stop))) => Err(stop.fault(operation, traffic.sent)),
            Err(_) if !spent.admitted => Err(Stop::QueueDeadline.fault(operation, traffic.sent)),
            Err(_) => Err(Stop::Deadline(timeout).fault(operation, traffic.sent)),
        };
        if let Err(fault) = &result {
            span.record("outcome", fault.disposition.name());
            span.record("otel.status_code", "ERROR");
        }
        span.in_scope(|| self.observe(operation, &result, started.elapsed(), &spent, &egress));
        result
    }

    async fn run<R: Send + 'static, D: Send>(
        &self,
        operation: Operation,
        egress: &CallEgress,
        invoke: Invoke<R>,
        convert: impl FnOnce(R) -> Result<Converted<D>, Refused> + Send,
        spent: &mut Spent,
    ) -> Result<D, Refused> {
        let entered = Instant::now();
        let lane = operation.lane();
        let admitted = async {
            let place = self.gate.enter(lane).await.map_err(|_| Stop::QueueFull)?;
            let instance = self.shared.instances.enter(lane).await.map_err(|_| Stop::NoInstance)?;
            Ok::<_, Stop>((place, instance))
        };
        let _admitted = tokio::time::timeout(lane.patience(), admitted).await.map_err(|_| Stop::QueueDeadline)??;
        spent.queued = entered.elapsed();
        spent.admitted = true;
        let _ticking = self.shared.ticker.tick();
        let mut store = self.store(egress.clone(), Arc::clone(&spent.memory));
        let answer = {
            let mut guest = pin!(self.guest(&mut store, invoke));
            let cpu = &mut spent.cpu;
            poll_fn(move |context| {
                let polled = Instant::now();
                let poll = guest.as_mut().poll(context);
                *cpu += polled.elapsed();
                poll
            })
            .await
        };
        if operation.impersonal || egress.is_recorded() {
            spent.printed = store.data().printed.text();
        }
        let reply = answer.map_err(|error| {
            tracing::warn!(component = %self.version, operation = operation.name, error = %first_line(&error), "stopped");
            Stop::of(&error)
        })?;
        let converted = convert(reply)?;
        spent.skipped = converted.skipped;
        Ok(converted.value)
    }

    fn store(&self, egress: CallEgress, peak: Arc<AtomicUsize>) -> Store<CallState> {
        let printed = Printed::default();
        let wasi = WasiCtx::builder().stderr(printed.clone()).allow_ip_name_lookup(false).build();
        let mut store = Store::new(
            &self.shared.engine,
            CallState {
                wasi,
                http: WasiHttpCtx::new(),
                table: ResourceTable::new(),
                egress,
                memory: MemoryLimit::new(self.limits.memory_mb, peak),
                version: self.version.clone(),
                given: Arc::clone(&self.given),
                shared: Arc::clone(&self.shared),
                printed,
            },
        );
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(self.limits.memory_mb as usize * MEGABYTE);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    async fn guest<R>(&self, store: &mut Store<CallState>, invoke: Invoke<R>) -> wasmtime::Result<R> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        invoke(store, instance).await
    }

    fn observe<D>(
        &self,
        operation: Operation,
        result: &Result<D, Fault>,
        wall: Duration,
        spent: &Spent,
        egress: &CallEgress,
    ) {
        let traffic = egress.traffic();
        if let Err(fault) = result {
            tracing::debug!(
                component = %self.version,
                operation = operation.name,
                code = fault.code.as_deref().unwrap_or_default(),
                disposition = fault.disposition.name(),
                printed = %spent.printed,
                "call failed"
            );
            egress.note_printed(&spent.printed);
        }
        self.shared.observer.call(&CallRecord {
            component: &self.version,
            operation: operation.name,
            outcome: outcome(result),
            wall,
            cpu: spent.cpu,
            queued: spent.queued,
            memory: spent.memory.load(Ordering::Relaxed) as u64,
            bytes_out: traffic.bytes_out,
            bytes_in: traffic.bytes_in,
            requests: traffic.sent.requests,
            skipped: spent.skipped,
        });
    }
}

pub(crate) fn outcome<D>(result: &Result<D, Fault>) -> CallOutcome {
    match result {
        Ok(_) => CallOutcome::Ok,
        Err(fault) => CallOutcome::Fault {
            disposition: fault.disposition.name(),
            host_code: fault.code.clone().filter(|_| fault.origin == Origin::Host),
        },
    }
}

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The component says so.
    Fault(Fault),
    /// The host says so.
    Stop(Stop),
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn first_line(error: &wasmtime::Error) -> String {
    error.root_cause().to_string().lines().next().unwrap_or_default().to_owned()
}

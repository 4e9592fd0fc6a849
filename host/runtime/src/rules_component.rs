//! A rule set, answered by a component: warm instances, that import nothing.

mod warm;

use crate::call::{Shared, outcome};
use crate::config::Limits;
use crate::contract::{baggage, cancellation, facts, fares, fares_0_1};
use crate::convert::{Broken, rules as convert};
use crate::gate::{Gate, Lane};
use crate::interfaces::Exported;
use crate::observer::CallRecord;
use crate::rules::{
    Allowance, BaggageRules, CancellationRules, FactTable, FareRules, PenaltyRow, PricedLines, RuleSetInfo,
};
use crate::stop::{Operation, Sent, Stop};
use crate::version::PluginVersion;
use async_trait::async_trait;
use futures::future::BoxFuture;
use interline_domain::fault::Fault;
use std::sync::Arc;
use std::time::{Duration, Instant};
use warm::{RulePre, Warm, WarmPool};
use wasmtime::component::InstancePre;

pub(crate) use warm::RuleState;

/// A component with one or several rule sets.
pub(crate) struct RulesComponent {
    pub(crate) version: PluginVersion,
    pub(crate) fares: Option<Arc<dyn FareRules>>,
    pub(crate) baggage: Option<Arc<BaggageSet>>,
    pub(crate) cancellation: Option<Arc<CancellationSet>>,
}

/// A rule set of one kind: its exports and what it says of itself.
pub(crate) struct RuleSet<I> {
    caller: Arc<RuleCaller>,
    indices: I,
    description: RuleSetInfo,
}

type FareSet = RuleSet<fares::GuestIndices>;
/// As it was released first; the components that were built for it go on.
type FareSet0_1 = RuleSet<fares_0_1::GuestIndices>;
pub(crate) type BaggageSet = RuleSet<baggage::GuestIndices>;
pub(crate) type CancellationSet = RuleSet<cancellation::GuestIndices>;

/// Calls warm instances of one component.
struct RuleCaller {
    version: PluginVersion,
    limits: Limits,
    gate: Gate,
    pool: WarmPool,
    shared: Arc<Shared>,
}

type Run<'f, R> = Box<dyn for<'a> FnOnce(&'a mut Warm) -> BoxFuture<'a, wasmtime::Result<R>> + Send + 'f>;

impl RulesComponent {
    pub(crate) async fn load(
        shared: Arc<Shared>,
        version: PluginVersion,
        exported: &Exported,
        limits: Limits,
        pre: InstancePre<RuleState>,
    ) -> Result<Self, String> {
        let caller = Arc::new(RuleCaller {
            version: version.clone(),
            limits,
            // As many as there are processors: more would only wait for each other.
            gate: Gate::new(warm::instances(limits.concurrency), limits.queue as usize),
            pool: WarmPool::new(RulePre { pre: pre.clone(), memory_mb: limits.memory_mb }),
            shared,
        });
        macro_rules! set {
            ($interface:ident, $name:literal, $version:literal) => {
                match exported.has($name, $version) {
                    true => {
                        let indices = $interface::GuestIndices::new(&pre)
                            .map_err(|error| format!("component `{}`: {error:#}", version.name))?;
                        let describing = indices.clone();
                        let run: Run<'_, facts::RuleSet> = Box::new(move |warm| {
                            Box::pin(async move {
                                let guest = describing.load(&mut warm.store, &warm.instance)?;
                                guest.call_describe(&mut warm.store).await
                            })
                        });
                        let description = caller.call(Operation::DESCRIBE, run, |set| Ok(convert::rule_set_in(set)));
                        let description = description.await;
                        let description =
                            description.map_err(|fault| format!("component `{}`: {fault}", version.name))?;
                        Some(Arc::new(RuleSet { caller: Arc::clone(&caller), indices, description }))
                    }
                    false => None,
                }
            };
        }
        let fares = match set!(fares, "fares", "0.2.0") {
            Some(set) => Some(set as Arc<dyn FareRules>),
            None => set!(fares_0_1, "fares", "0.1.0").map(|set| set as Arc<dyn FareRules>),
        };
        let baggage = set!(baggage, "baggage", "0.1.0");
        let cancellation = set!(cancellation, "cancellation", "0.1.0");
        Ok(Self { version, fares, baggage, cancellation })
    }
}

impl RuleCaller {
    /// Runs a function on a warm instance, which is given back unless it was stopped.
    async fn call<R: Send, D: Send>(
        &self,
        operation: Operation,
        run: Run<'_, R>,
        convert: impl FnOnce(R) -> Result<D, Broken> + Send,
    ) -> Result<D, Fault> {
        let started = Instant::now();
        let timeout = Duration::from_millis(self.limits.call_timeout_ms);
        let mut queued = Duration::ZERO;
        let mut memory = 0;
        let calling = async {
            let _place = self.gate.enter(Lane::Booking).await.map_err(|_| Stop::QueueFull)?;
            queued = started.elapsed();
            let _ticking = self.shared.ticker.tick();
            let mut warm = self.pool.take(&self.shared.engine).await.map_err(|error| Stop::of(&error))?;
            let answer = run(&mut warm).await;
            memory = warm.memory();
            match answer {
                Ok(answer) => {
                    self.pool.give_back(warm);
                    convert(answer).map_err(|broken| Stop::Garbage(broken.0))
                }
                // The instance is dead, or in a state that nobody knows: it is dropped.
                Err(error) => Err(Stop::of(&error)),
            }
        };
        let result = match tokio::time::timeout(timeout, calling).await {
            Ok(result) => result,
            Err(_) => Err(Stop::Deadline(timeout)),
        };
        let result = result.map_err(|stop| stop.fault(operation, Sent::default()));
        if let Err(fault) = &result {
            tracing::warn!(component = %self.version, operation = operation.name, %fault, "rule set failed");
        }
        let wall = started.elapsed();
        self.shared.observer.call(&CallRecord {
            component: &self.version,
            operation: operation.name,
            outcome: outcome(&result),
            wall,
            cpu: wall.saturating_sub(queued),
            queued,
            memory: memory as u64,
            bytes_out: 0,
            bytes_in: 0,
            requests: 0,
            skipped: 0,
        });
        result
    }
}

macro_rules! run {
    ($set:expr, $function:ident, $facts:expr) => {{
        let (indices, table) = (&$set.indices, convert::table_out($facts));
        let run: Run<'_, _> = Box::new(move |warm| {
            let indices = indices.clone();
            Box::pin(async move {
                let guest = indices.load(&mut warm.store, &warm.instance)?;
                guest.$function(&mut warm.store, &table).await
            })
        });
        run
    }};
}

macro_rules! fare_rules {
    ($set:ident, $priced_in:path) => {
        #[async_trait]
        impl FareRules for $set {
            fn version(&self) -> &PluginVersion {
                &self.caller.version
            }

            fn describe(&self) -> &RuleSetInfo {
                &self.description
            }

            async fn price(&self, facts: &FactTable) -> Result<PricedLines, Fault> {
                let rows = facts.rows;
                let convert = |priced: Result<_, _>| $priced_in(priced.map_err(|e| convert::error_in(&e))?, rows);
                self.caller.call(Operation::PRICE, run!(self, call_price, facts), convert).await
            }
        }
    };
}

fare_rules!(FareSet, convert::priced_in);
fare_rules!(FareSet0_1, convert::priced_0_1_in);

#[async_trait]
impl BaggageRules for BaggageSet {
    fn version(&self) -> &PluginVersion {
        &self.caller.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.description
    }

    async fn allow(&self, facts: &FactTable) -> Result<Vec<Allowance>, Fault> {
        let rows = facts.rows;
        let convert = |allowed: Result<Vec<_>, _>| {
            convert::allowances_in(&allowed.map_err(|error| convert::error_in(&error))?, rows)
        };
        self.caller.call(Operation::ALLOW, run!(self, call_allow, facts), convert).await
    }
}

#[async_trait]
impl CancellationRules for CancellationSet {
    fn version(&self) -> &PluginVersion {
        &self.caller.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.description
    }

    async fn penalties(&self, facts: &FactTable) -> Result<Vec<PenaltyRow>, Fault> {
        let rows = facts.rows;
        let convert = |windows: Result<Vec<_>, _>| {
            convert::windows_in(&windows.map_err(|error| convert::error_in(&error))?, rows)
        };
        self.caller.call(Operation::PENALTIES, run!(self, call_penalties, facts), convert).await
    }
}

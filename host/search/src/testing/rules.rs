//! Rules of which the markup can be changed.

use super::suppliers::fault;
use async_trait::async_trait;
use interline_domain::fault::{Disposition, Fault};
use interline_runtime::{
    Allowance, BaggageRules, CancellationRules, FactTable, FareLine, FareRules, LineKind, PenaltyRow, PluginVersion,
    PricedLines, RuleInfo, RuleSetInfo, RuleSets,
};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rules that add a markup to every offer.
#[derive(Clone)]
pub struct Markup {
    version: PluginVersion,
    info: RuleSetInfo,
    pub amount: i64,
    calls: Arc<AtomicUsize>,
    broken: bool,
}

/// Rule sets of which the markup can be changed.
#[derive(Clone)]
pub struct TestRules(Arc<Mutex<Markup>>);

impl TestRules {
    pub fn new() -> Self {
        let rule = RuleInfo { id: 1, name: "secret-markup".into(), explanation: "a test".into() };
        let info = RuleSetInfo { name: "test".into(), version: "1".into(), rules: vec![rule] };
        let rules = Self(Arc::new(Mutex::new(Markup {
            version: Self::version(0),
            info,
            amount: 0,
            calls: Arc::default(),
            broken: false,
        })));
        rules.set_markup(0);
        rules
    }

    fn version(amount: i64) -> PluginVersion {
        PluginVersion { name: "fares".into(), version: "1.0.0".into(), hash: format!("{amount:032}") }
    }

    /// From now on the fare rules fail.
    pub fn break_down(&self) {
        self.0.lock().broken = true;
    }

    /// Calls of the fare rules so far.
    pub fn calls(&self) -> usize {
        self.0.lock().calls.load(Ordering::SeqCst)
    }

    pub fn set_markup(&self, amount: i64) {
        let mut rules = self.0.lock();
        rules.amount = amount;
        rules.version = Self::version(amount);
    }
}

impl RuleSets for TestRules {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        Some(Arc::new(self.0.lock().clone()))
    }

    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        Some(Arc::new(self.0.lock().clone()))
    }

    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        Some(Arc::new(self.0.lock().clone()))
    }
}

#[async_trait]
impl FareRules for Markup {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn price(&self, facts: &FactTable) -> Result<PricedLines, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.broken {
            tokio::task::yield_now().await;
            return Err(fault(Disposition::Rejected));
        }
        let amount = self.amount;
        let line = |row| FareLine { row, rule: 1, kind: LineKind::Markup, amount };
        let rows = if amount == 0 { 0 } else { facts.rows };
        Ok(PricedLines { lines: (0..rows).map(line).collect(), changes_at: None })
    }
}

#[async_trait]
impl BaggageRules for Markup {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn allow(&self, _: &FactTable) -> Result<Vec<Allowance>, Fault> {
        Ok(vec![])
    }
}

#[async_trait]
impl CancellationRules for Markup {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn penalties(&self, _: &FactTable) -> Result<Vec<PenaltyRow>, Fault> {
        Ok(vec![])
    }
}

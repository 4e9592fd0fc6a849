//! Rules of which the markup can be changed.

use async_trait::async_trait;
use interline_domain::fault::Fault;
use interline_runtime::{
    Allowance, BaggageRules, CancellationRules, FactTable, FareLine, FareRules, LineKind, PenaltyRow, PluginVersion,
    PricedLines, RuleInfo, RuleSetInfo, RuleSets,
};
use parking_lot::Mutex;
use std::sync::Arc;

/// Rules that add a markup to every offer.
#[derive(Clone)]
pub struct Markup {
    version: PluginVersion,
    info: RuleSetInfo,
    pub amount: i64,
}

/// Rule sets of which the markup can be changed.
#[derive(Clone)]
pub struct TestRules(Arc<Mutex<Markup>>);

impl TestRules {
    pub fn new() -> Self {
        let rule = RuleInfo { id: 1, name: "secret-markup".into(), explanation: "a test".into() };
        let info = RuleSetInfo { name: "test".into(), version: "1".into(), rules: vec![rule] };
        let rules = Self(Arc::new(Mutex::new(Markup { version: Self::version(0), info, amount: 0 })));
        rules.set_markup(0);
        rules
    }

    fn version(amount: i64) -> PluginVersion {
        PluginVersion { name: "fares".into(), version: "1.0.0".into(), hash: format!("{amount:032}") }
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

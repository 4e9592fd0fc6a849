//! Rule sets that are easy to reckon with: five euro a booking, and ten kept by a cancellation.

use async_trait::async_trait;
use interline_domain::fault::Fault;
use interline_runtime::{
    Allowance, BaggageRules, CancellationRules, FactTable, FareLine, FareRules, LineKind, PenaltyRow, PluginVersion,
    PricedLines, RuleInfo, RuleSetInfo, RuleSets,
};
use std::sync::Arc;

pub const FEE: i64 = 500;
pub const PENALTY: i64 = 1_000;

pub struct Rules {
    version: PluginVersion,
    info: RuleSetInfo,
}

impl Rules {
    pub fn sets() -> Arc<dyn RuleSets> {
        let version = PluginVersion { name: "plain".into(), version: "1.0.0".into(), hash: "00".into() };
        let rule = RuleInfo { id: 1, name: "plain".into(), explanation: "always".into() };
        let info = RuleSetInfo { name: "plain".into(), version: "1.0.0".into(), rules: vec![rule] };
        Arc::new(Kept(Arc::new(Self { version, info })))
    }
}

struct Kept(Arc<Rules>);

impl RuleSets for Kept {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        Some(self.0.clone())
    }

    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        Some(self.0.clone())
    }

    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        Some(self.0.clone())
    }
}

#[async_trait]
impl FareRules for Rules {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn price(&self, facts: &FactTable) -> Result<PricedLines, Fault> {
        let fee = |row| FareLine { row, rule: 1, kind: LineKind::ServiceFee, amount: FEE };
        Ok(PricedLines { lines: (0..facts.rows).map(fee).collect(), changes_at: None })
    }
}

#[async_trait]
impl BaggageRules for Rules {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn allow(&self, _facts: &FactTable) -> Result<Vec<Allowance>, Fault> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl CancellationRules for Rules {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn penalties(&self, facts: &FactTable) -> Result<Vec<PenaltyRow>, Fault> {
        let window = |row| PenaltyRow {
            row,
            rule: 1,
            from_minutes: i64::MAX,
            until_minutes: 0,
            refundable: true,
            penalty: PENALTY,
            agency_fee: PENALTY,
        };
        Ok((0..facts.rows).map(window).collect())
    }
}

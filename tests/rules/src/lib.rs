//! The rule sets, run natively behind the runtime's traits: what tests price by where no component is built, and what
//! the components are held against.

#![deny(missing_docs)]

pub mod convert;

use async_trait::async_trait;
use baggage_rules::BaggageRules as NativeBaggage;
use cancellation_rules::CancellationRules as NativeCancellation;
use convert::{fault, info, line_kind, table};
use fare_rules::FareRules as NativeFares;
use interline_domain::fault::Fault;
use interline_rules_sdk::{RuleSet, baggage, cancellation, fares};
use interline_runtime::{
    Allowance, BaggageRules, CancellationRules, FactTable, FareLine, FareRules, PenaltyRow, PluginVersion, PricedLines,
    RuleSetInfo, RuleSets,
};
use std::sync::Arc;

/// Three rule sets, any of which may be missing or another one.
#[derive(Clone)]
pub struct Loaded {
    /// What the traveller pays.
    pub fares: Option<Arc<dyn FareRules>>,
    /// What baggage is included.
    pub baggage: Option<Arc<dyn BaggageRules>>,
    /// What cancelling costs.
    pub cancellation: Option<Arc<dyn CancellationRules>>,
}

impl Loaded {
    /// The agency's own rule sets.
    pub fn native() -> Self {
        Self {
            fares: Some(Arc::new(Native::new("fares", <NativeFares as fares::Guest>::describe()))),
            baggage: Some(Arc::new(Native::new("baggage", <NativeBaggage as baggage::Guest>::describe()))),
            cancellation: Some(Arc::new(Native::new(
                "cancellation",
                <NativeCancellation as cancellation::Guest>::describe(),
            ))),
        }
    }
}

impl RuleSets for Loaded {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        self.fares.clone()
    }

    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        self.baggage.clone()
    }

    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        self.cancellation.clone()
    }
}

/// One of the agency's rule sets, in this process.
struct Native {
    version: PluginVersion,
    info: RuleSetInfo,
}

impl Native {
    fn new(name: &str, rules: RuleSet) -> Self {
        let version = PluginVersion { name: name.to_owned(), version: rules.version.clone(), hash: "0".repeat(64) };
        Self { version, info: info(rules) }
    }
}

#[async_trait]
impl FareRules for Native {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn price(&self, facts: &FactTable) -> Result<PricedLines, Fault> {
        let priced = <NativeFares as fares::Guest>::price(table(facts)).map_err(fault)?;
        let line = |line: fares::Line| FareLine {
            row: line.row,
            rule: line.rule,
            kind: line_kind(line.kind),
            amount: line.amount,
        };
        Ok(PricedLines { lines: priced.lines().map(line).collect(), changes_at: priced.changes_at })
    }
}

#[async_trait]
impl BaggageRules for Native {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn allow(&self, facts: &FactTable) -> Result<Vec<Allowance>, Fault> {
        let allowances = <NativeBaggage as baggage::Guest>::allow(table(facts)).map_err(fault)?;
        let allowance = |one: baggage::Allowance| Allowance {
            row: one.row,
            rule: one.rule,
            checked_pieces: one.checked_pieces,
            checked_kg: one.checked_kg,
            carry_on_pieces: one.carry_on_pieces,
            carry_on_kg: one.carry_on_kg,
        };
        Ok(allowances.into_iter().map(allowance).collect())
    }
}

#[async_trait]
impl CancellationRules for Native {
    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn describe(&self) -> &RuleSetInfo {
        &self.info
    }

    async fn penalties(&self, facts: &FactTable) -> Result<Vec<PenaltyRow>, Fault> {
        let windows = <NativeCancellation as cancellation::Guest>::penalties(table(facts)).map_err(fault)?;
        let row = |one: cancellation::Window| PenaltyRow {
            row: one.row,
            rule: one.rule,
            from_minutes: one.from_minutes,
            until_minutes: one.until_minutes,
            refundable: one.refundable,
            penalty: one.penalty,
            agency_fee: one.agency_fee,
        };
        Ok(windows.into_iter().map(row).collect())
    }
}

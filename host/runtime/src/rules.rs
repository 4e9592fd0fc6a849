//! Rule sets, as pricing sees them: packed facts in, lines that name their rule out.
//!
//! The columns' ids stand in `wit/rules/columns.md`.

use crate::version::PluginVersion;
use async_trait::async_trait;
use interline_domain::fault::Fault;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Facts: columns of scalars, all `rows` long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactTable {
    /// Number of rows.
    pub rows: u32,
    /// The same for all rows: (id, value).
    pub constants: Vec<(u16, i64)>,
    /// By id.
    pub columns: Vec<Column>,
}

/// A column of facts: its id and values.
pub type Column = (u16, Values);

/// Values of a column, one a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Codes and small numbers.
    Codes(Vec<u32>),
    /// Amounts, times, durations.
    Amounts(Vec<i64>),
}

/// What a rule set says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSetInfo {
    /// Its own name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// Rules that its answers may name.
    pub rules: Vec<RuleInfo>,
}

/// One rule of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// The number that answers name it by.
    pub id: u32,
    /// Short name.
    pub name: String,
    /// For those who may see it.
    pub explanation: String,
}

/// Kind of a price line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Added.
    Markup,
    /// Added.
    ServiceFee,
    /// Added, below zero.
    Discount,
    /// Told, not added.
    Commission,
    /// Added.
    Rounding,
}

/// One line of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FareLine {
    /// Which row of the facts.
    pub row: u32,
    /// Which rule made it.
    pub rule: u32,
    /// What it is.
    pub kind: LineKind,
    /// Minor units of the display currency.
    pub amount: i64,
}

/// Answer of a fare rule set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedLines {
    /// Ordered by row; every row is one of the facts'.
    pub lines: Vec<FareLine>,
    /// Minutes since 1970 from when the same facts may give another answer; none: never.
    pub changes_at: Option<i64>,
}

/// What baggage a rule gives to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Which row of the facts.
    pub row: u32,
    /// Which rule made it.
    pub rule: u32,
    /// In the hold.
    pub checked_pieces: u8,
    /// Kilogram per piece; with 0 pieces and a weight, a weight concept.
    pub checked_kg: u16,
    /// In the cabin.
    pub carry_on_pieces: u8,
    /// Kilogram per piece.
    pub carry_on_kg: u16,
}

/// What cancelling costs in a stretch of time before departure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyRow {
    /// Which row of the facts.
    pub row: u32,
    /// Which rule made it.
    pub rule: u32,
    /// From so many minutes before departure, inclusive.
    pub from_minutes: i64,
    /// Down to so many minutes before departure, exclusive.
    pub until_minutes: i64,
    /// Money comes back.
    pub refundable: bool,
    /// Kept in all, minor units.
    pub penalty: i64,
    /// Of it, the agency's own.
    pub agency_fee: i64,
}

/// A fare rule set, bound to the version that was active when it was obtained.
#[async_trait]
pub trait FareRules: Send + Sync {
    /// The version that answers.
    fn version(&self) -> &PluginVersion;

    /// What it says of itself.
    fn describe(&self) -> &RuleSetInfo;

    /// Lines for all rows, in one call. The same facts give the same answer.
    async fn price(&self, facts: &FactTable) -> Result<PricedLines, Fault>;
}

/// A baggage rule set, likewise.
#[async_trait]
pub trait BaggageRules: Send + Sync {
    /// The version that answers.
    fn version(&self) -> &PluginVersion;

    /// What it says of itself.
    fn describe(&self) -> &RuleSetInfo;

    /// At most one allowance a row; every row is one of the facts'.
    async fn allow(&self, facts: &FactTable) -> Result<Vec<Allowance>, Fault>;
}

/// A cancellation rule set, likewise.
#[async_trait]
pub trait CancellationRules: Send + Sync {
    /// The version that answers.
    fn version(&self) -> &PluginVersion;

    /// What it says of itself.
    fn describe(&self) -> &RuleSetInfo;

    /// Windows ordered by row, the earliest first; every row is one of the facts'.
    async fn penalties(&self, facts: &FactTable) -> Result<Vec<PenaltyRow>, Fault>;
}

/// The rule sets that are active now, one of a kind.
pub trait RuleSets: Send + Sync {
    /// What the traveller pays.
    fn fares(&self) -> Option<Arc<dyn FareRules>>;

    /// What baggage is included where the supplier did not say.
    fn baggage(&self) -> Option<Arc<dyn BaggageRules>>;

    /// What cancelling costs.
    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>>;
}

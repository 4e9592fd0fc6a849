//! Between the runtime's types and those of the rules' SDK: the same contract, seen from its two sides.

use interline_domain::fault::{Disposition, Fault, Origin};
use interline_rules_sdk::fares::LineKind as SdkKind;
use interline_rules_sdk::{Column, Constant, RuleError, RuleSet, Table, Values as SdkValues};
use interline_runtime::{FactTable, LineKind, RuleInfo, RuleSetInfo, Values};

/// Facts as a rule set takes them.
pub fn table(facts: &FactTable) -> Table {
    let values = |values: &Values| match values {
        Values::Codes(codes) => SdkValues::Codes(codes.clone()),
        Values::Amounts(amounts) => SdkValues::Amounts(amounts.clone()),
    };
    Table {
        rows: facts.rows,
        constants: facts.constants.iter().map(|(id, value)| Constant { id: *id, value: *value }).collect(),
        columns: facts.columns.iter().map(|(id, column)| Column { id: *id, values: values(column) }).collect(),
    }
}

/// What a rule set says of itself.
pub fn info(rules: RuleSet) -> RuleSetInfo {
    let rule =
        |rule: interline_rules_sdk::RuleInfo| RuleInfo { id: rule.id, name: rule.name, explanation: rule.explanation };
    RuleSetInfo { name: rules.name, version: rules.version, rules: rules.rules.into_iter().map(rule).collect() }
}

/// Kind of a price line.
pub fn line_kind(kind: SdkKind) -> LineKind {
    match kind {
        SdkKind::Markup => LineKind::Markup,
        SdkKind::ServiceFee => LineKind::ServiceFee,
        SdkKind::Discount => LineKind::Discount,
        SdkKind::Commission => LineKind::Commission,
        SdkKind::Rounding => LineKind::Rounding,
    }
}

/// A rule set's error, as a call's.
pub fn fault(error: RuleError) -> Fault {
    Fault {
        disposition: Disposition::Rejected,
        origin: Origin::Component,
        code: None,
        message: error.to_string(),
        field: None,
    }
}

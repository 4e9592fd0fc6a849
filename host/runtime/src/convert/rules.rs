//! Facts out, lines in.

use super::Broken;
use crate::contract::{baggage, cancellation, facts, fares};
use crate::rules::{Allowance, FactTable, FareLine, LineKind, PenaltyRow, PricedLines, RuleInfo, RuleSetInfo, Values};

pub(crate) fn table_out(table: &FactTable) -> facts::Table {
    let column = |(id, values): &(u16, Values)| facts::Column {
        id: *id,
        values: match values {
            Values::Codes(codes) => facts::Values::Codes(codes.clone()),
            Values::Amounts(amounts) => facts::Values::Amounts(amounts.clone()),
        },
    };
    facts::Table {
        rows: table.rows,
        constants: table.constants.iter().map(|&(id, value)| facts::Constant { id, value }).collect(),
        columns: table.columns.iter().map(column).collect(),
    }
}

pub(crate) fn rule_set_in(set: facts::RuleSet) -> RuleSetInfo {
    let rule = |rule: facts::RuleInfo| RuleInfo { id: rule.id, name: rule.name, explanation: rule.explanation };
    RuleSetInfo { name: set.name, version: set.version, rules: set.rules.into_iter().map(rule).collect() }
}

pub(crate) fn error_in(error: &facts::RuleError) -> Broken {
    match error {
        facts::RuleError::MissingColumn(column) => Broken(format!("it needs column {column}")),
        facts::RuleError::OutOfRange(what) => Broken(format!("out of range: {what}")),
    }
}

pub(crate) fn priced_in(priced: fares::Priced, rows: u32) -> Result<PricedLines, Broken> {
    ordered(priced.lines.iter().map(|line| line.row), rows, false)?;
    let line = |line: &fares::Line| FareLine {
        row: line.row,
        rule: line.rule,
        kind: match line.kind {
            fares::LineKind::Markup => LineKind::Markup,
            fares::LineKind::ServiceFee => LineKind::ServiceFee,
            fares::LineKind::Discount => LineKind::Discount,
            fares::LineKind::Commission => LineKind::Commission,
            fares::LineKind::Rounding => LineKind::Rounding,
        },
        amount: line.amount,
    };
    Ok(PricedLines { lines: priced.lines.iter().map(line).collect(), changes_at: priced.changes_at })
}

pub(crate) fn allowances_in(allowances: &[baggage::Allowance], rows: u32) -> Result<Vec<Allowance>, Broken> {
    ordered(allowances.iter().map(|allowance| allowance.row), rows, true)?;
    let allowance = |of: &baggage::Allowance| Allowance {
        row: of.row,
        rule: of.rule,
        checked_pieces: of.checked_pieces,
        checked_kg: of.checked_kg,
        carry_on_pieces: of.carry_on_pieces,
        carry_on_kg: of.carry_on_kg,
    };
    Ok(allowances.iter().map(allowance).collect())
}

pub(crate) fn windows_in(windows: &[cancellation::Window], rows: u32) -> Result<Vec<PenaltyRow>, Broken> {
    ordered(windows.iter().map(|window| window.row), rows, false)?;
    if let Some(window) = windows.iter().find(|window| window.from_minutes <= window.until_minutes) {
        return Err(Broken(format!("a window of row {} that ends before it begins", window.row)));
    }
    let window = |of: &cancellation::Window| PenaltyRow {
        row: of.row,
        rule: of.rule,
        from_minutes: of.from_minutes,
        until_minutes: of.until_minutes,
        refundable: of.refundable,
        penalty: of.penalty,
        agency_fee: of.agency_fee,
    };
    Ok(windows.iter().map(window).collect())
}

/// Rows in order and within the table; each once where `once`.
fn ordered(answered: impl Iterator<Item = u32>, rows: u32, once: bool) -> Result<(), Broken> {
    let mut last = None;
    for row in answered {
        if row >= rows {
            return Err(Broken(format!("row {row} of {rows}")));
        }
        if last.is_some_and(|last| row < last || (once && row == last)) {
            return Err(Broken(format!("row {row} out of order")));
        }
        last = Some(row);
    }
    Ok(())
}

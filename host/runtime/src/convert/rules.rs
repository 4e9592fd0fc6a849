//! Facts out, lines in.

use super::Broken;
use crate::contract::{baggage, cancellation, facts, fares, fares_0_1};
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
    let fares::Priced { rows: at, rules, kinds, amounts, changes_at } = priced;
    if [rules.len(), kinds.len(), amounts.len()] != [at.len(); 3] {
        let lengths = format!("{}, {}, {} and {}", at.len(), rules.len(), kinds.len(), amounts.len());
        return Err(Broken(format!("columns of {lengths} lines")));
    }
    ordered(at.iter().copied(), rows, false)?;
    let mut lines = Vec::with_capacity(at.len());
    for (((&row, &rule), &kind), &amount) in at.iter().zip(&rules).zip(&kinds).zip(&amounts) {
        lines.push(FareLine { row, rule, kind: line_kind(kind)?, amount });
    }
    Ok(PricedLines { lines, changes_at })
}

/// Numbered by `wit/rules-0.2/fares.wit`.
fn line_kind(number: u8) -> Result<LineKind, Broken> {
    Ok(match number {
        1 => LineKind::Markup,
        2 => LineKind::ServiceFee,
        3 => LineKind::Discount,
        4 => LineKind::Commission,
        5 => LineKind::Rounding,
        _ => return Err(Broken(format!("a line of kind {number}"))),
    })
}

/// The same in records, one a line.
pub(crate) fn priced_0_1_in(priced: fares_0_1::Priced, rows: u32) -> Result<PricedLines, Broken> {
    ordered(priced.lines.iter().map(|line| line.row), rows, false)?;
    let line = |line: &fares_0_1::Line| FareLine {
        row: line.row,
        rule: line.rule,
        kind: match line.kind {
            fares_0_1::LineKind::Markup => LineKind::Markup,
            fares_0_1::LineKind::ServiceFee => LineKind::ServiceFee,
            fares_0_1::LineKind::Discount => LineKind::Discount,
            fares_0_1::LineKind::Commission => LineKind::Commission,
            fares_0_1::LineKind::Rounding => LineKind::Rounding,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(at: &[u32], rules: &[u32], kinds: &[u8], amounts: &[i64]) -> Result<PricedLines, Broken> {
        let (rows, rules, kinds, amounts) = (at.to_vec(), rules.to_vec(), kinds.to_vec(), amounts.to_vec());
        priced_in(fares::Priced { rows, rules, kinds, amounts, changes_at: Some(7) }, 3)
    }

    #[test]
    fn columns_become_lines() {
        let line = |row, rule, kind, amount| FareLine { row, rule, kind, amount };
        let lines = vec![
            line(0, 11, LineKind::Markup, 5),
            line(0, 12, LineKind::ServiceFee, 4),
            line(2, 13, LineKind::Discount, -3),
            line(2, 14, LineKind::Commission, 2),
            line(2, 15, LineKind::Rounding, 1),
        ];
        let columns = priced(&[0, 0, 2, 2, 2], &[11, 12, 13, 14, 15], &[1, 2, 3, 4, 5], &[5, 4, -3, 2, 1]).unwrap();
        assert_eq!(columns, PricedLines { lines, changes_at: Some(7) });
    }

    #[test]
    fn columns_that_make_no_lines_are_refused_and_named() {
        let refused = |columns: Result<PricedLines, Broken>| columns.unwrap_err().0;
        assert_eq!(refused(priced(&[0], &[1], &[1, 1], &[5])), "columns of 1, 1, 2 and 1 lines");
        assert_eq!(refused(priced(&[0], &[1], &[1], &[])), "columns of 1, 1, 1 and 0 lines");
        assert_eq!(refused(priced(&[0], &[], &[1], &[5])), "columns of 1, 0, 1 and 1 lines");
        assert_eq!(refused(priced(&[], &[1], &[1], &[5])), "columns of 0, 1, 1 and 1 lines");
        for kind in [0, 6, 255] {
            assert_eq!(refused(priced(&[0], &[1], &[kind], &[5])), format!("a line of kind {kind}"));
        }
        assert_eq!(refused(priced(&[1, 0], &[1, 1], &[1, 1], &[5, 5])), "row 0 out of order");
        assert_eq!(refused(priced(&[3], &[1], &[1], &[5])), "row 3 of 3");
    }
}

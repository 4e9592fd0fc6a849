//! What cancelling costs, by time to departure: what the supplier keeps by its conditions, and the agency's own fee.
//!
//! The terms stand in [`terms`] as data. The windows of a row cover all time until departure, the earliest first, without
//! gap or overlap. What a supplier did not tell is never promised to a traveller.

#![deny(missing_docs)]

pub mod terms;

use interline_rules_sdk::cancellation::{Guest, Window};
use interline_rules_sdk::share::{self, overflow};
use interline_rules_sdk::{Facts, RuleError, RuleSet, Table, columns, rule};
use terms::{FEES, Fee, NOT_REFUNDABLE, NOT_TOLD};

/// The rule set, as the contract wants it.
pub struct CancellationRules;

impl Guest for CancellationRules {
    fn describe() -> RuleSet {
        let fees = FEES.iter().flat_map(|fee| [&fee.penalty_told, &fee.penalty_not_told]);
        let mut rules: Vec<_> = fees.map(|one| rule(one.id, one.name, one.explanation)).collect();
        rules.extend([&NOT_REFUNDABLE, &NOT_TOLD].map(|one| rule(one.id, one.name, one.explanation)));
        rules.sort_by_key(|rule| rule.id);
        RuleSet { name: "cancellation".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), rules }
    }

    fn penalties(facts: Table) -> Result<Vec<Window>, RuleError> {
        penalties(&facts)
    }
}

/// Euro cents of what `thousand-euro` tells.
const CENTS_OF_THOUSAND_EURO: i64 = 100_000;

/// One item.
struct Item {
    row: u32,
    paid: i64,
    net_base: i64,
    net_total: i64,
    penalty: Option<i64>,
    passengers: i64,
    thousand_euro: i64,
}

fn penalties(table: &Table) -> Result<Vec<Window>, RuleError> {
    let facts = Facts::of(table)?;
    let thousand_euro = facts.required_constant(columns::THOUSAND_EURO)?;
    let paid = facts.required_amounts(columns::PAID_TOTAL)?;
    let totals = facts.amounts(columns::NET_TOTAL)?;
    let bases = facts.amounts(columns::NET_BASE)?;
    let refundable = facts.codes(columns::REFUNDABLE)?;
    let known = facts.codes(columns::PENALTY_KNOWN)?;
    let supplier = facts.amounts(columns::SUPPLIER_PENALTY)?;
    let passengers = facts.codes(columns::PASSENGERS)?;
    let mut windows = Vec::new();
    for row in 0..facts.rows() {
        let item = Item {
            row: u32::try_from(row).map_err(|_| overflow("a row"))?,
            paid: paid.at(row),
            net_base: bases.at(row),
            net_total: totals.at(row),
            penalty: (known.at(row) == columns::known::YES).then(|| supplier.at(row).max(0)),
            passengers: i64::from(passengers.at(row).max(1)),
            thousand_euro,
        };
        match refundable.at(row) {
            columns::known::YES => refundable_item(&item, &mut windows)?,
            columns::known::NO => windows.push(nothing_back(&item, NOT_REFUNDABLE.id)),
            _ => windows.push(nothing_back(&item, NOT_TOLD.id)),
        }
    }
    Ok(windows)
}

/// One window until departure in which all is kept.
fn nothing_back(item: &Item, rule: u32) -> Window {
    let penalty = item.paid.max(0);
    Window { row: item.row, rule, from_minutes: i64::MAX, until_minutes: 0, refundable: false, penalty, agency_fee: 0 }
}

fn refundable_item(item: &Item, windows: &mut Vec<Window>) -> Result<(), RuleError> {
    let mut from_minutes = i64::MAX;
    for fee in FEES {
        windows.push(window(item, fee, from_minutes)?);
        from_minutes = fee.until_minutes;
    }
    Ok(())
}

fn window(item: &Item, fee: &Fee, from_minutes: i64) -> Result<Window, RuleError> {
    let (rule, supplier) = match item.penalty {
        Some(penalty) => (&fee.penalty_told, penalty),
        // All but taxes is the most that a carrier that gives money back keeps.
        None if item.net_base > 0 => (&fee.penalty_not_told, item.net_base),
        None => (&fee.penalty_not_told, item.net_total.max(0)),
    };
    let paid = item.paid.max(0);
    let cents = share::times(fee.cents, item.passengers)?;
    let own = share::of(cents, item.thousand_euro.max(0), CENTS_OF_THOUSAND_EURO)?;
    let supplier = supplier.min(paid);
    let penalty = share::add(supplier, own)?.min(paid);
    Ok(Window {
        row: item.row,
        rule: rule.id,
        from_minutes,
        until_minutes: fee.until_minutes,
        refundable: penalty < paid,
        penalty,
        agency_fee: penalty - supplier,
    })
}

interline_rules_sdk::rule_set!(CancellationRules by export_cancellation);

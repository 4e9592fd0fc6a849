//! From an item and its supplier's terms to facts of cancellation, and from the rules' windows to moments and money.

use crate::circumstances::{known, minute};
use crate::columns;
use crate::error::{PricingError, RuleSetKind, Unpriced};
use crate::names::Names;
use crate::penalty::{PenaltyInput, PenaltyWindow, SupplierTerms};
use crate::rates::RateTable;
use crate::sheet::{Sheet, pack};
use interline_domain::money::{Currency, Money};
use interline_runtime::PenaltyRow;
use jiff::Timestamp;

/// Steps of a penalty, at most.
const MOST_WINDOWS: usize = 64;

/// The facts of one item.
pub fn sheet(input: &PenaltyInput<'_>, table: &RateTable) -> Result<Sheet<4, 6>, Unpriced> {
    let to = input.paid.currency;
    let exchange = |amount: Money| exchange(input, table, amount, to);
    if input.paid.units < 0 || input.net.units < 0 {
        return Err(Unpriced::SupplierAmounts("what was paid is negative"));
    }
    let (net, base) = (exchange(input.net)?, exchange(input.base)?);
    let (refundable, penalty) = match &input.terms {
        SupplierTerms::Quoted { refund } => {
            let kept = net.checked_sub(exchange(*refund)?);
            let kept = kept.map_err(|_| Unpriced::SupplierAmounts("an amount is out of range"))?;
            (Some(refund.units > 0), Some(Money::new(kept.units.max(0), to)))
        }
        SupplierTerms::Conditions(conditions) => match &conditions.refund_before_departure {
            None => (None, None),
            Some(condition) => (Some(condition.allowed), condition.penalty.map(exchange).transpose()?),
        },
    };
    let mut sheet = Sheet::new(
        [columns::VALIDATING_CARRIER, columns::REFUNDABLE, columns::PENALTY_KNOWN, columns::PASSENGERS],
        [
            columns::PAID_TOTAL,
            columns::NET_TOTAL,
            columns::NET_BASE,
            columns::NET_TAXES,
            columns::SUPPLIER_PENALTY,
            columns::DEPARTS_AT,
        ],
        1,
    );
    let taxes = net.units.saturating_sub(base.units).max(0);
    let kept = penalty.map_or(0, |penalty| penalty.units);
    sheet.push(
        [pack(input.owner), known(refundable), known(Some(penalty.is_some())), input.passengers],
        [input.paid.units, net.units, base.units, taxes, kept, minute(input.departs_at)],
    );
    Ok(sheet)
}

/// By the exchange kept with the quote where it fits, else by the table.
fn exchange(input: &PenaltyInput<'_>, table: &RateTable, amount: Money, to: Currency) -> Result<Money, Unpriced> {
    match input.rate.filter(|rate| rate.from == amount.currency && rate.to == to) {
        Some(rate) => rate.exchange(amount).map_err(|_| Unpriced::SupplierAmounts("an amount is out of range")),
        None => table.exchange(amount, to),
    }
}

/// Checks the windows of the one row (no gap, no overlap, all time until departure, sane amounts) and tells them as
/// moments and money.
pub fn windows(
    paid: Money,
    departs_at: Timestamp,
    names: &Names,
    rows: &[PenaltyRow],
) -> Result<Vec<PenaltyWindow>, PricingError> {
    let bad = |reason: &str| PricingError::BadAnswer { kind: RuleSetKind::Cancellation, reason: reason.to_owned() };
    if rows.is_empty() || rows.len() > MOST_WINDOWS {
        return Err(bad("no windows, or too many"));
    }
    let mut expected = i64::MAX;
    let mut windows = Vec::with_capacity(rows.len());
    for row in rows {
        if row.row != 0 {
            return Err(bad("a window for a row that was not asked for"));
        }
        if row.from_minutes != expected || row.until_minutes >= expected || row.until_minutes < 0 {
            return Err(bad("the windows leave a gap or overlap"));
        }
        if row.penalty < 0 || row.penalty > paid.units || row.agency_fee < 0 || row.agency_fee > row.penalty {
            return Err(bad("a penalty is negative, or more than what was paid"));
        }
        let rule = names.rule(row.rule).ok_or_else(|| bad("a rule that it does not describe"))?;
        let from = match row.from_minutes {
            i64::MAX => None,
            minutes => Some(before(departs_at, minutes).ok_or_else(|| bad("a window beyond the calendar"))?),
        };
        let until = before(departs_at, row.until_minutes).ok_or_else(|| bad("a window beyond the calendar"))?;
        let money = |units| Money::new(units, paid.currency);
        // Not refundable means that nothing comes back, whatever the penalty says.
        let penalty = if row.refundable { row.penalty } else { paid.units };
        windows.push(PenaltyWindow {
            from,
            until,
            refundable: row.refundable && penalty < paid.units,
            penalty: money(penalty),
            agency_fee: money(row.agency_fee),
            refund: money(paid.units - penalty),
            rule,
        });
        expected = row.until_minutes;
    }
    if expected != 0 {
        return Err(bad("the windows end before departure"));
    }
    Ok(windows)
}

fn before(departs_at: Timestamp, minutes: i64) -> Option<Timestamp> {
    let second = minutes.checked_mul(60).and_then(|seconds| departs_at.as_second().checked_sub(seconds))?;
    Timestamp::from_second(second).ok()
}

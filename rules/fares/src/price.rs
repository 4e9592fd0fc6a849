//! How the terms are applied.

use crate::candidates::{Meant, Terms};
use crate::condition::{Kind, Offer, Offers, Sale};
use crate::rounding;
use crate::terms::{Markup, ROUNDING_ID};
use interline_rules_sdk::fares::{Line, LineKind, Lines, Priced};
use interline_rules_sdk::share::{self, overflow};
use interline_rules_sdk::{Facts, RuleError, Table};
use std::collections::BTreeMap;

/// Euro cents of what [`Sale::thousand_euro`] tells.
const CENTS_OF_THOUSAND_EURO: i64 = 100_000;

/// Lines for all rows.
///
/// # Errors
/// `missing-column` without the rate of the euro or the suppliers' totals; `out-of-range` where an amount is beyond measure.
pub fn price(terms: &Terms, table: &Table) -> Result<Priced, RuleError> {
    let facts = Facts::of(table)?;
    let sale = Sale::of(&facts)?;
    let offers = Offers::of(&facts)?;
    let unit = rounding::unit(sale.currency, sale.exponent);
    let mut lines = Lines::with_capacity(facts.rows().saturating_mul(4).min(65_536));
    let mut changes_at = i64::MAX;
    let mut kinds: BTreeMap<Kind, Meant<'_>> = BTreeMap::new();
    for row in 0..facts.rows() {
        let offer = offers.at(row);
        let rules = kinds.entry(offer.kind).or_insert_with(|| terms.meant_for(offer.kind, &sale));
        let mut told = OfferLines { row: u32::try_from(row).map_err(|_| overflow("a row"))?, lines: &mut lines };
        price_offer(rules, &sale, &offer, unit, &mut told)?;
        changes_at = changes_at.min(rules.changes_at(&sale, &offer));
    }
    Ok(lines.priced(Some(changes_at).filter(|moment| *moment != i64::MAX)))
}

/// Where the lines of one offer go.
struct OfferLines<'a> {
    row: u32,
    lines: &'a mut Lines,
}

impl OfferLines<'_> {
    /// Adds a line, unless it would say nothing.
    fn push(&mut self, rule: u32, kind: LineKind, amount: i64) {
        if amount != 0 {
            self.lines.push(Line { row: self.row, rule, kind, amount });
        }
    }
}

fn price_offer(
    rules: &Meant<'_>,
    sale: &Sale,
    offer: &Offer,
    unit: i64,
    lines: &mut OfferLines<'_>,
) -> Result<(), RuleError> {
    let mut margin = 0;
    if let Some(rule) = rules.markups.iter().find(|rule| rule.when.is_now(sale, offer)) {
        let amount = markup(rule, sale, offer)?;
        lines.push(rule.id, LineKind::Markup, amount);
        margin = share::add(margin, amount)?;
    }
    if let Some(rule) = rules.fees.iter().find(|rule| rule.when.is_now(sale, offer)) {
        let amount = per_seat(sale, rule.cents)?;
        lines.push(rule.id, LineKind::ServiceFee, amount);
        margin = share::add(margin, amount)?;
    }
    for rule in rules.discounts.iter().filter(|rule| rule.when.is_now(sale, offer)) {
        let amount = share::per_mille(offer.base, rule.per_mille)?.clamp(0, margin);
        lines.push(rule.id, LineKind::Discount, -amount);
        margin -= amount;
    }
    if let Some(rule) = rules.commissions.iter().find(|rule| rule.when.is_now(sale, offer)) {
        let amount = share::per_mille(offer.base, rule.per_mille)?.clamp(0, offer.total.max(0));
        lines.push(rule.id, LineKind::Commission, amount);
    }
    let total = share::add(offer.total, margin)?;
    lines.push(ROUNDING_ID, LineKind::Rounding, rounding::missing(total, unit)?);
    Ok(())
}

fn markup(rule: &Markup, sale: &Sale, offer: &Offer) -> Result<i64, RuleError> {
    let least = per_seat(sale, rule.least)?;
    let amount = share::per_mille(offer.base, rule.per_mille)?.max(least);
    Ok(match rule.most {
        Some(most) => amount.min(per_seat(sale, most)?),
        None => amount,
    })
}

/// Euro cents for each seat, in the display currency.
fn per_seat(sale: &Sale, cents: i64) -> Result<i64, RuleError> {
    share::of(share::times(cents, sale.seats)?, sale.thousand_euro.max(0), CENTS_OF_THOUSAND_EURO)
}

//! Penalties and flags → conditions.

use interline_plugin_sdk::decimal;
use interline_plugin_sdk::supplier::{Condition, Conditions, Money};
use interline_plugin_sdk::xml::Element;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Before,
    After,
}

/// The conditions of an offer: what holds for everybody in it. Each pricing info comes with its number of passengers.
pub fn conditions(infos: &[(&Element, u32)], currency: &str) -> Conditions {
    let all = |penalty: &str, flag: &str, phase| {
        let each = infos.iter().map(|(info, count)| (condition(info, penalty, flag, phase, currency), *count));
        together(each.collect())
    };
    Conditions {
        refund_before_departure: all("CancelPenalty", "Refundable", Phase::Before),
        refund_after_departure: all("CancelPenalty", "Refundable", Phase::After),
        change_before_departure: all("ChangePenalty", "Exchangeable", Phase::Before),
        change_after_departure: all("ChangePenalty", "Exchangeable", Phase::After),
    }
}

/// One for whom it isn't allowed, or not told, settles it for all; penalties add up.
fn together(each: Vec<(Option<Condition>, u32)>) -> Option<Condition> {
    let mut penalty: Option<Money> = None;
    let mut known = true;
    let mut allowed = !each.is_empty();
    for (condition, count) in each {
        let condition = condition?;
        allowed &= condition.allowed;
        let share = condition.penalty.and_then(|one| decimal::times(&one, count).ok());
        match (share, penalty.take()) {
            (Some(share), None) => penalty = Some(share),
            (Some(share), Some(sum)) => penalty = decimal::add(&sum, &share).ok(),
            (None, _) => known = false,
        }
    }
    Some(Condition { allowed, penalty: penalty.filter(|_| known && allowed) })
}

fn condition(info: &Element, name: &str, flag: &str, phase: Phase, currency: &str) -> Option<Condition> {
    let flag = info.attr(flag);
    // The flag speaks of the time before departure.
    if phase == Phase::Before && flag == Some("false") {
        return Some(Condition { allowed: false, penalty: None });
    }
    let applies = |penalty: &&Element| match penalty.attr("PenaltyApplies") {
        Some("Before Departure") => phase == Phase::Before,
        Some("After Departure") => phase == Phase::After,
        Some(_) => true,
        None => phase == Phase::Before,
    };
    let found: Vec<&Element> = info.children(name).filter(applies).collect();
    // What a no-show costs says little about anybody else, unless nothing else is told.
    let is_no_show = |penalty: &&Element| penalty.attr("NoShow") == Some("true");
    let mut told: Vec<&Element> = found.iter().copied().filter(|penalty| !is_no_show(penalty)).collect();
    if told.is_empty() {
        told = found.into_iter().take(1).collect();
    }
    if told.is_empty() {
        return (phase == Phase::Before && flag == Some("true")).then_some(Condition { allowed: true, penalty: None });
    }
    // Of several the hardest holds.
    let mut hardest: Option<Money> = None;
    let mut known = true;
    for penalty in told {
        match kept(penalty, currency) {
            Kept::All => return Some(Condition { allowed: false, penalty: None }),
            Kept::Untold => known = false,
            Kept::Amount(amount) => match &hardest {
                Some(before) if before.currency != amount.currency => known = false,
                Some(before) if before.units >= amount.units => {}
                _ => hardest = Some(amount),
            },
        }
    }
    Some(Condition { allowed: true, penalty: hardest.filter(|_| known) })
}

/// What a penalty keeps.
enum Kept {
    All,
    Amount(Money),
    /// A share of what exactly is not said.
    Untold,
}

fn kept(penalty: &Element, currency: &str) -> Kept {
    if let Some(amount) = penalty.child_text("Amount").and_then(|text| decimal::prefixed_money(text).ok()) {
        return Kept::Amount(amount);
    }
    match penalty.child_text("Percentage").and_then(|text| decimal::units(text, 2).ok()) {
        Some(10_000..) => Kept::All,
        Some(0) => decimal::zero(currency).map_or(Kept::Untold, Kept::Amount),
        _ => Kept::Untold,
    }
}

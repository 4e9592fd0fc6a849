//! Penalties → conditions.

use super::Reason;
use crate::lists::Lists;
use crate::read;
use interline_plugin_sdk::supplier::{Condition, Conditions, Money};
use interline_plugin_sdk::xml::Element;

/// What the penalties say that an offer refers to. Penalties of the same kind are put together: all must allow it, and an
/// amount is told only where they agree on it.
pub fn conditions(offer: &Element, lists: &Lists<'_>, total: &Money) -> Result<Conditions, Reason> {
    let mut conditions = Conditions {
        refund_before_departure: None,
        refund_after_departure: None,
        change_before_departure: None,
        change_after_departure: None,
    };
    for penalty in read::below(offer, "PenaltyRefID").into_iter().filter_map(|id| lists.penalty(id)) {
        let kind = penalty.child_text("TypeCode").unwrap_or_default().to_ascii_lowercase();
        let when = penalty.child_text("AppCode").unwrap_or_default().to_ascii_lowercase();
        let refund = kind.contains("cancel") || kind.contains("refund");
        let after = when.contains("after") || when == "ade";
        if when.contains("show") || when == "nos" || !(refund || kind.contains("change")) {
            continue;
        }
        let place = match (refund, after) {
            (true, false) => &mut conditions.refund_before_departure,
            (true, true) => &mut conditions.refund_after_departure,
            (false, false) => &mut conditions.change_before_departure,
            (false, true) => &mut conditions.change_after_departure,
        };
        let Some(told) = condition(penalty, refund, total)? else { continue };
        *place = Some(match place.take() {
            None => told,
            Some(before) => Condition {
                allowed: before.allowed && told.allowed,
                penalty: before.penalty.filter(|penalty| Some(penalty) == told.penalty.as_ref()),
            },
        });
    }
    Ok(conditions)
}

/// One penalty; none where it says nothing.
fn condition(penalty: &Element, refund: bool, total: &Money) -> Result<Option<Condition>, Reason> {
    let amount = read::amount(penalty, "PenaltyAmount", Some(&total.currency))?;
    let feed = read::flag(penalty, if refund { "CancelFeeInd" } else { "ChangeFeeInd" });
    let words = penalty.child_text("DescText").unwrap_or_default().to_ascii_lowercase();
    let forbidden = ["not permitted", "not allowed", "non-refundable", "non refundable", "nonrefundable"];
    let allowed = match read::flag(penalty, "AllowedInd") {
        Some(allowed) => allowed,
        None if forbidden.iter().any(|text| words.contains(text)) => false,
        None if amount.is_some() || feed.is_some() => true,
        None => return Ok(None),
    };
    let free = || (feed == Some(false)).then(|| Money { units: 0, ..total.clone() });
    Ok(Some(Condition { allowed, penalty: if allowed { amount.or_else(free) } else { None } }))
}

//! Penalties → conditions.

use super::Reason;
use crate::lists::Lists;
use crate::read;
use interline_plugin_sdk::supplier::{Condition, Conditions, Money};
use interline_plugin_sdk::xml::Element;

/// What the penalties say that are within an offer, or that it refers to. Penalties of the same kind are put together: all
/// must allow it, and an amount is told only where they agree on it.
pub fn conditions(offer: &[&Element], lists: &Lists<'_>, total: &Money) -> Result<Conditions, Reason> {
    let mut conditions = Conditions {
        refund_before_departure: None,
        refund_after_departure: None,
        change_before_departure: None,
        change_after_departure: None,
    };
    let listed = read::among(offer, &["PenaltyRefID"]).into_iter().filter_map(|id| lists.penalty(id));
    let own = offer.iter().copied().filter(|element| element.is("Penalty"));
    for penalty in listed.chain(own) {
        let kind = penalty.child_text("TypeCode").unwrap_or_default().to_ascii_lowercase();
        let when = penalty.child_text("AppCode").unwrap_or_default().to_ascii_lowercase();
        let after = when.contains("after") || when == "ade";
        if when.contains("show") || when == "nos" || kind.contains("show") {
            continue;
        }
        let untyped = kind.is_empty();
        let about = |names: &[&str]| untyped && names.iter().any(|name| penalty.child(name).is_some());
        let refund = kind.contains("cancel") || kind.contains("refund") || about(&CANCELLING);
        let change = kind.contains("change") || about(&CHANGING);
        for (refund, _) in [(true, refund), (false, change)].into_iter().filter(|(_, told)| *told) {
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
    }
    Ok(conditions)
}

/// Indicators of a penalty for cancelling: whether it costs something, and whether it may be done.
const CANCELLING: [&str; 4] = ["CancelFeeInd", "RefundInd", "RefundableInd", "CancelAllowedInd"];
/// The same for changes.
const CHANGING: [&str; 4] = ["ChangeFeeInd", "ChangeInd", "ChangeableInd", "ChangeAllowedInd"];

/// One penalty; none where it says nothing.
fn condition(penalty: &Element, refund: bool, total: &Money) -> Result<Option<Condition>, Reason> {
    let amount = read::amount(penalty, "PenaltyAmount", Some(&total.currency))?;
    let [fee, may @ ..] = if refund { &CANCELLING } else { &CHANGING };
    let feed = read::flag(penalty, fee);
    let words = penalty.child_text("DescText").unwrap_or_default().to_ascii_lowercase();
    let forbidden = ["not permitted", "not allowed", "non-refundable", "non refundable", "nonrefundable"];
    let said = read::flag(penalty, "AllowedInd").or_else(|| may.iter().find_map(|name| read::flag(penalty, name)));
    let allowed = match said {
        Some(allowed) => allowed,
        None if forbidden.iter().any(|text| words.contains(text)) => false,
        None if amount.is_some() || feed.is_some() => true,
        None => return Ok(None),
    };
    let free = || (feed == Some(false)).then(|| Money { units: 0, ..total.clone() });
    Ok(Some(Condition { allowed, penalty: if allowed { amount.or_else(free) } else { None } }))
}

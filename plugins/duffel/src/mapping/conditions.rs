//! Fare conditions.

use crate::wire::trip::{self, Slice};
use interline_plugin_sdk::decimal::{self, AmountError};
use interline_plugin_sdk::supplier::{Condition, Conditions};
use std::ops::Deref;

/// The offer's conditions. Duffel speaks of what may be done before departure; where it says nothing for the whole offer but
/// something for every slice, the slices' answers are put together.
pub fn conditions<T: Deref<Target = str>>(
    whole: Option<&trip::Conditions<T>>,
    slices: &[Slice<T>],
    currency: &str,
) -> Result<Conditions, AmountError> {
    let told = |pick: fn(&trip::Conditions<T>) -> Option<&trip::Condition<T>>| match whole
        .and_then(pick)
        .map(|told| condition(told, currency))
        .transpose()?
        .flatten()
    {
        Some(told) => Ok(Some(told)),
        None => together(slices, pick, currency),
    };
    Ok(Conditions {
        refund_before_departure: told(|c| c.refund_before_departure.as_ref())?,
        refund_after_departure: None,
        change_before_departure: told(|c| c.change_before_departure.as_ref())?,
        change_after_departure: None,
    })
}

fn condition<T: Deref<Target = str>>(
    told: &trip::Condition<T>,
    currency: &str,
) -> Result<Option<Condition>, AmountError> {
    let Some(allowed) = told.allowed else { return Ok(None) };
    let penalty = match &told.penalty_amount {
        Some(amount) if allowed => Some(decimal::money(amount, told.penalty_currency.as_deref().unwrap_or(currency))?),
        _ => None,
    };
    Ok(Some(Condition { allowed, penalty }))
}

/// All slices allow it, or it is not allowed; the penalties are added up where all are told, in one currency.
fn together<T: Deref<Target = str>>(
    slices: &[Slice<T>],
    pick: fn(&trip::Conditions<T>) -> Option<&trip::Condition<T>>,
    currency: &str,
) -> Result<Option<Condition>, AmountError> {
    let each: Option<Vec<&trip::Condition<T>>> =
        slices.iter().map(|slice| slice.conditions.as_ref().and_then(pick)).collect();
    let Some(each) = each.filter(|each| !each.is_empty()) else { return Ok(None) };
    let each = each.into_iter().map(|told| condition(told, currency)).collect::<Result<Vec<_>, _>>()?;
    let each: Option<Vec<Condition>> = each.into_iter().collect();
    let Some(each) = each else { return Ok(None) };
    if each.iter().any(|condition| !condition.allowed) {
        return Ok(Some(Condition { allowed: false, penalty: None }));
    }
    let penalty = each
        .into_iter()
        .map(|condition| condition.penalty)
        .reduce(|sum, penalty| decimal::add(&sum?, &penalty?).ok())
        .flatten();
    Ok(Some(Condition { allowed: true, penalty }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(conditions: serde_json::Value) -> Vec<Slice> {
        let slice = |c: &serde_json::Value| serde_json::json!({"segments": [], "conditions": c});
        let list = conditions.as_array().expect("a list").iter().map(slice).collect();
        serde_json::from_value(serde_json::Value::Array(list)).expect("slices")
    }

    #[test]
    fn the_whole_offers_answer_comes_first() {
        let whole: trip::Conditions = serde_json::from_value(serde_json::json!({
            "change_before_departure": {"allowed": true, "penalty_amount": "40.00", "penalty_currency": "EUR"},
            "refund_before_departure": {"allowed": false, "penalty_amount": null}
        }))
        .expect("conditions");
        let of_slices = slices(serde_json::json!([{"change_before_departure": {"allowed": false}}]));
        let mapped = conditions(Some(&whole), &of_slices, "GBP").expect("maps");
        let change = mapped.change_before_departure.expect("told");
        assert!(change.allowed);
        assert_eq!(change.penalty.map(|p| (p.units, p.currency)), Some((4000, "EUR".to_owned())));
        assert_eq!(mapped.refund_before_departure, Some(Condition { allowed: false, penalty: None }));
        assert_eq!(mapped.refund_after_departure, None);
    }

    #[test]
    fn slices_answer_together_only_if_all_do() {
        let allowed =
            |amount: &str| serde_json::json!({"change_before_departure": {"allowed": true, "penalty_amount": amount}});
        let change = |list| conditions(None, &slices(list), "JPY").expect("maps").change_before_departure;
        let both = change(serde_json::json!([allowed("1000"), allowed("500")])).expect("told");
        assert_eq!(both.penalty.map(|p| p.units), Some(1500));
        assert_eq!(change(serde_json::json!([allowed("1000"), {}])), None);
        let one_refuses = serde_json::json!([allowed("1"), {"change_before_departure": {"allowed": false}}]);
        assert_eq!(change(one_refuses), Some(Condition { allowed: false, penalty: None }));
    }
}

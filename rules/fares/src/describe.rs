//! What the rule set says of itself.

use crate::terms::{COMMISSIONS, DISCOUNTS, FEES, MARKUPS, ROUNDING_ID};
use interline_rules_sdk::{RuleSet, rule};

/// All rules, by id.
pub fn rule_set() -> RuleSet {
    let mut rules = Vec::new();
    rules.extend(MARKUPS.iter().map(|one| rule(one.id, one.name, one.explanation)));
    rules.extend(FEES.iter().map(|one| rule(one.id, one.name, one.explanation)));
    rules.extend(DISCOUNTS.iter().map(|one| rule(one.id, one.name, one.explanation)));
    rules.extend(COMMISSIONS.iter().map(|one| rule(one.id, one.name, one.explanation)));
    rules.push(rule(
        ROUNDING_ID,
        "rounding",
        "Up to the next unit that people pay with in the currency shown: 1 000 rupiah, 10 yen, 10 cents.",
    ));
    RuleSet { name: "fares".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), rules }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_own_number_and_explains_itself() {
        let rules = rule_set().rules;
        for (at, one) in rules.iter().enumerate() {
            assert!(rules[..at].iter().all(|other| other.id < one.id && other.name != one.name), "{}", one.id);
            assert!(one.explanation.len() > 20, "{}", one.name);
        }
    }
}

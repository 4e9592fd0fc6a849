//! What the traveller pays: markup, service fee, discounts, commission, rounding.
//!
//! The terms stand in [`terms`] as data; how they are applied stands in `price`. Markup: the first rule that fits.
//! Service fee: by channel. Discounts: all that fit, together never more than markup and fee, so that nothing is sold
//! below the supplier's price. Commission is told and not added. Rounding goes up to the next unit that people pay with.

#![deny(missing_docs)]

mod candidates;
mod condition;
mod describe;
mod price;
mod rounding;
pub mod terms;

pub use candidates::Terms;
pub use condition::When;
use interline_rules_sdk::fares::{Guest, Priced};
use interline_rules_sdk::{RuleError, RuleSet, Table};
pub use price::price;
use std::sync::LazyLock;

/// The rule set, as the contract wants it.
pub struct FareRules;

impl Guest for FareRules {
    fn describe() -> RuleSet {
        describe::rule_set()
    }

    fn price(facts: Table) -> Result<Priced, RuleError> {
        static TERMS: LazyLock<Terms> = LazyLock::new(Terms::of_the_agency);
        price(&TERMS, &facts)
    }
}

#[cfg(feature = "component")]
interline_rules_sdk::rule_set!(FareRules by export_fares);

//! What rule sets are written with.
//!
//! A rule set is a crate built for `wasm32-unknown-unknown`, where nothing can be imported: no clock, no network, no
//! chance. It implements `Guest` of one of the worlds in `wit/rules` and `wit/rules-0.2`, and exports it:
//!
//! ```
//! use interline_rules_sdk::fares::{Guest, Lines, Priced};
//! use interline_rules_sdk::{Facts, RuleError, RuleSet, Table};
//!
//! struct Generous;
//!
//! impl Guest for Generous {
//!     fn describe() -> RuleSet {
//!         RuleSet { name: "generous".into(), version: "1".into(), rules: vec![] }
//!     }
//!
//!     fn price(facts: Table) -> Result<Priced, RuleError> {
//!         Facts::of(&facts)?;
//!         Ok(Lines::default().priced(None))
//!     }
//! }
//!
//! interline_rules_sdk::rule_set!(Generous by export_fares);
//! ```
//!
//! Its functions are ordinary Rust: unit tests call them natively.

#![deny(missing_docs)]

#[doc(hidden)]
pub mod bindings;
pub mod code;
pub mod columns;
mod facts;
pub mod fares;
pub mod share;

pub use bindings::baggage::export_baggage;
pub use bindings::cancellation::export_cancellation;
pub use bindings::fares::export_fares;
pub use bindings::fares::interline::rules0_1_0::facts::{
    Column, Constant, RuleError, RuleInfo, RuleSet, Table, Values,
};
pub use facts::{Facts, Lane};

/// Exports a rule set, where it is built as a component, by the macro of its world: `rule_set!(FareRules by export_fares)`.
#[macro_export]
macro_rules! rule_set {
    ($rules:ident by $export:ident) => {
        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "what is generated exports functions by their names")]
        mod component {
            use super::$rules;
            $crate::$export!($rules);
        }
    };
}

/// The world `baggage-rules`: what baggage is included where the supplier did not say.
pub mod baggage {
    pub use crate::bindings::baggage::exports::interline::rules::baggage::{Allowance, Guest};
}

/// The world `cancellation-rules`: what cancelling costs, when.
pub mod cancellation {
    pub use crate::bindings::cancellation::exports::interline::rules::cancellation::{Guest, Window};
}

/// One rule, as `describe` tells it: the number in answers, a short name, and what it does and why.
pub fn rule(id: u32, name: &str, explanation: &str) -> RuleInfo {
    RuleInfo { id, name: name.to_owned(), explanation: explanation.to_owned() }
}

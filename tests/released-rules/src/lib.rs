//! The agency's fares, answering in records, as release 0.1.0 of the contract wants it.

#[cfg(target_family = "wasm")]
#[expect(unsafe_code, reason = "what is generated exports functions by their names")]
mod component {
    use exports::interline::rules::fares::{Guest, Line, LineKind, Priced};
    use fare_rules::FareRules;
    use interline_rules_sdk::fares::{Guest as Newest, LineKind as Kind};
    use interline_rules_sdk::{RuleError, RuleSet, Table};

    wit_bindgen::generate!({
        path: "../../wit/rules",
        world: "fare-rules",
        with: { "interline:rules/facts@0.1.0": interline_rules_sdk::bindings::fares::interline::rules0_1_0::facts },
    });

    struct Released;

    impl Guest for Released {
        fn describe() -> RuleSet {
            FareRules::describe()
        }

        fn price(facts: Table) -> Result<Priced, RuleError> {
            let priced = FareRules::price(facts)?;
            let kind = |kind| match kind {
                Kind::Markup => LineKind::Markup,
                Kind::ServiceFee => LineKind::ServiceFee,
                Kind::Discount => LineKind::Discount,
                Kind::Commission => LineKind::Commission,
                Kind::Rounding => LineKind::Rounding,
            };
            let line = |line: interline_rules_sdk::fares::Line| Line {
                row: line.row,
                rule: line.rule,
                kind: kind(line.kind),
                amount: line.amount,
            };
            Ok(Priced { lines: priced.lines().map(line).collect(), changes_at: priced.changes_at })
        }
    }

    export!(Released);
}

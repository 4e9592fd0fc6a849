//! Facts, as a host may tell them and as it should not.

use interline_rules_sdk::code::pack;
use interline_rules_sdk::columns::{ALL, Kind};
use interline_runtime::{FactTable, Values};
use proptest::prelude::*;

/// Codes that rules know, numbers that they know, and others.
fn code() -> impl Strategy<Value = u32> {
    let codes = prop::sample::select(vec!["GA", "SQ", "EK", "FR", "LH", "NH", "ID", "CGK", "EUR"]);
    prop_oneof![4 => 0_u32..10, 3 => codes.prop_map(pack), 1 => any::<u32>()]
}

/// Amounts, times near each other, and what goes beyond all measure.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 0_i64..100_000_000, 3 => 29_900_000_i64..30_300_000, 1 => any::<i64>()]
}

/// Facts of any rule set: registered columns, some of them missing or of the wrong kind, and one that nobody knows.
pub fn facts() -> impl Strategy<Value = FactTable> {
    (0_u32..40).prop_flat_map(|rows| {
        let length = rows as usize;
        let codes = move || prop::collection::vec(code(), length).prop_map(Values::Codes);
        let amounts = move || prop::collection::vec(amount(), length).prop_map(Values::Amounts);
        let column = move |kind| match kind {
            Kind::Codes => prop_oneof![99 => codes(), 1 => amounts()].boxed(),
            Kind::Constant | Kind::Amounts => prop_oneof![99 => amounts(), 1 => codes()].boxed(),
        };
        let registered = ALL.iter().filter(|column| column.kind != Kind::Constant);
        let columns: Vec<_> = registered
            .map(|one| prop::option::weighted(0.95, column(one.kind).prop_map(move |values| (one.id, values))))
            .collect();
        let constants = ALL.iter().filter(|column| column.kind == Kind::Constant);
        let constants: Vec<_> = constants
            .map(|one| {
                let value = prop_oneof![5 => code().prop_map(i64::from), 5 => amount()];
                prop::option::weighted(0.97, value.prop_map(move |value| (one.id, value)))
            })
            .collect();
        (columns, constants, column(Kind::Amounts)).prop_map(move |(columns, constants, unknown)| FactTable {
            rows,
            constants: constants.into_iter().flatten().collect(),
            columns: columns.into_iter().flatten().chain([(60_000, unknown)]).collect(),
        })
    })
}

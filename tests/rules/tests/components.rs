//! The built components, through the runtime, answer as the same rules do natively, in whatever order they are asked.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use interline_native_rules::Loaded;
use interline_rules_sdk::code::pack;
use interline_rules_sdk::columns::{ALL, Kind};
use interline_runtime::{FactTable, MemoryStateStore, RuleSetInfo, RuleSets, Runtime, RuntimeConfig, Values};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

/// `INTERLINE_COMPONENTS`, else `components` in the target folder.
fn components() -> PathBuf {
    let beside_tests = || {
        let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        target.join("components")
    };
    let folder = std::env::var_os("INTERLINE_COMPONENTS").map_or_else(beside_tests, PathBuf::from);
    assert!(folder.join("fares.wasm").is_file(), "{} has no fares.wasm: `make plugins` makes it", folder.display());
    folder
}

/// Runs a property against the components and the native rules.
fn check<T: Debug>(
    cases: u32,
    input: impl Strategy<Value = T>,
    property: impl AsyncFn(&Runtime, &Loaded, T) -> Result<(), TestCaseError>,
) {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let artifacts = tempfile::tempdir().unwrap();
    let config = RuntimeConfig { watch: false, ..RuntimeConfig::new(components(), artifacts.path().join("compiled")) };
    let runtime = tokio.block_on(Runtime::start(config, Arc::new(MemoryStateStore::default()))).unwrap();
    let native = Loaded::native();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner.run(&input, |input| tokio.block_on(property(&runtime, &native, input))).unwrap();
    tokio.block_on(runtime.shutdown());
}

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
fn facts() -> impl Strategy<Value = FactTable> {
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

fn descriptions(rules: &impl RuleSets) -> [RuleSetInfo; 3] {
    [
        rules.fares().unwrap().describe().clone(),
        rules.baggage().unwrap().describe().clone(),
        rules.cancellation().unwrap().describe().clone(),
    ]
}

/// What all three rule sets answer; an error is as good as another, since each side has its own words for it.
async fn answers(rules: &impl RuleSets, facts: &FactTable) -> [Result<Vec<u8>, ()>; 3] {
    let fares = rules.fares().unwrap().price(facts).await;
    let baggage = rules.baggage().unwrap().allow(facts).await;
    let cancellation = rules.cancellation().unwrap().penalties(facts).await;
    [
        fares.map(|answer| serde_json::to_vec(&answer).unwrap()).map_err(drop),
        baggage.map(|answer| serde_json::to_vec(&answer).unwrap()).map_err(drop),
        cancellation.map(|answer| serde_json::to_vec(&answer).unwrap()).map_err(drop),
    ]
}

#[test]
fn a_component_answers_byte_for_byte_as_its_rules_do_natively() {
    check(256, facts(), async |runtime, native, facts| {
        prop_assert_eq!(answers(runtime, &facts).await, answers(native, &facts).await);
        Ok(())
    });
}

#[test]
fn calls_in_another_order_or_all_at_once_give_the_same_bytes() {
    let calls =
        prop::collection::vec(facts(), 2..8).prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle()));
    check(24, calls, async |runtime, _, (calls, shuffled)| {
        let mut expected = Vec::new();
        for facts in &calls {
            expected.push(answers(runtime, facts).await);
        }
        for facts in &shuffled {
            let at = calls.iter().position(|one| one == facts).unwrap();
            prop_assert_eq!(&answers(runtime, facts).await, &expected[at]);
        }
        let at_once = futures::future::join_all(calls.iter().map(|facts| answers(runtime, facts))).await;
        prop_assert_eq!(at_once, expected);
        Ok(())
    });
}

#[test]
fn a_component_describes_itself_as_its_rules_do_natively() {
    check(1, Just(()), async |runtime, native, ()| {
        prop_assert_eq!(descriptions(runtime), descriptions(native));
        Ok(())
    });
}

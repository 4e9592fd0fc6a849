//! The built components answer as the same rules do natively, in whatever order they are asked.

use crate::facts::facts;
use crate::lab::{check, components};
use interline_runtime::{FactTable, RuleSetInfo, RuleSets};
use proptest::prelude::*;

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
    check(components(), 256, facts(), async |runtime, native, facts| {
        prop_assert_eq!(answers(runtime, &facts).await, answers(native, &facts).await);
        Ok(())
    });
}

#[test]
fn calls_in_another_order_or_all_at_once_give_the_same_bytes() {
    let calls =
        prop::collection::vec(facts(), 2..8).prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle()));
    check(components(), 24, calls, async |runtime, _, (calls, shuffled)| {
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
    check(components(), 1, Just(()), async |runtime, native, ()| {
        prop_assert_eq!(descriptions(runtime), descriptions(native));
        Ok(())
    });
}

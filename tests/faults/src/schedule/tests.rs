use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn scopes() -> impl Strategy<Value = Scope> {
    (1_000..700_000_u64, 1..5_usize, 0..4_usize, prop_oneof![Just(0_usize), Just(3)], any::<bool>())
        .prop_map(|(millis, nodes, workers, shards, broker)| Scope { millis, nodes, workers, shards, broker })
}

/// Targets that are dead after each event.
fn dead_after(events: &[Event]) -> Vec<HashSet<Target>> {
    let mut dead = HashSet::new();
    let step = |event: &Event| {
        match event.what {
            What::Kill(target) => assert!(dead.insert(target), "{target} is killed twice"),
            What::Restart(target) => assert!(dead.remove(&target), "{target} is started, and was not dead"),
            What::Weather(_) => {}
        }
        dead.clone()
    };
    events.iter().map(step).collect()
}

proptest! {
    #[test]
    fn the_same_seed_makes_the_same_schedule(seed: u64, scope in scopes()) {
        prop_assert_eq!(schedule(seed, &scope), schedule(seed, &scope));
    }

    #[test]
    fn what_is_killed_is_started_again_in_time(seed: u64, scope in scopes()) {
        let events = schedule(seed, &scope);
        prop_assert!(events.is_sorted_by_key(|event| event.at));
        prop_assert!(events.iter().all(|event| event.at <= scope.millis));
        let dead = dead_after(&events);
        prop_assert!(dead.last().is_none_or(HashSet::is_empty));
    }

    #[test]
    fn one_gateway_and_a_majority_of_redis_always_live(seed: u64, scope in scopes()) {
        for dead in dead_after(&schedule(seed, &scope)) {
            let count = |kind: fn(&Target) -> bool| dead.iter().filter(|target| kind(target)).count();
            prop_assert!(count(|target| matches!(target, Target::Gateway(_))) < scope.nodes);
            prop_assert!(count(|target| matches!(target, Target::RedisPrimary(_))) <= 1);
        }
    }

    #[test]
    fn a_minute_meets_every_kind_of_target(seed: u64) {
        let scope = Scope { millis: 60_000, nodes: 3, workers: 2, shards: 3, broker: true };
        let events = schedule(seed, &scope);
        let killed = |kind: fn(Target) -> bool| {
            events.iter().any(|event| matches!(event.what, What::Kill(target) if kind(target)))
        };
        prop_assert!(killed(|target| matches!(target, Target::Gateway(_))));
        prop_assert!(killed(|target| matches!(target, Target::Worker(_))));
        prop_assert!(killed(|target| matches!(target, Target::RedisPrimary(_))));
        prop_assert!(killed(|target| target == Target::Broker));
        prop_assert!(killed(|target| target == Target::Database));
    }

    #[test]
    fn every_fault_can_happen_and_the_weather_ends_calm(seed: u64, scope in scopes()) {
        let events = schedule(seed, &scope);
        let mut last = None;
        for event in &events {
            if let What::Weather(weather) = &event.what {
                for fault in &weather.faults {
                    prop_assert!(fault.check().is_ok(), "{:?}", fault);
                }
                last = Some(weather);
            }
        }
        prop_assert!(last.is_none_or(|weather| *weather == Weather::calm()));
    }

    #[test]
    fn other_targets_leave_the_weather_as_it_was(seed: u64, scope in scopes()) {
        let weather = |scope: &Scope| -> Vec<Event> {
            schedule(seed, scope).into_iter().filter(|event| matches!(event.what, What::Weather(_))).collect()
        };
        prop_assert_eq!(weather(&scope), weather(&Scope { broker: !scope.broker, ..scope }));
    }
}

#[test]
fn seeds_differ() {
    let scope = Scope { millis: 60_000, nodes: 3, workers: 2, shards: 3, broker: true };
    let schedules: Vec<_> = (0..20).map(|seed| schedule(seed, &scope)).collect();
    for (index, one) in schedules.iter().enumerate() {
        assert!(schedules[index + 1..].iter().all(|other| one != other));
    }
}

use crate::Repeated;
use crate::testing::{Rig, Scripted, direct, reply, request};
use bytes::Bytes;
use proptest::prelude::*;
use std::sync::Arc;

/// What happens between two searches.
#[derive(Debug, Clone, Copy)]
enum Event {
    Passes { seconds: i64 },
    Markup(i64),
    Plugin { new: bool },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0_i64..400).prop_map(|seconds| Event::Passes { seconds }),
        (0_i64..3).prop_map(|units| Event::Markup(units * 100)),
        any::<bool>().prop_map(|new| Event::Plugin { new }),
    ]
}

/// Each answer dearer than the one before.
fn selling(version: &'static str) -> Arc<Scripted> {
    Scripted::versioned("a", version, |call| async move {
        Ok(reply(&[direct("GA", 1, 8, 50_000 + 100 * i64::try_from(call).unwrap())]))
    })
}

async fn shown(rig: &Rig, repeated: &Repeated) -> Option<[Bytes; 2]> {
    Some(rig.service.cached(repeated).await?.body())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn who_asks_again_is_shown_what_is_shown_to_who_asks_for_the_first_time(
        events in prop::collection::vec(event(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let plugins = [selling("1.0.0"), selling("1.1.0")];
            let rig = Rig::new([Arc::clone(&plugins[0])]);
            let again = Repeated::new(request());
            for event in events {
                match event {
                    Event::Passes { seconds } => rig.clock.advance(seconds),
                    Event::Markup(units) => {
                        rig.rules.set_markup(units);
                        // What rules there are is looked at some sixty times a second, plugins once.
                        rig.clock.advance(1);
                    }
                    Event::Plugin { new } => {
                        rig.fleet.replace([Arc::clone(&plugins[usize::from(new)])]);
                        rig.clock.advance(1);
                    }
                }
                assert_eq!(shown(&rig, &again).await, shown(&rig, &Repeated::new(request())).await);
                // A refresh may have landed of which there is no view yet.
                while shown(&rig, &again).await.is_none() {
                    rig.service.search(&request()).await.unwrap();
                }
                assert_eq!(shown(&rig, &again).await, shown(&rig, &Repeated::new(request())).await);
            }
        });
    }
}

#[tokio::test]
async fn a_generation_lasts_until_other_offers_or_other_rules_are_seen() {
    let rig = Rig::new([selling("1.0.0")]);
    let again = Repeated::new(request());
    rig.service.search(&request()).await.unwrap();
    let (generation, body) = (rig.service.generation(), shown(&rig, &again).await);
    for _ in 0..20 {
        assert_eq!(shown(&rig, &again).await, body);
    }
    assert_eq!(rig.service.generation(), generation, "nothing is new");

    // Past its time it is shown while it is refreshed; the clock stands from here on.
    rig.clock.advance(340);
    let body = shown(&rig, &again).await.unwrap();
    while rig.service.search(&request()).await.unwrap().body()[0] == body[0] {
        tokio::task::yield_now().await;
    }
    while rig.service.generation() == generation {
        tokio::task::yield_now().await;
    }

    let generation = rig.service.generation();
    rig.rules.set_markup(1_500);
    rig.clock.advance(1);
    rig.service.search(&request()).await.unwrap();
    assert_ne!(rig.service.generation(), generation);
}

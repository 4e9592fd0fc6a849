use crate::error::SearchError;
use crate::page::{CacheState, SupplierState};
use crate::testing::{Rig, Scripted, direct, fault, reply, request};
use crate::{MemoryCache, SearchConfig, SupersetCache};
use interline_domain::fault::Disposition;
use interline_domain::trip::SearchKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

/// Sells one more cent with every call.
fn dearer_each_time(name: &str) -> Arc<Scripted> {
    Scripted::new(name, |call| async move { Ok(reply(&[direct("GA", 1, 8, 50_000 + call as i64)])) })
}

fn price(page: &crate::SearchPage) -> String {
    serde_json::from_slice::<crate::view::OfferView>(&page.content.offers[0])
        .unwrap()
        .fare
        .price
        .total
        .amount
        .to_string()
}

#[tokio::test]
async fn a_stale_answer_is_shown_while_a_fresh_one_is_asked_for() {
    let supplier = dearer_each_time("a");
    let rig = Rig::new([Arc::clone(&supplier)]);
    assert_eq!(price(&rig.service.search(&request()).await.unwrap()), "500.00");
    // Beyond five minutes and a tenth, within the ten that it may be shown.
    rig.clock.advance(340);
    let stale = rig.service.search(&request()).await.unwrap();
    assert_eq!((stale.cache, price(&stale)), (CacheState::Stale, "500.00".to_owned()));
    assert!(stale.suppliers[0].age_s >= 340);
    until(|| supplier.calls() == 2).await;
    loop {
        let page = rig.service.search(&request()).await.unwrap();
        if page.cache == CacheState::Hit {
            assert_eq!(price(&page), "500.01");
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(supplier.calls(), 2);
}

#[tokio::test]
async fn beyond_its_time_nothing_is_shown() {
    let supplier = dearer_each_time("a");
    let rig = Rig::new([Arc::clone(&supplier)]);
    rig.service.search(&request()).await.unwrap();
    rig.clock.advance(3_600);
    let page = rig.service.search(&request()).await.unwrap();
    assert_eq!((page.cache, price(&page)), (CacheState::Miss, "500.01".to_owned()));
}

#[tokio::test]
async fn only_the_supplier_that_failed_is_asked_again() {
    let works = Arc::new(AtomicBool::new(false));
    let flaky = {
        let works = Arc::clone(&works);
        Scripted::new("flaky", move |_| {
            let works = works.load(Ordering::SeqCst);
            async move { if works { Ok(reply(&[direct("NH", 2, 9, 60_000)])) } else { Err(fault(Disposition::Rejected)) } }
        })
    };
    let sound = dearer_each_time("sound");
    let rig = Rig::new([Arc::clone(&flaky), Arc::clone(&sound)]);
    let page = rig.service.search(&request()).await.unwrap();
    assert_eq!((page.content.total_matching, page.complete), (1, false));
    assert_eq!(page.suppliers[0].status, SupplierState::Rejected);
    works.store(true, Ordering::SeqCst);
    rig.clock.advance(20);
    assert_eq!(rig.service.search(&request()).await.unwrap().cache, CacheState::Stale);
    until(|| flaky.calls() == 2).await;
    loop {
        let page = rig.service.search(&request()).await.unwrap();
        if page.complete {
            assert_eq!(page.content.total_matching, 2);
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(sound.calls(), 1);
}

#[tokio::test]
async fn offers_from_before_stay_when_their_supplier_fails_later() {
    let flaky = Scripted::new("flaky", |call| async move {
        if call == 0 { Ok(reply(&[direct("NH", 2, 9, 60_000)])) } else { Err(fault(Disposition::Rejected)) }
    });
    let rig = Rig::new([Arc::clone(&flaky)]);
    rig.service.search(&request()).await.unwrap();
    rig.clock.advance(340);
    rig.service.search(&request()).await.unwrap();
    until(|| flaky.calls() == 2).await;
    loop {
        let page = rig.service.search(&request()).await.unwrap();
        if page.suppliers[0].status == SupplierState::Rejected {
            assert_eq!((page.content.total_matching, page.complete), (1, false));
            assert!(page.suppliers[0].age_s >= 340);
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_rule_change_costs_no_supplier_call() {
    let supplier = Scripted::selling("a", reply(&[direct("GA", 1, 8, 50_000)]));
    let rig = Rig::new([Arc::clone(&supplier)]);
    assert_eq!(price(&rig.service.search(&request()).await.unwrap()), "500.00");
    rig.rules.set_markup(1_500);
    rig.clock.advance(1);
    let page = rig.service.search(&request()).await.unwrap();
    assert_eq!((page.cache, price(&page)), (CacheState::Hit, "515.00".to_owned()));
    assert_eq!(supplier.calls(), 1);
}

#[tokio::test]
async fn a_view_is_priced_once_for_all_who_want_it_and_fails_once_for_all() {
    let rig = Rig::new([Scripted::selling("a", reply(&[direct("GA", 1, 8, 50_000)]))]);
    let request = request();
    let pages = futures::future::join_all((0..50).map(|_| rig.service.search(&request))).await;
    assert!(pages.iter().all(Result::is_ok));
    assert_eq!(rig.rules.calls(), 1);
    rig.rules.set_markup(7);
    rig.rules.break_down();
    rig.clock.advance(1);
    let pages = futures::future::join_all((0..50).map(|_| rig.service.search(&request))).await;
    assert!(pages.iter().all(|page| matches!(page, Err(SearchError::Pricing(_)))));
    assert_eq!(rig.rules.calls(), 2);
}

#[tokio::test]
async fn another_node_reads_what_this_one_stored() {
    let cache: Arc<dyn SupersetCache> = Arc::new(MemoryCache::new(1 << 24));
    let supplier = dearer_each_time("a");
    let here = Rig::with(SearchConfig::default(), [Arc::clone(&supplier)], Arc::clone(&cache));
    let there = Rig::with(SearchConfig::default(), [Arc::clone(&supplier)], cache);
    here.service.search(&request()).await.unwrap();
    assert_eq!(price(&there.service.search(&request()).await.unwrap()), "500.00");
    assert_eq!(supplier.calls(), 1);
}

#[tokio::test]
async fn what_a_rolled_back_plugin_fetched_is_not_shown() {
    let sells = |version, number| {
        Scripted::versioned("a", version, move |_| async move { Ok(reply(&[direct("GA", number, 8, 50_000)])) })
    };
    let (old, new) = (sells("1.0.0", 1), sells("1.1.0", 2));
    let rig = Rig::new([Arc::clone(&old)]);
    rig.service.search(&request()).await.unwrap();
    rig.fleet.replace([Arc::clone(&new)]);
    rig.clock.advance(1);
    // An older version's answer is good until it ends.
    assert_eq!(rig.service.search(&request()).await.unwrap().cache, CacheState::Hit);
    rig.clock.advance(3_600);
    rig.service.search(&request()).await.unwrap();
    assert_eq!((old.calls(), new.calls()), (1, 1));
    rig.fleet.replace([Arc::clone(&old)]);
    rig.clock.advance(1);
    assert_eq!(rig.service.search(&request()).await.unwrap().cache, CacheState::Miss);
    assert_eq!((old.calls(), new.calls()), (2, 1));
}

#[tokio::test]
async fn a_supplier_that_is_new_is_asked_alone() {
    let (first, second) =
        (dearer_each_time("first"), Scripted::selling("second", reply(&[direct("NH", 2, 9, 60_000)])));
    let rig = Rig::new([Arc::clone(&first)]);
    rig.service.search(&request()).await.unwrap();
    rig.fleet.replace([Arc::clone(&first), Arc::clone(&second)]);
    rig.clock.advance(1);
    assert_eq!(rig.service.search(&request()).await.unwrap().content.total_matching, 2);
    assert_eq!((first.calls(), second.calls()), (1, 1));
}

#[tokio::test]
async fn a_stored_superset_comes_back_from_bytes_as_it_went() {
    let rig = Rig::new([Scripted::selling("a", reply(&[direct("GA", 1, 8, 50_000)]))]);
    rig.service.search(&request()).await.unwrap();
    let key = SearchKey::new(&request().trip, &request().scope);
    let superset = rig.cache.get(&key, &["a"]).await.unwrap();
    let bytes = postcard::to_stdvec(&superset).unwrap();
    assert_eq!(postcard::from_bytes::<crate::Superset>(&bytes).unwrap(), superset);
}

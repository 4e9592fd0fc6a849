use crate::error::SearchError;
use crate::page::{CacheState, SupplierState};
use crate::testing::{Rig, Scripted, direct, fault, reply, request};
use crate::{MemoryCache, SearchConfig};
use futures::future::join_all;
use interline_domain::fault::Disposition;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// A supplier that answers when the gate is opened.
fn gated(name: &str, gate: &Arc<Semaphore>) -> Arc<Scripted> {
    let gate = Arc::clone(gate);
    Scripted::new(name, move |_| {
        let gate = Arc::clone(&gate);
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(reply(&[direct("GA", 874, 8, 50_000)]))
        }
    })
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn five_hundred_cold_searches_ask_each_supplier_once() {
    let gate = Arc::new(Semaphore::new(0));
    let suppliers: Vec<_> = ["a", "b", "c"].map(|name| gated(name, &gate)).to_vec();
    let rig = Rig::new(suppliers.clone());
    let request = request();
    let searches = join_all((0..500).map(|_| rig.service.search(&request)));
    let opened = async {
        until(|| suppliers.iter().all(|supplier| supplier.calls() == 1)).await;
        gate.add_permits(3);
    };
    let (pages, ()) = tokio::join!(searches, opened);
    let states: Vec<_> = pages.iter().map(|page| page.as_ref().unwrap().cache).collect();
    assert_eq!(states.iter().filter(|state| **state == CacheState::Miss).count(), 1);
    // Who is polled only after the flight has landed finds its superset in memory.
    let shared = |state: &&CacheState| matches!(state, CacheState::Coalesced | CacheState::Hit);
    assert_eq!(states.iter().filter(shared).count(), 499);
    assert!(suppliers.iter().all(|supplier| supplier.calls() == 1));
    assert_eq!(rig.service.search(&request).await.unwrap().cache, CacheState::Hit);
}

#[tokio::test]
async fn a_cancelled_first_search_leaves_its_flight_to_the_others() {
    let gate = Arc::new(Semaphore::new(0));
    let supplier = gated("a", &gate);
    let rig = Rig::new([Arc::clone(&supplier)]);
    let (first, second) = (rig.service.clone(), rig.service.clone());
    let first = tokio::spawn(async move { first.search(&request()).await });
    until(|| supplier.calls() == 1).await;
    let second = tokio::spawn(async move { second.search(&request()).await });
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    assert_eq!(second.await.unwrap().unwrap().content.total_matching, 1);
    assert_eq!(supplier.calls(), 1);
}

#[tokio::test]
async fn a_panic_in_one_supplier_costs_its_offers_alone() {
    let broken = Scripted::new("broken", |_| async { panic!("scripted") });
    let rig = Rig::new([broken, Scripted::selling("sound", reply(&[direct("GA", 1, 8, 50_000)]))]);
    let page = rig.service.search(&request()).await.unwrap();
    assert_eq!(page.content.total_matching, 1);
    assert_eq!(page.suppliers.iter().filter(|supplier| supplier.status == SupplierState::Ok).count(), 1);
    assert!(!page.complete);
}

fn impatient(suppliers: impl IntoIterator<Item = Arc<Scripted>>) -> Rig {
    let config = SearchConfig { deadline_ms: 40, ..SearchConfig::default() };
    Rig::with(config, suppliers, Arc::new(MemoryCache::new(1 << 20)))
}

#[tokio::test]
async fn one_that_hangs_does_not_keep_the_others_offers_beyond_the_deadline() {
    let hanging = Scripted::new("hanging", |_| std::future::pending());
    let rig = impatient([hanging, Scripted::selling("quick", reply(&[direct("GA", 1, 8, 50_000)]))]);
    let request = request();
    for page in join_all((0..500).map(|_| rig.service.search(&request))).await {
        let page = page.unwrap();
        assert_eq!((page.content.total_matching, page.complete), (1, false));
        assert_eq!(page.suppliers[0].status, SupplierState::Timeout);
        assert_eq!(page.suppliers[1].status, SupplierState::Ok);
    }
}

#[tokio::test]
async fn what_a_late_supplier_answers_is_there_for_the_next_search() {
    let gate = Arc::new(Semaphore::new(0));
    let late = gated("late", &gate);
    let rig = impatient([Arc::clone(&late), Scripted::selling("quick", reply(&[direct("NH", 1, 8, 50_000)]))]);
    assert_eq!(rig.service.search(&request()).await.unwrap().content.total_matching, 1);
    gate.add_permits(1);
    loop {
        let page = rig.service.search(&request()).await.unwrap();
        assert_eq!(page.cache, CacheState::Hit);
        if page.complete {
            assert_eq!(page.content.total_matching, 2);
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(late.calls(), 1);
}

#[tokio::test]
async fn when_all_fail_the_pause_that_they_asked_for_is_kept() {
    let delay = Duration::from_secs(30);
    let supplier = Scripted::new("a", move |_| async move { Err(fault(Disposition::RetryAfter { delay })) });
    let rig = Rig::new([Arc::clone(&supplier)]);
    for _ in 0..3 {
        let failed = rig.service.search(&request()).await.unwrap_err();
        let SearchError::AllSuppliersFailed { statuses, retry_after } = failed else { panic!("{failed}") };
        assert_eq!(statuses[0].status, SupplierState::RetryAfter);
        assert!(retry_after >= Duration::from_secs(29), "{retry_after:?}");
    }
    assert_eq!(supplier.calls(), 1);
    rig.clock.advance(40);
    assert!(rig.service.search(&request()).await.is_err());
    assert_eq!(supplier.calls(), 2);
}

#[tokio::test]
async fn without_suppliers_there_is_a_typed_answer() {
    let rig = Rig::new([]);
    assert!(matches!(rig.service.search(&request()).await, Err(SearchError::NoSuppliers)));
}

#[tokio::test]
async fn more_trips_at_once_than_allowed_are_refused() {
    let gate = Arc::new(Semaphore::new(0));
    let supplier = gated("a", &gate);
    let config = SearchConfig { max_flights: 1, ..SearchConfig::default() };
    let rig = Rig::with(config, [Arc::clone(&supplier)], Arc::new(MemoryCache::new(1 << 20)));
    let service = rig.service.clone();
    let first = tokio::spawn(async move { service.search(&request()).await });
    until(|| supplier.calls() == 1).await;
    let mut other = request();
    other.scope.point_of_sale = "JP".into();
    assert!(matches!(rig.service.search(&other).await, Err(SearchError::Overloaded)));
    gate.add_permits(1);
    assert!(first.await.unwrap().is_ok());
}

use crate::cache::{Claim, Lease, Wakes};
use crate::error::SearchError;
use crate::page::{CacheState, SupplierState};
use crate::testing::{Rig, Scripted, direct, reply, request};
use crate::{MemoryCache, SearchConfig, Superset, SupersetCache, SupplierUpdate};
use async_trait::async_trait;
use futures::StreamExt;
use futures::future::join_all;
use interline_domain::trip::SearchKey;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// A level behind that several nodes of one process share.
struct Level {
    kept: MemoryCache,
    held: Arc<Mutex<Option<u64>>>,
    next: AtomicU64,
    changes: Arc<watch::Sender<u64>>,
    is_reachable: AtomicBool,
    claims: AtomicUsize,
}

struct GivenBack {
    token: u64,
    held: Arc<Mutex<Option<u64>>>,
    changes: Arc<watch::Sender<u64>>,
}

impl Drop for GivenBack {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        if *held == Some(self.token) {
            *held = None;
            self.changes.send_modify(|changes| *changes += 1);
        }
    }
}

impl Level {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            kept: MemoryCache::new(1 << 24),
            held: Arc::default(),
            next: AtomicU64::new(1),
            changes: Arc::new(watch::Sender::new(0)),
            is_reachable: AtomicBool::new(true),
            claims: AtomicUsize::new(0),
        })
    }

    fn rigs(self: &Arc<Self>, config: &SearchConfig, suppliers: &[Arc<Scripted>]) -> Vec<Rig> {
        (0..3).map(|_| Rig::with(config.clone(), suppliers.to_vec(), self.clone())).collect()
    }
}

#[async_trait]
impl SupersetCache for Level {
    async fn get(&self, key: &SearchKey, suppliers: &[&str]) -> Option<Superset> {
        self.kept.get(key, suppliers).await
    }

    async fn put(&self, key: &SearchKey, parts: Superset, keep: Duration, lease: Option<&Lease>) {
        self.kept.put(key, parts, keep, lease).await;
        self.changes.send_modify(|changes| *changes += 1);
    }

    async fn claim(&self, key: &SearchKey, suppliers: &[&str]) -> Claim {
        self.claims.fetch_add(1, Ordering::SeqCst);
        if !self.is_reachable.load(Ordering::SeqCst) {
            return Claim::Unreachable;
        }
        let token = self.next.fetch_add(1, Ordering::SeqCst);
        {
            let mut held = self.held.lock();
            if held.is_some() {
                return Claim::Elsewhere(Duration::from_secs(60));
            }
            *held = Some(token);
        }
        let given_back = GivenBack { token, held: Arc::clone(&self.held), changes: Arc::clone(&self.changes) };
        Claim::Mine(Lease::new(token, given_back), self.kept.get(key, suppliers).await)
    }

    fn watch(&self, _: &SearchKey) -> Wakes {
        Wakes::new(self.changes.subscribe(), ())
    }
}

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

fn quick(name: &str) -> Arc<Scripted> {
    Scripted::selling(name, reply(&[direct("NH", 1, 9, 40_000)]))
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

fn key() -> SearchKey {
    SearchKey::new(&request().trip, &request().scope)
}

#[tokio::test]
async fn five_hundred_cold_searches_over_three_nodes_ask_each_supplier_once() {
    let gate = Arc::new(Semaphore::new(0));
    let suppliers: Vec<_> = ["a", "b", "c"].map(|name| gated(name, &gate)).to_vec();
    let level = Level::new();
    let rigs = level.rigs(&SearchConfig::default(), &suppliers);
    let request = request();
    let searches = join_all((0..500).map(|index| rigs[index % 3].service.search(&request)));
    let opened = async {
        until(|| suppliers.iter().all(|supplier| supplier.calls() > 0) && level.claims.load(Ordering::SeqCst) >= 3)
            .await;
        gate.add_permits(9);
    };
    let (pages, ()) = tokio::join!(searches, opened);
    let misses = pages.iter().filter(|page| page.as_ref().unwrap().cache == CacheState::Miss).count();
    assert_eq!(misses, 1);
    assert!(pages.iter().all(|page| page.as_ref().unwrap().complete));
    assert!(suppliers.iter().all(|supplier| supplier.calls() == 1));
}

#[tokio::test]
async fn a_stream_on_another_node_tells_each_supplier_as_it_is_put() {
    let gate = Arc::new(Semaphore::new(0));
    let suppliers = [gated("slow", &gate), quick("quick")];
    let rigs = Level::new().rigs(&SearchConfig::default(), &suppliers);
    let (here, there) = (rigs[0].service.clone(), rigs[1].service.clone());
    let holder = tokio::spawn(async move { here.search(&request()).await });
    until(|| suppliers[0].calls() == 1).await;
    let mut stream = Box::pin(there.stream(request()));
    let first = stream.next().await.unwrap();
    assert!(matches!(first, SupplierUpdate::Supplier { status, .. } if status.name == "quick"));
    gate.add_permits(1);
    let second = stream.next().await.unwrap();
    assert!(matches!(second, SupplierUpdate::Supplier { status, .. } if status.name == "slow"));
    assert!(matches!(stream.next().await, Some(SupplierUpdate::Summary(page)) if page.cache == CacheState::Coalesced));
    assert!(holder.await.unwrap().unwrap().complete);
    assert_eq!(suppliers[0].calls() + suppliers[1].calls(), 2);
}

#[tokio::test]
async fn at_its_deadline_a_follower_answers_with_what_is_there_and_has_the_rest_later() {
    let gate = Arc::new(Semaphore::new(0));
    let suppliers = [gated("late", &gate), quick("quick")];
    let level = Level::new();
    let config = SearchConfig { deadline_ms: 60, ..SearchConfig::default() };
    let rigs = level.rigs(&config, &suppliers);
    // Another node asks, and puts what the quick one says.
    let Claim::Mine(lease, _) = level.claim(&key(), &["late", "quick"]).await else { panic!("nobody holds it") };
    let other = Rig::new([suppliers[1].clone(), quick("late")]);
    other.service.search(&request()).await.unwrap();
    let put = async |supplier| {
        let parts = other.cache.get(&key(), &[supplier]).await.unwrap();
        level.put(&key(), parts, Duration::from_secs(300), Some(&lease)).await;
    };
    put("quick").await;
    let page = rigs[0].service.search(&request()).await.unwrap();
    assert_eq!((page.content.total_matching, page.complete, page.cache), (1, false, CacheState::Coalesced));
    assert_eq!(page.suppliers[0].status, SupplierState::Timeout);
    put("late").await;
    loop {
        let page = rigs[0].service.search(&request()).await.unwrap();
        if page.complete {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(suppliers[0].calls(), 0, "a follower asks nobody");
}

#[tokio::test]
async fn when_the_holder_is_gone_one_follower_takes_over() {
    let suppliers = [quick("a"), quick("b")];
    let level = Level::new();
    let rigs = level.rigs(&SearchConfig::default(), &suppliers);
    let Claim::Mine(lease, _) = level.claim(&key(), &["a", "b"]).await else { panic!("nobody holds it") };
    let request = request();
    let searches = join_all((0..60).map(|index| rigs[index % 3].service.search(&request)));
    let gone = async {
        until(|| level.claims.load(Ordering::SeqCst) == 4).await;
        assert_eq!(suppliers[0].calls(), 0);
        drop(lease);
    };
    let (pages, ()) = tokio::join!(searches, gone);
    assert!(pages.iter().all(|page| page.as_ref().unwrap().complete));
    assert_eq!((suppliers[0].calls(), suppliers[1].calls()), (1, 1));
    assert_eq!(*level.held.lock(), None, "given back");
}

#[tokio::test]
async fn without_the_others_searches_go_on_a_few_at_a_time() {
    let gate = Arc::new(Semaphore::new(0));
    let supplier = gated("a", &gate);
    let level = Level::new();
    level.is_reachable.store(false, Ordering::SeqCst);
    let config = SearchConfig { max_flights_alone: 1, deadline_ms: 200, ..SearchConfig::default() };
    let rig = Rig::with(config, [Arc::clone(&supplier)], level);
    let mut other = request();
    other.scope.point_of_sale = "JP".into();
    let first = {
        let service = rig.service.clone();
        tokio::spawn(async move { service.search(&request()).await })
    };
    until(|| supplier.calls() == 1).await;
    // The first is at its supplier for longer than the second may wait.
    assert!(matches!(rig.service.search(&other).await, Err(SearchError::Overloaded)));
    assert_eq!(supplier.calls(), 1);
    gate.add_permits(1);
    drop(first.await.unwrap());
    gate.add_permits(1);
    assert_eq!(rig.service.search(&other).await.unwrap().content.total_matching, 1);
}

use super::*;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[tokio::test]
async fn a_bucket_empties_and_says_when_to_come_back() {
    let plan = RatePlan { per_second: 1, burst: 3 };
    let limits = Limits::new(plan, &BTreeMap::from([("slow".to_owned(), plan)]), None);
    let key = Uuid::from_u128(1);
    let mut headers = HeaderMap::new();
    limits.key("slow", key).take().await.write(&mut headers);
    assert_eq!(headers[LIMIT], "\"key\";r=2;t=1");
    assert_eq!(headers[POLICY], "\"key\";q=3;w=3");
    let mut waits = Vec::new();
    for _ in 0..3 {
        waits.push(limits.key("slow", key).take().await.wait.is_some());
    }
    assert_eq!(waits, [false, false, true]);
    assert!(limits.key("slow", Uuid::from_u128(2)).take().await.wait.is_none(), "another key has a bucket of its own");
}

#[tokio::test]
async fn one_network_is_one_client() {
    let limits = Limits::new(RatePlan { per_second: 1, burst: 1 }, &BTreeMap::new(), None);
    let wait = async |address: &str| limits.address(address.parse().unwrap()).take().await.wait.is_some();
    assert!(!wait("2001:db8::1").await);
    assert!(wait("2001:db8::2").await);
    assert!(!wait("2001:db8:0:1::1").await);
    assert!(!wait("192.0.2.1").await);
    assert!(wait("::ffff:192.0.2.1").await);
}

/// A pool that holds one bucket, and never fills it.
struct Pool {
    left: Mutex<u32>,
    draws: AtomicUsize,
    is_there: AtomicBool,
}

impl Pool {
    fn of(tokens: u32) -> Arc<Self> {
        Arc::new(Self { left: Mutex::new(tokens), draws: AtomicUsize::new(0), is_there: AtomicBool::new(true) })
    }
}

#[async_trait]
impl TokenPool for Pool {
    async fn draw(&self, _: &str, _: RatePlan, wanted: u32) -> Option<Drawn> {
        self.draws.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if !self.is_there.load(Ordering::SeqCst) {
            return None;
        }
        let mut left = self.left.lock();
        let given = wanted.min(*left);
        *left -= given;
        let wait = if *left == 0 { Duration::from_secs(60) } else { Duration::ZERO };
        Some(Drawn { given, left: *left, wait })
    }

    fn nodes(&self) -> u32 {
        4
    }
}

fn node(pool: &Arc<Pool>, plan: RatePlan) -> Limits {
    let pool: Arc<dyn TokenPool> = pool.clone();
    Limits::new(plan, &BTreeMap::from([("plan".to_owned(), plan)]), Some(&pool))
}

/// Requests let through of so many at once on each node.
async fn admitted(nodes: &[Limits], each: usize) -> usize {
    let requests = nodes.iter().flat_map(|node| (0..each).map(async |_| node.key("plan", Uuid::nil()).take().await));
    futures::future::join_all(requests).await.iter().filter(|verdict| verdict.wait.is_none()).count()
}

#[tokio::test]
async fn nodes_together_let_through_what_the_pool_has_and_no_more() {
    let pool = Pool::of(200);
    let plan = RatePlan { per_second: 1, burst: 200 };
    let nodes = [node(&pool, plan), node(&pool, plan), node(&pool, plan)];
    assert_eq!(admitted(&nodes, 100).await, 200);
    assert_eq!(admitted(&nodes, 100).await, 0);
}

#[tokio::test]
async fn a_busy_key_seldom_asks_the_pool_and_an_empty_one_not_at_all() {
    let pool = Pool::of(1_000);
    let nodes = [node(&pool, RatePlan { per_second: 1, burst: 1_000 })];
    for _ in 0..900 {
        assert_eq!(admitted(&nodes, 1).await, 1);
    }
    assert!(pool.draws.load(Ordering::SeqCst) < 100, "{:?} draws", pool.draws);
    *pool.left.lock() = 0;
    while admitted(&nodes, 1).await == 1 {}
    let before = pool.draws.load(Ordering::SeqCst);
    assert_eq!(admitted(&nodes, 500).await, 0);
    assert_eq!(pool.draws.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn without_the_pool_each_node_has_its_fair_share() {
    let pool = Pool::of(1_000);
    pool.is_there.store(false, Ordering::SeqCst);
    let plan = RatePlan { per_second: 1, burst: 200 };
    let nodes = [node(&pool, plan), node(&pool, plan), node(&pool, plan), node(&pool, plan)];
    // Each may get a token more while they are asked.
    let let_through = admitted(&nodes, 100).await;
    assert!((200..=204).contains(&let_through), "{let_through}");
    let mut headers = HeaderMap::new();
    nodes[0].key("plan", Uuid::from_u128(2)).take().await.write(&mut headers);
    assert_eq!(headers[POLICY], "\"key\";q=50;w=200");
    assert_eq!(headers[LIMIT], "\"key\";r=49;t=4");
}

#[tokio::test]
async fn what_is_told_to_remain_is_what_the_pool_has() {
    let pool = Pool::of(10);
    let nodes =
        [node(&pool, RatePlan { per_second: 1, burst: 10 }), node(&pool, RatePlan { per_second: 1, burst: 10 })];
    let mut told = Vec::new();
    for turn in 0..10 {
        let mut headers = HeaderMap::new();
        nodes[turn % 2].key("plan", Uuid::nil()).take().await.write(&mut headers);
        told.push(headers[LIMIT].to_str().unwrap().split(['=', ';']).nth(2).unwrap().parse::<u32>().unwrap());
    }
    assert_eq!(told, (0..10).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn full_buckets_are_forgotten_unless_somebody_holds_them() {
    let plan = RatePlan { per_second: 1, burst: 2 };
    let limits = Limits::new(plan, &BTreeMap::from([("slow".to_owned(), plan)]), None);
    let [used, held, full] = [1, 2, 3].map(|id| limits.key("slow", Uuid::from_u128(id)));
    used.take().await;
    drop((used, full));
    limits.tidy();
    let left = limits.keys["slow"].local.load().buckets();
    assert_eq!(left, 2, "the one that was taken from, and the one that is held");
    held.take().await;
    let remaining = async |id| limits.key("slow", Uuid::from_u128(id)).take().await.remaining;
    assert_eq!([remaining(1).await, remaining(2).await, remaining(3).await], [0, 0, 1]);
}

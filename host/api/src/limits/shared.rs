//! Buckets that all nodes draw from. A node draws tokens ahead of need, so that a busy key's requests find some here and
//! don't wait for the pool; what it has drawn and not used within a second lapses, so that no node sits on others' tokens.

use super::{RatePlan, TokenPool, Verdict};
use dashmap::DashMap;
use parking_lot::Mutex;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Tokens drawn lapse after this.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// A draw is for what was taken in as long, lately.
const AHEAD: Duration = Duration::from_millis(100);
/// After a draw that failed the pool is left alone for this.
const LEFT_ALONE: Duration = Duration::from_millis(250);
/// A bucket that nobody asked for as long is forgotten.
const IDLE: Duration = Duration::from_secs(10);

/// Buckets of one plan.
pub struct Shared<K: Hash + Eq> {
    name: &'static str,
    plan: RatePlan,
    pool: Arc<dyn TokenPool>,
    buckets: DashMap<K, Arc<Bucket>>,
}

/// One of them.
pub struct Bucket {
    id: String,
    stock: Mutex<Stock>,
    /// Held by the one who draws.
    drawing: tokio::sync::Mutex<()>,
    waiting: AtomicU32,
}

/// What this node has of a bucket.
struct Stock {
    tokens: u32,
    drawn_at: Instant,
    /// Left in the pool then.
    left: u32,
    /// Taken here since.
    taken: u32,
    empty_until: Instant,
    failed_at: Option<Instant>,
    asked_at: Instant,
}

enum Found {
    Token { remaining: u32, draw_ahead: bool },
    Empty(Duration),
    NoPool,
    NoStock,
}

impl<K: Hash + Eq + Clone + ToString> Shared<K> {
    pub fn new(name: &'static str, plan: RatePlan, pool: Arc<dyn TokenPool>) -> Self {
        Self { name, plan, pool, buckets: DashMap::new() }
    }

    /// Nodes that share the limit.
    pub fn nodes(&self) -> u32 {
        self.pool.nodes()
    }

    /// The bucket of a key. Two of one key draw from the same in the pool.
    pub fn bucket(&self, key: &K) -> Arc<Bucket> {
        // Looked for first without the lock that an insertion takes.
        if let Some(bucket) = self.buckets.get(key) {
            return Arc::clone(&bucket);
        }
        let new = || Arc::new(Bucket::new(format!("{}:{}", self.name, key.to_string())));
        Arc::clone(&self.buckets.entry(key.clone()).or_insert_with(new))
    }

    /// Takes one. None: the pool can't be asked.
    pub async fn take(&self, bucket: &Arc<Bucket>) -> Option<Verdict> {
        match bucket.find(self.plan) {
            Found::NoStock => {}
            found => return self.verdict(bucket, found),
        }
        bucket.waiting.fetch_add(1, Ordering::Relaxed);
        let waits = Waits(&bucket.waiting);
        let turn = bucket.drawing.lock().await;
        // Who drew before may have drawn enough for all.
        let found = match bucket.find(self.plan) {
            Found::NoStock => bucket.draw(self.plan, &*self.pool, true).await,
            found => found,
        };
        drop((turn, waits));
        self.verdict(bucket, found)
    }

    fn verdict(&self, bucket: &Arc<Bucket>, found: Found) -> Option<Verdict> {
        let RatePlan { per_second, burst } = self.plan;
        let verdict = |remaining, wait| {
            Some(Verdict::new(self.name, burst, Duration::from_secs(1) / per_second, remaining, wait))
        };
        match found {
            Found::Token { remaining, draw_ahead } => {
                if draw_ahead {
                    self.draw_ahead(bucket);
                }
                verdict(remaining, None)
            }
            Found::Empty(wait) => verdict(0, Some(wait)),
            // Nothing drawn, and none is said to come: it is asked again a step later.
            Found::NoStock => verdict(0, Some(Duration::from_secs(1) / per_second)),
            Found::NoPool => None,
        }
    }

    fn draw_ahead(&self, bucket: &Arc<Bucket>) {
        let (bucket, pool, plan) = (Arc::clone(bucket), Arc::clone(&self.pool), self.plan);
        tokio::spawn(async move {
            // Somebody draws already: one draw is enough.
            if let Ok(_turn) = bucket.drawing.try_lock() {
                bucket.draw(plan, &*pool, false).await;
            }
        });
    }

    /// Forgets buckets that nobody asks for.
    pub fn tidy(&self) {
        self.buckets.retain(|_, bucket| bucket.stock.lock().asked_at.elapsed() < IDLE);
    }
}

/// One who waits for a draw.
struct Waits<'a>(&'a AtomicU32);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Bucket {
    fn new(id: String) -> Self {
        let now = Instant::now();
        let stock =
            Stock { tokens: 0, drawn_at: now, left: 0, taken: 0, empty_until: now, failed_at: None, asked_at: now };
        Self { id, stock: Mutex::new(stock), drawing: tokio::sync::Mutex::new(()), waiting: AtomicU32::new(0) }
    }

    /// Takes a token from the stock, if there is one.
    fn find(&self, plan: RatePlan) -> Found {
        let now = Instant::now();
        let mut stock = self.stock.lock();
        stock.asked_at = now;
        stock.take(plan, now)
    }

    /// Asks the pool for what is needed now and soon, and takes one of it, if one `is_needed` now. Only the holder of
    /// `drawing` does.
    async fn draw(&self, plan: RatePlan, pool: &dyn TokenPool, is_needed: bool) -> Found {
        let ahead = self.stock.lock().ahead(plan, Instant::now());
        let wanted = ahead.max(self.waiting.load(Ordering::Relaxed)).max(1);
        let drawn = pool.draw(&self.id, plan, wanted).await;
        let now = Instant::now();
        let mut stock = self.stock.lock();
        let Some(drawn) = drawn else {
            stock.failed_at = Some(now);
            return Found::NoPool;
        };
        let kept = if now < stock.drawn_at + GOOD_FOR { stock.tokens } else { 0 };
        *stock = Stock {
            tokens: kept.saturating_add(drawn.given),
            drawn_at: now,
            left: drawn.left,
            taken: 0,
            empty_until: now + drawn.wait,
            failed_at: None,
            asked_at: stock.asked_at,
        };
        if is_needed { stock.take(plan, now) } else { Found::NoStock }
    }
}

impl Stock {
    fn take(&mut self, plan: RatePlan, now: Instant) -> Found {
        if self.tokens > 0 && now < self.drawn_at + GOOD_FOR {
            self.tokens -= 1;
            self.taken += 1;
            let ahead = self.ahead(plan, now);
            let draw_ahead = ahead > 1 && self.tokens <= ahead / 2 && now >= self.empty_until;
            return Found::Token { remaining: self.remaining(plan, now), draw_ahead };
        }
        if now < self.empty_until {
            return Found::Empty(self.empty_until - now);
        }
        if self.failed_at.is_some_and(|failed_at| now < failed_at + LEFT_ALONE) {
            Found::NoPool
        } else {
            Found::NoStock
        }
    }

    /// Tokens that will be taken soon, going by those since the last draw; never more than an eighth of a full bucket, so
    /// that the other nodes have theirs.
    fn ahead(&self, plan: RatePlan, now: Instant) -> u32 {
        let since = now - self.drawn_at;
        // A draw that was used up at once tells only that it was too small.
        let soon = match self.tokens == 0 && since < AHEAD {
            true => f64::from(self.taken) * 2.0,
            false => f64::from(self.taken) * AHEAD.as_secs_f64() / since.max(AHEAD).as_secs_f64(),
        };
        // Saturates.
        (soon.ceil() as u32).min(plan.burst / 8)
    }

    /// Tokens for this key, here and in the pool, as far as this node knows.
    fn remaining(&self, plan: RatePlan, now: Instant) -> u32 {
        let filled = (now - self.drawn_at).as_secs_f64() * f64::from(plan.per_second);
        self.tokens.saturating_add(self.left).saturating_add(filled as u32).min(plan.burst)
    }
}

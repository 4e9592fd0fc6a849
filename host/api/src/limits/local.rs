//! Buckets of one node: all of a limit, or its share while the other nodes can't be asked.

use super::{RatePlan, Verdict};
use dashmap::DashMap;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Buckets that know of no other node.
pub struct Local<K: Hash + Eq> {
    /// Among so many nodes the limit is shared.
    pub nodes: u32,
    name: &'static str,
    burst: NonZeroU32,
    /// Time in which one token comes.
    step: Duration,
    buckets: DashMap<K, Arc<Bucket>>,
}

/// One of them.
pub struct Bucket {
    name: &'static str,
    burst: NonZeroU32,
    step: Duration,
    limiter: RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>,
}

impl<K: Hash + Eq + Clone> Local<K> {
    /// One node's share of a plan; each gets at least one token at once.
    pub fn new(name: &'static str, plan: RatePlan, nodes: u32) -> Self {
        let burst = NonZeroU32::new(plan.burst / nodes).unwrap_or(NonZeroU32::MIN);
        let step = Duration::from_secs(nodes.into()) / plan.per_second;
        Self { nodes, name, burst, step, buckets: DashMap::new() }
    }

    /// The bucket of a key, full if it is new.
    pub fn bucket(&self, key: &K) -> Arc<Bucket> {
        // Looked for first without the lock that an insertion takes.
        if let Some(bucket) = self.buckets.get(key) {
            return Arc::clone(&bucket);
        }
        let new = || Arc::new(Bucket::new(self.name, self.burst, self.step));
        Arc::clone(&self.buckets.entry(key.clone()).or_insert_with(new))
    }

    /// How many there are.
    #[cfg(test)]
    pub fn buckets(&self) -> usize {
        self.buckets.len()
    }

    /// Forgets full buckets that nobody holds.
    pub fn tidy(&self) {
        self.buckets.retain(|_, bucket| Arc::strong_count(bucket) > 1 || !bucket.empty_if_full());
    }
}

impl Bucket {
    fn new(name: &'static str, burst: NonZeroU32, step: Duration) -> Self {
        let quota = Quota::with_period(step).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        Self { name, burst, step, limiter: RateLimiter::direct(quota).with_middleware() }
    }

    /// Takes one.
    pub fn take(&self) -> Verdict {
        let (remaining, wait) = match self.limiter.check() {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(refused) => (0, Some(refused.wait_time_from(self.limiter.clock().now()))),
        };
        Verdict::new(self.name, self.burst.get(), self.step, remaining, wait)
    }

    /// Takes all, if it is full: it is about to be forgotten.
    fn empty_if_full(&self) -> bool {
        matches!(self.limiter.check_n(self.burst), Ok(Ok(_)))
    }
}

//! Buckets of one node: all of a limit, or its share while the other nodes can't be asked.

use super::{RatePlan, Verdict};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Buckets that know of no other node.
pub struct Local<K: Hash + Eq + Clone> {
    /// Among so many nodes the limit is shared.
    pub nodes: u32,
    name: &'static str,
    burst: u32,
    /// Time in which one token comes.
    step: Duration,
    limiter: Limiter<K>,
}

impl<K: Hash + Eq + Clone> Local<K> {
    /// One node's share of a plan; each gets at least one token at once.
    pub fn new(name: &'static str, plan: RatePlan, nodes: u32) -> Self {
        let burst = NonZeroU32::new(plan.burst / nodes).unwrap_or(NonZeroU32::MIN);
        let step = Duration::from_secs(nodes.into()) / plan.per_second;
        let quota = Quota::with_period(step).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        let limiter = RateLimiter::keyed(quota).with_middleware();
        Self { nodes, name, burst: burst.get(), step, limiter }
    }

    /// Takes one.
    pub fn take(&self, key: &K) -> Verdict {
        let (remaining, wait) = match self.limiter.check_key(key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(refused) => (0, Some(refused.wait_time_from(self.limiter.clock().now()))),
        };
        Verdict::new(self.name, self.burst, self.step, remaining, wait)
    }

    /// Forgets full buckets.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
    }
}

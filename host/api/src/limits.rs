//! Token buckets: one per client address, one per API key.

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;
use uuid::Uuid;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePlan {
    /// Requests a second in the long run; at least 1.
    pub per_second: u32,
    /// Requests at once; at least 1.
    pub burst: u32,
}

type Limiter<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Buckets of one plan.
struct Buckets<K: Hash + Eq + Clone> {
    name: &'static str,
    plan: RatePlan,
    limiter: Limiter<K>,
    policy: HeaderValue,
}

/// What the bucket says.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// None: go on. Else how long to wait.
    pub wait: Option<Duration>,
    limit: HeaderValue,
    policy: HeaderValue,
}

impl Verdict {
    /// Writes `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), unless a stricter bucket has.
    pub fn write(&self, headers: &mut HeaderMap) {
        if !headers.contains_key(LIMIT) {
            headers.insert(LIMIT, self.limit.clone());
            headers.insert(POLICY, self.policy.clone());
        }
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(name: &'static str, plan: RatePlan) -> Self {
        let one = NonZeroU32::MIN;
        let (rate, burst) =
            (NonZeroU32::new(plan.per_second).unwrap_or(one), NonZeroU32::new(plan.burst).unwrap_or(one));
        let plan = RatePlan { per_second: rate.get(), burst: burst.get() };
        let quota = Quota::per_second(rate).allow_burst(burst);
        let policy = format!("\"{name}\";q={};w={}", plan.burst, plan.burst.div_ceil(plan.per_second));
        let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(""));
        Self { name, plan, limiter: RateLimiter::keyed(quota).with_middleware(), policy }
    }

    fn take(&self, key: &K) -> Verdict {
        let (remaining, wait) = match self.limiter.check_key(key) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(refused) => (0, Some(refused.wait_time_from(self.limiter.clock().now()))),
        };
        let full_in = self.plan.burst.saturating_sub(remaining).div_ceil(self.plan.per_second);
        let limit = format!("\"{}\";r={remaining};t={full_in}", self.name);
        let limit = HeaderValue::try_from(limit).unwrap_or(HeaderValue::from_static(""));
        Verdict { wait, limit, policy: self.policy.clone() }
    }
}

/// All buckets.
pub struct Limits {
    addresses: Buckets<IpAddr>,
    keys: BTreeMap<String, Buckets<Uuid>>,
    unknown_plan: Buckets<Uuid>,
}

impl Limits {
    /// By the operator's plans.
    pub fn new(address: RatePlan, plans: &BTreeMap<String, RatePlan>) -> Self {
        let keys = plans.iter().map(|(name, plan)| (name.clone(), Buckets::new("key", *plan))).collect();
        // A key of a plan that is no longer configured still works, slowly.
        let unknown_plan = Buckets::new("key", RatePlan { per_second: 5, burst: 10 });
        Self { addresses: Buckets::new("address", address), keys, unknown_plan }
    }

    /// Takes one from the bucket of an address; of IPv6 the network of 64 bits is one client.
    pub fn address(&self, address: IpAddr) -> Verdict {
        let client = match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        };
        self.addresses.take(&client)
    }

    /// Takes one from the bucket of an API key.
    pub fn key(&self, plan: &str, key: Uuid) -> Verdict {
        self.keys.get(plan).unwrap_or(&self.unknown_plan).take(&key)
    }

    /// Forgets full buckets; call it now and then.
    pub fn tidy(&self) {
        self.addresses.limiter.retain_recent();
        self.keys.values().chain([&self.unknown_plan]).for_each(|buckets| buckets.limiter.retain_recent());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_says_when_to_come_back() {
        let plan = RatePlan { per_second: 1, burst: 3 };
        let limits = Limits::new(plan, &BTreeMap::from([("slow".to_owned(), plan)]));
        let key = Uuid::from_u128(1);
        let mut headers = HeaderMap::new();
        limits.key("slow", key).write(&mut headers);
        assert_eq!(headers[LIMIT], "\"key\";r=2;t=1");
        assert_eq!(headers[POLICY], "\"key\";q=3;w=3");
        let waits: Vec<_> = (0..4).map(|_| limits.key("slow", key).wait.is_some()).collect();
        assert_eq!(waits[..2], [false, false]);
        assert!(waits[2]);
        assert!(limits.key("slow", Uuid::from_u128(2)).wait.is_none(), "another key has a bucket of its own");
    }

    #[test]
    fn one_network_is_one_client() {
        let limits = Limits::new(RatePlan { per_second: 1, burst: 1 }, &BTreeMap::new());
        let wait = |address: &str| limits.address(address.parse().unwrap()).wait.is_some();
        assert!(!wait("2001:db8::1"));
        assert!(wait("2001:db8::2"));
        assert!(!wait("2001:db8:0:1::1"));
        assert!(!wait("192.0.2.1"));
        assert!(wait("::ffff:192.0.2.1"));
    }
}

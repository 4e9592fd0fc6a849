//! Token buckets: one per client address, one per API key.

mod local;
mod shared;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use local::Local;
use serde::Deserialize;
use shared::Shared;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What is left of the bucket.
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// How large the bucket is.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePlan {
    /// Requests a second in the long run; at least 1.
    pub per_second: u32,
    /// Requests at once; at least 1.
    pub burst: u32,
}

/// What a draw from a [`TokenPool`] gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Tokens, at most as many as were wanted.
    pub given: u32,
    /// Tokens left for others.
    pub left: u32,
    /// Until there is one; zero if any are left.
    pub wait: Duration,
}

/// Buckets that all nodes draw from.
#[async_trait]
pub trait TokenPool: Send + Sync {
    /// Takes tokens from a bucket. None: it can't be asked now.
    async fn draw(&self, bucket: &str, plan: RatePlan, wanted: u32) -> Option<Drawn>;

    /// Nodes that share each limit, at least this one.
    fn nodes(&self) -> u32;
}

/// Buckets of one plan: the pool's where there are other nodes, else this node's own.
struct Buckets<K: Hash + Eq + Clone> {
    name: &'static str,
    plan: RatePlan,
    local: ArcSwap<Local<K>>,
    shared: Option<Shared<K>>,
}

/// What the bucket says.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// None: go on. Else how long to wait.
    pub wait: Option<Duration>,
    name: &'static str,
    burst: u32,
    step: Duration,
    remaining: u32,
}

impl Verdict {
    /// Of a bucket that holds `burst` tokens, gets one each `step`, and has so many.
    fn new(name: &'static str, burst: u32, step: Duration, remaining: u32, wait: Option<Duration>) -> Self {
        Self { wait, name, burst, step, remaining }
    }

    /// Writes `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), unless a stricter bucket has.
    pub fn write(&self, headers: &mut HeaderMap) {
        if !headers.contains_key(LIMIT) {
            let Self { name, burst, remaining, .. } = self;
            let (full_in, window) = (self.seconds(burst.saturating_sub(*remaining)), self.seconds(*burst));
            let header = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
            headers.insert(LIMIT, header(format!("\"{name}\";r={remaining};t={full_in}")));
            headers.insert(POLICY, header(format!("\"{name}\";q={burst};w={window}")));
        }
    }

    /// In which so many tokens come.
    fn seconds(&self, tokens: u32) -> u64 {
        let time = self.step * tokens;
        time.as_secs() + u64::from(time.subsec_nanos() > 0)
    }
}

impl<K: Hash + Eq + Clone + ToString> Buckets<K> {
    fn new(name: &'static str, plan: RatePlan, pool: Option<&Arc<dyn TokenPool>>) -> Self {
        let plan = RatePlan { per_second: plan.per_second.max(1), burst: plan.burst.max(1) };
        let shared = pool.map(|pool| Shared::new(name, plan, Arc::clone(pool)));
        Self { name, plan, local: ArcSwap::from_pointee(Local::new(name, plan, 1)), shared }
    }

    async fn take(&self, key: K) -> Verdict {
        let Some(shared) = &self.shared else { return self.local.load().take(&key) };
        match shared.take(key.clone()).await {
            Some(verdict) => verdict,
            None => self.share(shared.nodes()).take(&key),
        }
    }

    /// This node's share among so many.
    fn share(&self, nodes: u32) -> Arc<Local<K>> {
        let local = self.local.load_full();
        if local.nodes == nodes {
            return local;
        }
        let local = Arc::new(Local::new(self.name, self.plan, nodes.max(1)));
        self.local.store(Arc::clone(&local));
        local
    }

    fn tidy(&self) {
        self.local.load().tidy();
        self.shared.iter().for_each(Shared::tidy);
    }
}

/// All buckets.
pub struct Limits {
    addresses: Buckets<IpAddr>,
    keys: BTreeMap<String, Buckets<Uuid>>,
    unknown_plan: Buckets<Uuid>,
}

impl Limits {
    /// By the operator's plans; from a pool that all nodes draw from, if there is one.
    pub fn new(address: RatePlan, plans: &BTreeMap<String, RatePlan>, pool: Option<&Arc<dyn TokenPool>>) -> Self {
        let keys = plans.iter().map(|(name, plan)| (name.clone(), Buckets::new("key", *plan, pool))).collect();
        // A key of a plan that is no longer configured still works, slowly.
        let unknown_plan = Buckets::new("key", RatePlan { per_second: 5, burst: 10 }, pool);
        Self { addresses: Buckets::new("address", address, pool), keys, unknown_plan }
    }

    /// Takes one from the bucket of an address; of IPv6 the network of 64 bits is one client.
    pub async fn address(&self, address: IpAddr) -> Verdict {
        let client = match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        };
        self.addresses.take(client).await
    }

    /// Takes one from the bucket of an API key.
    pub async fn key(&self, plan: &str, key: Uuid) -> Verdict {
        self.keys.get(plan).unwrap_or(&self.unknown_plan).take(key).await
    }

    /// Forgets full buckets; call it now and then.
    pub fn tidy(&self) {
        self.addresses.tidy();
        self.keys.values().chain([&self.unknown_plan]).for_each(Buckets::tidy);
    }
}

#[cfg(test)]
mod tests;

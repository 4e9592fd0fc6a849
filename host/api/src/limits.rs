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
use std::io::{Cursor, Write};
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
struct Buckets<K: Hash + Eq> {
    name: &'static str,
    plan: RatePlan,
    local: ArcSwap<Local<K>>,
    shared: Option<Arc<Shared<K>>>,
}

/// The bucket of one key or address. Who keeps it need not look for it.
pub struct Bucket<K: Hash + Eq> {
    of: Arc<Buckets<K>>,
    key: K,
    place: Place<K>,
}

enum Place<K: Hash + Eq> {
    Local(Arc<local::Bucket>),
    Pool(Arc<Shared<K>>, Arc<shared::Bucket>),
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
            self.overwrite(headers);
        }
    }

    /// The same, whatever was written before.
    pub fn overwrite(&self, headers: &mut HeaderMap) {
        let [limit, policy] = self.values();
        headers.insert(LIMIT, limit);
        headers.insert(POLICY, policy);
    }

    /// Of `RateLimit` and of `RateLimit-Policy`.
    pub fn values(&self) -> [HeaderValue; 2] {
        let Self { name, burst, remaining, .. } = *self;
        let (full_in, window) = (self.seconds(burst.saturating_sub(remaining)), self.seconds(burst));
        [item(name, [("r", remaining.into()), ("t", full_in)]), item(name, [("q", burst.into()), ("w", window)])]
    }

    /// In which so many tokens come.
    fn seconds(&self, tokens: u32) -> u64 {
        let time = self.step * tokens;
        time.as_secs() + u64::from(time.subsec_nanos() > 0)
    }
}

/// A string with parameters (RFC 9651). Made in place and without formatting: every answer has two.
fn item(name: &str, parameters: [(&str, u64); 2]) -> HeaderValue {
    let mut place = Cursor::new([0; 64]);
    // Of what does not fit, as nothing of ours does, the start.
    let mut write = |text: &str| drop(place.write_all(text.as_bytes()));
    let mut digits = itoa::Buffer::new();
    for text in ["\"", name, "\""] {
        write(text);
    }
    for (key, value) in parameters {
        for text in [";", key, "=", digits.format(value)] {
            write(text);
        }
    }
    let end = place.position() as usize;
    HeaderValue::from_bytes(place.get_ref().get(..end).unwrap_or_default()).unwrap_or(HeaderValue::from_static(""))
}

impl<K: Hash + Eq + Clone + ToString> Buckets<K> {
    fn new(name: &'static str, plan: RatePlan, pool: Option<&Arc<dyn TokenPool>>) -> Self {
        let plan = RatePlan { per_second: plan.per_second.max(1), burst: plan.burst.max(1) };
        let shared = pool.map(|pool| Arc::new(Shared::new(name, plan, Arc::clone(pool))));
        Self { name, plan, local: ArcSwap::from_pointee(Local::new(name, plan, 1)), shared }
    }

    fn bucket(self: &Arc<Self>, key: K) -> Bucket<K> {
        let place = match &self.shared {
            Some(shared) => Place::Pool(Arc::clone(shared), shared.bucket(&key)),
            None => Place::Local(self.local.load().bucket(&key)),
        };
        Bucket { of: Arc::clone(self), key, place }
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
        self.shared.iter().for_each(|shared| shared.tidy());
    }
}

impl<K: Hash + Eq + Clone + ToString> Bucket<K> {
    /// Whose it is.
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Takes one.
    pub async fn take(&self) -> Verdict {
        match &self.place {
            Place::Local(bucket) => bucket.take(),
            Place::Pool(shared, bucket) => match shared.take(bucket).await {
                Some(verdict) => verdict,
                None => self.of.share(shared.nodes()).bucket(&self.key).take(),
            },
        }
    }
}

/// All buckets.
pub struct Limits {
    addresses: Arc<Buckets<IpAddr>>,
    keys: BTreeMap<String, Arc<Buckets<Uuid>>>,
    unknown_plan: Arc<Buckets<Uuid>>,
}

impl Limits {
    /// By the operator's plans; from a pool that all nodes draw from, if there is one.
    pub fn new(address: RatePlan, plans: &BTreeMap<String, RatePlan>, pool: Option<&Arc<dyn TokenPool>>) -> Self {
        let keys =
            plans.iter().map(|(name, plan)| (name.clone(), Arc::new(Buckets::new("key", *plan, pool)))).collect();
        // A key of a plan that is no longer configured still works, slowly.
        let unknown_plan = Arc::new(Buckets::new("key", RatePlan { per_second: 5, burst: 10 }, pool));
        Self { addresses: Arc::new(Buckets::new("address", address, pool)), keys, unknown_plan }
    }

    /// The bucket of an address.
    pub fn address(&self, address: IpAddr) -> Bucket<IpAddr> {
        self.addresses.bucket(client(address))
    }

    /// The bucket of an API key.
    pub fn key(&self, plan: &str, key: Uuid) -> Bucket<Uuid> {
        self.keys.get(plan).unwrap_or(&self.unknown_plan).bucket(key)
    }

    /// Forgets full buckets; call it now and then.
    pub fn tidy(&self) {
        self.addresses.tidy();
        self.keys.values().chain([&self.unknown_plan]).for_each(|buckets| buckets.tidy());
    }
}

/// Whose bucket an address takes from: of IPv6 the network of 64 bits is one client.
pub fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests;

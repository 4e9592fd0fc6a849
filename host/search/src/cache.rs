//! Where raw supersets are kept.

use crate::superset::Superset;
use async_trait::async_trait;
use interline_domain::trip::SearchKey;
use moka::Expiry;
use moka::future::Cache;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Keeps raw supersets by broad key. May forget anything at any time; failures are its own to log, and read as a miss.
#[async_trait]
pub trait SupersetCache: Send + Sync {
    /// What is kept under a key, fresh or stale.
    async fn get(&self, key: &SearchKey) -> Option<Arc<Superset>>;

    /// Keeps it for as long as `keep`.
    async fn put(&self, key: &SearchKey, superset: Arc<Superset>, keep: Duration);

    /// Forgets it.
    async fn remove(&self, key: &SearchKey);
}

/// Keeps supersets in this process, up to a number of bytes.
#[derive(Clone)]
pub struct MemoryCache(Cache<SearchKey, Kept>);

#[derive(Clone)]
struct Kept {
    superset: Arc<Superset>,
    keep: Duration,
}

struct EachForItsOwnTime;

impl Expiry<SearchKey, Kept> for EachForItsOwnTime {
    fn expire_after_create(&self, _key: &SearchKey, kept: &Kept, _now: Instant) -> Option<Duration> {
        Some(kept.keep)
    }

    fn expire_after_update(&self, _: &SearchKey, kept: &Kept, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(kept.keep)
    }
}

impl MemoryCache {
    /// Holds at most about `bytes`.
    pub fn new(bytes: u64) -> Self {
        let weigh = |_: &SearchKey, kept: &Kept| u32::try_from(kept.superset.weight()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(bytes).weigher(weigh).expire_after(EachForItsOwnTime).build())
    }
}

#[async_trait]
impl SupersetCache for MemoryCache {
    async fn get(&self, key: &SearchKey) -> Option<Arc<Superset>> {
        self.0.get(key).await.map(|kept| kept.superset)
    }

    async fn put(&self, key: &SearchKey, superset: Arc<Superset>, keep: Duration) {
        self.0.insert(key.clone(), Kept { superset, keep }).await;
    }

    async fn remove(&self, key: &SearchKey) {
        self.0.invalidate(key).await;
    }
}

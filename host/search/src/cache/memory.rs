//! The level behind of a node that has no other beside it.

use super::{Lease, SupersetCache};
use crate::superset::Superset;
use async_trait::async_trait;
use interline_domain::trip::SearchKey;
use moka::Expiry;
use moka::future::Cache;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Keeps supersets in this process, up to a number of bytes.
#[derive(Clone)]
pub struct MemoryCache(Cache<SearchKey, Kept>);

#[derive(Clone)]
struct Kept {
    superset: Arc<Superset>,
    until: Instant,
}

struct EachForItsOwnTime;

impl Expiry<SearchKey, Kept> for EachForItsOwnTime {
    fn expire_after_create(&self, _key: &SearchKey, kept: &Kept, now: Instant) -> Option<Duration> {
        Some(kept.until.saturating_duration_since(now))
    }

    fn expire_after_update(&self, _: &SearchKey, kept: &Kept, now: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(kept.until.saturating_duration_since(now))
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
    async fn get(&self, key: &SearchKey, suppliers: &[&str]) -> Option<Superset> {
        let mut superset = Superset::clone(&self.0.get(key).await?.superset);
        superset.parts.retain(|part| suppliers.contains(&part.supplier.as_str()));
        Some(superset)
    }

    async fn put(&self, key: &SearchKey, parts: Superset, keep: Duration, _lease: Option<&Lease>) {
        let until = Instant::now() + keep;
        let entry = self.0.entry_by_ref(key).and_upsert_with(|there| {
            let kept = match there.map(moka::Entry::into_value) {
                Some(there) => Kept {
                    superset: Arc::new(Superset::clone(&there.superset).joined(parts)),
                    until: there.until.max(until),
                },
                None => Kept { superset: Arc::new(parts), until },
            };
            std::future::ready(kept)
        });
        entry.await;
    }
}

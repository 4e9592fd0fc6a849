//! Where API keys are kept, and the short memory in front of it.

use super::key::{ApiKey, KeyHash};
use async_trait::async_trait;
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;

/// A revoked key stops working after this long at the latest, and after 5 seconds more where a search is answered from
/// memory: see [`crate::front`].
const REMEMBERED: Duration = Duration::from_secs(10);
/// Wrong keys are remembered too, among as many.
const CAPACITY: u64 = 20_000;

/// The store can't be reached.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store of API keys failed: {0}")]
pub struct StoreError(pub String);

/// Where API keys are kept.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The key with this hash, unless it is revoked.
    async fn find(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;
}

/// A store with a short memory.
#[derive(Clone)]
pub struct Keys {
    store: Arc<dyn KeyStore>,
    known: Cache<KeyHash, Option<Arc<ApiKey>>>,
}

impl Keys {
    /// Remembers what the store says.
    pub fn new(store: Arc<dyn KeyStore>) -> Self {
        Self { store, known: Cache::builder().max_capacity(CAPACITY).time_to_live(REMEMBERED).build() }
    }

    /// The key with this hash. Many who ask at once make one question to the store.
    pub async fn find(&self, hash: KeyHash) -> Result<Option<Arc<ApiKey>>, Arc<StoreError>> {
        self.known.try_get_with(hash, async { Ok(self.store.find(&hash).await?.map(Arc::new)) }).await
    }
}

//! What several nodes share, if Redis is configured; else what one node does without it.

use crate::config::Config;
use anyhow::{Context, Result};
use async_trait::async_trait;
use interline_api::limits::{Drawn, RatePlan, TokenPool};
use interline_redis::codec::Codec;
use interline_redis::{Link, Metrics, RedisCache, Tokens};
use interline_search::{Clock, MemoryCache, SupersetCache, Workshop};
use prometheus::Registry;
use std::sync::Arc;

/// What is shared: the level behind each node's memory, by two ways, and the way to the limits if nodes share them.
pub struct Shared {
    /// Over a link of its own, served by the threads that search: what it brings crosses no threads on the way, and no draw
    /// of a token waits behind a crowd's supersets.
    pub cache: Arc<dyn SupersetCache>,
    /// The same for bookings' look-ups, which are worked on by the threads that answer: over their link.
    pub lookup_cache: Arc<dyn SupersetCache>,
    /// That link.
    pub serving: Option<Link>,
}

impl Shared {
    /// A Redis that does not answer is no error: the gateway works without it.
    pub async fn connect(config: &Config, metrics: &Registry, workshop: &Workshop) -> Result<Self> {
        let Some(redis) = config.redis.clone() else {
            let cache = Arc::new(MemoryCache::new(config.search.memory_mb.saturating_mul(1 << 20)));
            return Ok(Self { lookup_cache: cache.clone(), cache, serving: None });
        };
        let metrics = Metrics::register(metrics)?;
        let serving = Link::start(redis.clone(), metrics.clone(), "serving");
        let cache = workshop.run(async move {
            let link = Link::start(redis, metrics, "searches").await?;
            Ok(RedisCache::new(link, Codec::default(), Clock::system()))
        });
        let (serving, cache) = tokio::try_join!(serving, cache).context("[redis]")?;
        let lookup_cache = Arc::new(cache.over(serving.clone()));
        Ok(Self { cache: Arc::new(cache), lookup_cache, serving: Some(serving) })
    }
}

/// Rate limits that hold across nodes.
pub struct SharedTokens(Tokens);

impl SharedTokens {
    /// Counts this process as a node.
    pub fn start(link: Link) -> Arc<dyn TokenPool> {
        Arc::new(Self(Tokens::start(link)))
    }
}

#[async_trait]
impl TokenPool for SharedTokens {
    async fn draw(&self, bucket: &str, plan: RatePlan, wanted: u32) -> Option<Drawn> {
        let drawn = self.0.draw(bucket, plan.per_second, plan.burst, wanted).await?;
        Some(Drawn { given: drawn.given, left: drawn.left, wait: drawn.wait })
    }

    fn nodes(&self) -> u32 {
        self.0.nodes()
    }
}

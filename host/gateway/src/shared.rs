//! What several nodes share, if Redis is configured; else what one node does without it.

use crate::config::Config;
use anyhow::{Context, Result};
use async_trait::async_trait;
use interline_api::limits::{Drawn, RatePlan, TokenPool};
use interline_redis::codec::Codec;
use interline_redis::{Link, Metrics, RedisCache, Tokens};
use interline_search::{Clock, MemoryCache, SearchConfig, SupersetCache};
use prometheus::Registry;
use std::sync::Arc;

/// The way to Redis. One that does not answer is no error: the gateway works without it.
pub async fn link(config: &Config, metrics: &Registry) -> Result<Option<Link>> {
    let Some(redis) = &config.redis else { return Ok(None) };
    Ok(Some(Link::start(redis.clone(), Metrics::register(metrics)?).await.context("[redis]")?))
}

/// The level behind each node's memory.
pub fn cache(link: Option<&Link>, config: &SearchConfig) -> Arc<dyn SupersetCache> {
    match link {
        Some(link) => Arc::new(RedisCache::new(link.clone(), Codec::default(), Clock::system())),
        None => Arc::new(MemoryCache::new(config.memory_mb.saturating_mul(1 << 20))),
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

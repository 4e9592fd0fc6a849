//! A node's shared level in this process, and what it keeps.

use anyhow::Result;
use interline_domain::passengers::PassengerMix;
use interline_domain::table::OfferTable;
use interline_domain::trip::{Cabin, SearchKey, SliceQuery, SupplierScope, Trip};
use interline_redis::codec::Codec;
use interline_redis::{Link, Metrics, Mode, RedisCache, RedisConfig};
use interline_runtime::PluginVersion;
use interline_search::{Clock, Part, Superset, SupplierState};
use jiff::{Timestamp, ToSpan};
use prometheus::Registry;
use std::sync::Arc;
use std::time::Duration;

/// How long parts are kept here.
pub const KEEP: Duration = Duration::from_secs(600);

/// One node's way to Redis.
pub struct Node {
    /// The connection.
    pub link: Link,
    /// Supersets behind it.
    pub cache: RedisCache,
    metrics: Registry,
}

impl Node {
    /// Connects.
    pub async fn start(config: &RedisConfig) -> Result<Self> {
        let metrics = Registry::new();
        let link = Link::start(config.clone(), Metrics::register(&metrics)?, "node").await?;
        let cache = RedisCache::new(link.clone(), Codec::default(), Clock::system());
        Ok(Self { link, cache, metrics })
    }

    /// The sum of a metric's counters, gauges and observations that have this label's value; all of them with "".
    pub fn count(&self, name: &str, label: &str) -> f64 {
        let families = self.metrics.gather();
        let named = families.iter().filter(|family| family.name() == name).flat_map(|family| family.get_metric());
        let labelled =
            named.filter(|metric| label.is_empty() || metric.get_label().iter().any(|pair| pair.value() == label));
        labelled
            .map(|metric| {
                let histogram = metric.get_histogram().get_sample_count();
                metric.get_counter().get_value() + metric.get_gauge().get_value() + histogram as f64
            })
            .sum()
    }
}

/// With time enough for a busy machine: only what tests freezing shortens it.
pub fn config(mode: Mode, nodes: Vec<String>) -> RedisConfig {
    RedisConfig { timeout_ms: 2_000, connect_timeout_ms: 5_000, ..RedisConfig::new(mode, nodes) }
}

/// A trip that far ahead; each has a slot of its own, mostly.
pub fn trip(days: i32) -> Result<Trip> {
    let departure_date = "2031-01-01".parse::<jiff::civil::Date>()?.checked_add(days.days())?;
    let slice = SliceQuery { origin: "CGK".parse()?, destination: "NRT".parse()?, departure_date };
    Ok(Trip::new(vec![slice], PassengerMix::new(1, vec![], 0)?, Cabin::Economy)?)
}

/// Its scope.
pub fn scope() -> SupplierScope {
    SupplierScope { credential_set: "main".into(), point_of_sale: "ID".into(), currency: None }
}

/// Its key.
pub fn key(trip: &Trip) -> SearchKey {
    SearchKey::new(trip, &scope())
}

/// What one supplier says of a trip; `error` tells one answer from another.
pub fn answer(trip: &Trip, supplier: &str, error: &str) -> Superset {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    let until = |seconds: i64| now.checked_add(seconds.seconds()).unwrap_or(now);
    let part = Part {
        supplier: supplier.into(),
        version: PluginVersion { name: supplier.into(), version: "1.0.0".into(), hash: "c0ffee".into() },
        state: SupplierState::Ok,
        error: Some(error.into()),
        fetched_at: now,
        fresh_until: until(300),
        stale_until: until(600),
        latency: Duration::from_millis(40),
        retry_after: None,
        offers: Arc::new(OfferTable::empty()),
    };
    Superset::new(trip.clone(), scope(), vec![Arc::new(part)])
}

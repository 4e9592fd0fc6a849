//! Puts the parts together.

use crate::config::Config;
use crate::gauges::Standing;
use crate::keys::KeyTable;
use crate::observers::{Calls, Searches};
use crate::offers::SearchedOffers;
use crate::readiness::Gateway;
use anyhow::{Context, Result};
use interline_api::auth::store::Keys;
use interline_api::{Api, ApiParts};
use interline_booking::{BookingParts, BookingService};
use interline_pricing::Pricing;
use interline_runtime::{MemoryStateStore, Runtime, RuntimeConfig};
use interline_search::{Clock, MemoryCache, SearchService};
use prometheus::Registry;
use prometheus::process_collector::ProcessCollector;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Everything that serves.
pub struct Services {
    /// PostgreSQL.
    pub pool: PgPool,
    /// The component host.
    pub runtime: Runtime,
    /// What things cost.
    pub pricing: Pricing,
    /// The read path.
    pub search: SearchService,
    /// The write path.
    pub booking: BookingService,
    /// Everything that is counted.
    pub metrics: Registry,
}

/// Connects to the database.
pub async fn database(config: &Config) -> Result<PgPool> {
    let options = PgPoolOptions::new()
        .max_connections(config.database.max_connections)
        .acquire_timeout(Duration::from_secs(config.database.acquire_seconds));
    options.connect(config.database_url()?).await.context("PostgreSQL cannot be reached")
}

/// Starts the component host.
pub async fn runtime(config: &Config, metrics: &Registry, watch: bool) -> Result<Runtime> {
    let components = &config.components;
    let runtime = RuntimeConfig {
        grants: config.grants()?,
        defaults: components.defaults,
        ceiling: components.ceiling,
        watch: watch && components.watch,
        observer: Arc::new(Calls::register(metrics)?),
        ..RuntimeConfig::new(&components.path, &components.artifacts)
    };
    Ok(Runtime::start(runtime, Arc::new(MemoryStateStore::default())).await?)
}

impl Services {
    /// Starts everything but the listener and the worker.
    pub async fn start(config: &Config) -> Result<Self> {
        let metrics = Registry::new();
        let pool = database(config).await?;
        let runtime = runtime(config, &metrics, true).await?;
        Standing::register(&metrics, runtime.clone(), pool.clone())?;
        metrics.register(Box::new(ProcessCollector::for_self()))?;
        let shared = Arc::new(runtime.clone());
        let pricing = Pricing::new(shared.clone(), config.rate_table()?);
        let search = SearchService::observed(
            config.search.clone(),
            shared.clone(),
            pricing.clone(),
            Arc::new(MemoryCache::new(config.search.memory_mb * 1024 * 1024)),
            config.signer()?,
            Arc::new(Searches::register(&metrics)?),
            Clock::system(),
        );
        let booking = BookingService::new(BookingParts {
            pool: pool.clone(),
            suppliers: shared.clone(),
            payments: shared,
            pricing: pricing.clone(),
            offers: Arc::new(SearchedOffers(search.clone())),
            config: config.booking.clone(),
        })
        .context("the write path does not start")?;
        Ok(Self { pool, runtime, pricing, search, booking, metrics })
    }

    /// The API over these services.
    pub fn api(&self, config: &Config, shutdown: CancellationToken) -> Result<Api> {
        let parts = ApiParts {
            config: config.api.clone(),
            keys: Keys::new(Arc::new(KeyTable(self.pool.clone()))),
            search: self.search.clone(),
            booking: self.booking.clone(),
            pricing: self.pricing.clone(),
            readiness: Arc::new(Gateway { pool: self.pool.clone(), runtime: self.runtime.clone() }),
            metrics: self.metrics.clone(),
            shutdown,
        };
        Ok(Api::new(parts)?)
    }

    /// Ends what runs in the background.
    pub async fn stop(self) {
        self.runtime.shutdown().await;
        self.pool.close().await;
    }
}

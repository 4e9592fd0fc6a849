//! Puts the parts together.

use crate::component_state;
use crate::config::Config;
use crate::gauges::Standing;
use crate::keys::KeyTable;
use crate::observers::{Calls, Jobs, Load, Searches};
use crate::offers::SearchedOffers;
use crate::rates::RateFile;
use crate::readiness::Gateway;
use crate::shared::{Shared, SharedTokens};
use anyhow::{Context, Result};
use interline_api::auth::store::Keys;
use interline_api::{Api, ApiParts, Readiness};
use interline_booking::{BookingParts, BookingService, Worker};
use interline_pricing::Pricing;
use interline_redis::Link;
use interline_runtime::{Runtime, RuntimeConfig, StateStore};
use interline_search::{SearchParts, SearchService, Workshop};
use prometheus::Registry;
use prometheus::process_collector::ProcessCollector;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Connections for what components keep between calls.
const STATE_CONNECTIONS: u32 = 4;

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
    /// The way to what nodes share, for those who answer.
    pub serving: Option<Link>,
    /// What is counted of jobs.
    pub jobs: Jobs,
    /// Everything that is counted.
    pub metrics: Registry,
    /// Cancelled when what runs in the background is to end.
    stopping: CancellationToken,
}

/// Connects to the database.
pub async fn database(config: &Config) -> Result<PgPool> {
    let options = PgPoolOptions::new()
        .max_connections(config.database.max_connections)
        .acquire_timeout(Duration::from_secs(config.database.acquire_seconds));
    options.connect(config.database_url()?).await.context("PostgreSQL cannot be reached")
}

/// Starts the component host, over a store for what components keep between calls.
pub async fn runtime(config: &Config, metrics: &Registry, watch: bool, state: Arc<dyn StateStore>) -> Result<Runtime> {
    let components = &config.components;
    let runtime = RuntimeConfig {
        grants: config.grants()?,
        defaults: components.defaults,
        ceiling: components.ceiling,
        watch: watch && components.watch,
        observer: Arc::new(Calls::register(metrics)?),
        ..RuntimeConfig::new(&components.path, &components.artifacts)
    };
    Ok(Runtime::start(runtime, state).await?)
}

impl Services {
    /// Starts everything but the listener and the worker. Searches are worked on in the workshop.
    pub async fn start(config: &Config, workshop: Workshop) -> Result<Self> {
        let metrics = Registry::new();
        let pool = database(config).await?;
        // Of its own, since searches use it: a connection is served by the threads that made it.
        let state = PgPoolOptions::new().max_connections(STATE_CONNECTIONS).connect_lazy(config.database_url()?)?;
        let state = component_state::shared(config, state)?;
        let runtime = runtime(config, &metrics, true, state).await?;
        Standing::register(&metrics, runtime.clone(), pool.clone())?;
        metrics.register(Box::new(ProcessCollector::for_self()))?;
        let shared = Arc::new(runtime.clone());
        let pricing = Pricing::new(shared.clone(), config.rate_table()?);
        let stopping = CancellationToken::new();
        if let Some(file) = config.rates.file.clone() {
            let rates = RateFile::new(file, pricing.clone(), &metrics)?;
            tokio::spawn(rates.keep(stopping.clone()));
        }
        let Shared { cache, lookup_cache, serving } = Shared::connect(config, &metrics, &workshop).await?;
        let parts = SearchParts::new(shared.clone(), pricing.clone(), cache, config.signer()?);
        let observer = Arc::new(Searches::register(&metrics)?);
        let search =
            SearchService::new(config.search.clone(), SearchParts { observer, workshop, lookup_cache, ..parts });
        Load::register(&metrics, search.pressure().clone())?;
        let booking = BookingService::new(BookingParts {
            pool: pool.clone(),
            suppliers: shared.clone(),
            payments: shared,
            pricing: pricing.clone(),
            offers: Arc::new(SearchedOffers(search.clone())),
            config: config.booking.clone(),
        })
        .context("the write path does not start")?;
        let jobs = Jobs::register(&metrics)?;
        Ok(Self { pool, runtime, pricing, search, booking, serving, jobs, metrics, stopping })
    }

    /// A worker over these services.
    pub fn worker(&self, config: &Config) -> Result<Worker> {
        let worker = Worker::observed(self.booking.clone(), config.worker.clone(), Arc::new(self.jobs.clone()));
        worker.context("the worker does not start")
    }

    /// What tells whether they can work, and are not told to end.
    pub fn readiness(&self, told_to_end: CancellationToken) -> Arc<dyn Readiness> {
        Arc::new(Gateway { pool: self.pool.clone(), runtime: self.runtime.clone(), told_to_end })
    }

    /// The API over these services. `told_to_end` makes it unready, `shutdown` ends its event streams.
    pub fn api(&self, config: &Config, told_to_end: CancellationToken, shutdown: CancellationToken) -> Result<Api> {
        let parts = ApiParts {
            config: config.api.clone(),
            keys: Keys::new(Arc::new(KeyTable(self.pool.clone()))),
            search: self.search.clone(),
            booking: self.booking.clone(),
            pricing: self.pricing.clone(),
            readiness: self.readiness(told_to_end),
            metrics: self.metrics.clone(),
            tokens: self.serving.clone().map(SharedTokens::start),
            shutdown,
        };
        Ok(Api::new(parts)?)
    }

    /// Ends what runs in the background.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.runtime.shutdown().await;
        self.pool.close().await;
    }
}

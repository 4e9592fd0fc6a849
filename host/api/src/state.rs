//! What every route can reach.

use crate::auth::store::Keys;
use crate::config::ApiConfig;
use crate::limits::{Limits, TokenPool};
use crate::metrics::HttpMetrics;
use async_trait::async_trait;
use interline_booking::BookingService;
use interline_pricing::Pricing;
use interline_search::SearchService;
use serde::Serialize;
use std::sync::Arc;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use utoipa::ToSchema;

/// One thing that the gateway needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// What: `database`, or a component's name.
    pub name: String,
    /// Whether it works.
    pub ready: bool,
    /// How it stands, for an operator.
    pub detail: String,
    /// Without it the gateway takes no requests.
    pub essential: bool,
}

/// Tells whether the gateway can do its work.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Looks now.
    async fn check(&self) -> Vec<Check>;
}

/// What the API stands on.
pub struct ApiParts {
    /// Settings.
    pub config: ApiConfig,
    /// API keys.
    pub keys: Keys,
    /// The read path.
    pub search: SearchService,
    /// The write path.
    pub booking: BookingService,
    /// Names the rates in force, and the currencies that prices can be shown in.
    pub pricing: Pricing,
    /// For `/readyz`.
    pub readiness: Arc<dyn Readiness>,
    /// Everything that `/metrics` shows; the API adds its own.
    pub metrics: prometheus::Registry,
    /// Rate limits shared with other nodes; none: this node has them alone.
    pub tokens: Option<Arc<dyn TokenPool>>,
    /// Cancelled when the gateway ends: event streams, which have no end of their own, end then.
    pub shutdown: CancellationToken,
}

struct Inner {
    parts: ApiParts,
    limits: Limits,
    http: HttpMetrics,
}

/// The API's state. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

impl Api {
    /// Over its parts; fails if a metric's name is taken.
    pub fn new(parts: ApiParts) -> Result<Self, prometheus::Error> {
        let limits = Limits::new(parts.config.address_limit, &parts.config.rate_plans, parts.tokens.as_ref());
        let http = HttpMetrics::register(&parts.metrics)?;
        Ok(Self(Arc::new(Inner { parts, limits, http })))
    }

    /// Settings.
    pub fn config(&self) -> &ApiConfig {
        &self.0.parts.config
    }

    /// API keys.
    pub fn keys(&self) -> &Keys {
        &self.0.parts.keys
    }

    /// The read path.
    pub fn search(&self) -> &SearchService {
        &self.0.parts.search
    }

    /// The write path.
    pub fn booking(&self) -> &BookingService {
        &self.0.parts.booking
    }

    /// Rates and rule versions.
    pub fn pricing(&self) -> &Pricing {
        &self.0.parts.pricing
    }

    /// See [`Readiness`].
    pub fn readiness(&self) -> &dyn Readiness {
        self.0.parts.readiness.as_ref()
    }

    /// Ready when the gateway ends.
    pub fn closing(&self) -> WaitForCancellationFutureOwned {
        self.0.parts.shutdown.clone().cancelled_owned()
    }

    /// Everything that is counted.
    pub fn metrics(&self) -> &prometheus::Registry {
        &self.0.parts.metrics
    }

    /// Token buckets.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// What is counted of requests.
    pub fn http(&self) -> &HttpMetrics {
        &self.0.http
    }
}

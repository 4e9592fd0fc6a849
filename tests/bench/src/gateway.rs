//! The gateway's parts, put together in this process; without a database, which cached searches never ask.

use anyhow::{Context, Result};
use async_trait::async_trait;
use interline_api::auth::key::{ApiKey, KeyHash, Market, Scope, Secret};
use interline_api::auth::store::{KeyStore, Keys, StoreError};
use interline_api::front::Front;
use interline_api::limits::RatePlan;
use interline_api::{Api, ApiConfig, ApiParts, Check, Readiness, router};
use interline_booking::{
    BookingConfig, BookingParts, BookingService, FoundOffer, MasterKey, OfferFinder, OfferLookupError,
};
use interline_pricing::{Pricing, RateTable};
use interline_runtime::Runtime;
use interline_search::{MemoryCache, OfferSigner, SearchConfig, SearchParts, SearchService, SigningKey};
use prometheus::Registry;
use sqlx::postgres::PgPoolOptions;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const MUCH: RatePlan = RatePlan { per_second: 10_000_000, burst: 10_000_000 };

/// The application, and a key to it.
pub struct Served {
    /// The application.
    pub front: Front,
    /// Text of the API key.
    pub api_key: String,
}

/// Puts it together over a component host; what is worked out of supersets is kept, or made anew for each search.
pub fn serve(runtime: &Runtime, is_kept: bool) -> Result<Served> {
    let shared = Arc::new(runtime.clone());
    let pricing = Pricing::new(shared.clone(), RateTable::sandbox()?);
    let freshness = vec![interline_search::ttl::FreshnessRow {
        departure_within_hours: None,
        fresh_seconds: 14_400,
        stale_seconds: 14_400,
    }];
    let mut config = SearchConfig { freshness: freshness.try_into()?, ..SearchConfig::default() };
    if !is_kept {
        (config.memory_mb, config.page_memory_mb) = (0, 0);
    }
    let search = SearchService::new(
        config,
        SearchParts::new(
            shared.clone(),
            pricing.clone(),
            Arc::new(MemoryCache::new(1 << 30)),
            OfferSigner::new(SigningKey::new(1, &[1; 32])?, Vec::new()),
        ),
    );
    let booking = BookingService::new(BookingParts {
        pool: PgPoolOptions::new().connect_lazy("postgres://nobody@127.0.0.1:9/nothing")?,
        suppliers: shared.clone(),
        payments: shared,
        pricing: pricing.clone(),
        offers: Arc::new(Nothing),
        config: BookingConfig {
            master_keys: vec![MasterKey { id: "bench".to_owned(), hex: "11".repeat(32) }],
            ..BookingConfig::default()
        },
    })?;
    let secret = Secret::generate();
    let api = Api::new(ApiParts {
        config: ApiConfig {
            address_limit: MUCH,
            rate_plans: BTreeMap::from([("standard".to_owned(), MUCH)]),
            ..ApiConfig::default()
        },
        keys: Keys::new(Arc::new(OneKey(secret.hash(), key()?))),
        search,
        booking,
        pricing,
        readiness: Arc::new(Nothing),
        metrics: Registry::new(),
        tokens: None,
        shutdown: CancellationToken::new(),
    })
    .context("the API does not start")?;
    let app = router::build(&api);
    Ok(Served { front: Front::new(api, app), api_key: secret.reveal().to_owned() })
}

fn key() -> Result<ApiKey> {
    Ok(ApiKey {
        id: Uuid::from_u128(1),
        name: "bench".to_owned(),
        scopes: vec![Scope::Search],
        rate_plan: "standard".to_owned(),
        market: Market {
            point_of_sale: "ID".to_owned(),
            channel: "web".to_owned(),
            customer_segment: "retail".to_owned(),
            currency: "USD".parse()?,
            credential_set: "main".to_owned(),
        },
        users: None,
    })
}

/// A store of one key.
struct OneKey(KeyHash, ApiKey);

#[async_trait]
impl KeyStore for OneKey {
    async fn find(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        Ok((*hash == self.0).then(|| self.1.clone()))
    }
}

/// What no search needs.
struct Nothing;

#[async_trait]
impl OfferFinder for Nothing {
    async fn find(&self, _: &str) -> Result<FoundOffer, OfferLookupError> {
        Err(OfferLookupError::Unknown)
    }
}

#[async_trait]
impl Readiness for Nothing {
    async fn check(&self) -> Vec<Check> {
        Vec::new()
    }
}

//! The read path's front: search, stream, find an offer again.

use crate::cache::SupersetCache;
use crate::clock::Clock;
use crate::coalesce::Flights;
use crate::config::SearchConfig;
use crate::error::{OfferError, SearchError};
use crate::fanout::searchable;
use crate::flight::{Progress, time_left};
use crate::loaded::Loaded;
use crate::observer::{SearchObserver, Unobserved};
use crate::offer_id::OfferSigner;
use crate::page::{CacheState, SearchPage, SupplierStatus};
use crate::pages::Pages;
use crate::pressure::Pressure;
use crate::repeated::Repeated;
use crate::request::SearchRequest;
use crate::route::{Route, RouteRef};
use crate::superset::{Part, count};
use crate::ttl::refresh_early;
use crate::view::priced::PricedView;
use crate::workshop::Workshop;
use crate::{find, stream};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use foldhash::quality::RandomState;
use futures::Stream;
use interline_domain::money::Money;
use interline_domain::offer::SupplierReply;
use interline_domain::trip::{SearchKey, SupplierScope, Trip};
use interline_pricing::{PricedOffer, Pricing, PricingContext, PricingError, RulesVersion};
use interline_runtime::{PluginVersion, Suppliers};
use jiff::Timestamp;
use moka::Expiry;
use moka::future::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// A refresh ahead of time is no earlier than a few of these before the end.
const LONGEST_LEAD: Duration = Duration::from_secs(2);

/// The read path. Cheap to clone.
#[derive(Clone)]
pub struct SearchService(Arc<Inner>);

pub(crate) struct Inner {
    pub config: Arc<SearchConfig>,
    pub parts: SearchParts,
    /// Decoded supersets with their views, before the level behind.
    pub memory: Cache<Route, Arc<Loaded>, RandomState>,
    pub pages: Pages,
    pub flights: Flights<Route, Progress>,
    /// Single suppliers asked again for an offer.
    pub lookups: Flights<(Route, String), Option<Arc<Part>>>,
    pub pressure: Arc<Pressure>,
    /// Flights that ask suppliers while the other nodes can't be reached.
    pub alone: Arc<Semaphore>,
    rules: ArcSwapOption<SeenRules>,
    /// See [`SearchService::generation`].
    generation: AtomicU64,
}

/// The rules' version, as it was seen within a slot of time.
struct SeenRules {
    slot: i64,
    version: RulesVersion,
}

/// Milliseconds for which the rules' version is not asked for again: putting it together costs more than a cached page.
const RULES_SLOT: i64 = 16;

/// What a streamed search tells as it goes.
#[derive(Debug, Clone)]
pub enum SupplierUpdate {
    /// A supplier is through.
    Supplier {
        /// How it did.
        status: SupplierStatus,
        /// Its own offers that pass the filters, sorted, at most a page; JSON objects as in a page.
        offers: Vec<Bytes>,
    },
    /// The last: the first page of all suppliers' offers together.
    Summary(Arc<SearchPage>),
    /// The last, in place of the summary.
    Failed(SearchError),
}

/// An offer found again.
#[derive(Debug, Clone)]
pub struct FoundOffer {
    /// What was searched for.
    pub trip: Trip,
    /// Within which scope.
    pub scope: SupplierScope,
    /// Whom it was priced for, with the present rate table.
    pub context: PricingContext,
    /// Whose offer it is.
    pub supplier: String,
    /// The offer alone, with its segments.
    pub reply: SupplierReply,
    /// Its price by the present rules.
    pub priced: PricedOffer,
    /// Total that the offer id was given out with.
    pub shown: Money,
    /// The trip's broad key.
    pub search_key: SearchKey,
    /// The plugin that made the reply.
    pub plugin_version: PluginVersion,
}

/// Supersets in memory live until they may not be shown any more.
struct UntilStale(Clock);

impl Expiry<Route, Arc<Loaded>> for UntilStale {
    fn expire_after_create(&self, _: &Route, loaded: &Arc<Loaded>, _: Instant) -> Option<Duration> {
        Some(time_left(loaded.stale_until, self.0.now()).unwrap_or_default())
    }

    fn expire_after_update(
        &self,
        _: &Route,
        loaded: &Arc<Loaded>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(time_left(loaded.stale_until, self.0.now()).unwrap_or_default())
    }
}

/// What the read path works with.
pub struct SearchParts {
    /// Who is asked.
    pub suppliers: Arc<dyn Suppliers>,
    /// What makes prices of theirs.
    pub pricing: Pricing,
    /// Supersets of all nodes, behind the memory of this one.
    pub cache: Arc<dyn SupersetCache>,
    /// The same, by a way that bookings' look-ups share with no search.
    pub lookup_cache: Arc<dyn SupersetCache>,
    /// What signs offer ids.
    pub signer: OfferSigner,
    /// Who counts.
    pub observer: Arc<dyn SearchObserver>,
    /// What time it is.
    pub clock: Clock,
    /// Where searches that memory can't answer are worked on.
    pub workshop: Workshop,
}

impl SearchParts {
    /// With nobody who counts, by the system's clock, and worked on where they are asked.
    pub fn new(
        suppliers: Arc<dyn Suppliers>,
        pricing: Pricing,
        cache: Arc<dyn SupersetCache>,
        signer: OfferSigner,
    ) -> Self {
        let (observer, clock, workshop) = (Arc::new(Unobserved), Clock::system(), Workshop::default());
        let lookup_cache = Arc::clone(&cache);
        Self { suppliers, pricing, cache, lookup_cache, signer, observer, clock, workshop }
    }
}

impl SearchService {
    /// Puts the parts together; asks nobody yet.
    pub fn new(config: SearchConfig, parts: SearchParts) -> Self {
        let weigh = |_: &Route, loaded: &Arc<Loaded>| count(loaded.weight());
        let memory = Cache::builder()
            .max_capacity(config.memory_mb.saturating_mul(1 << 20))
            .weigher(weigh)
            .expire_after(UntilStale(parts.clock.clone()))
            .build_with_hasher(RandomState::default());
        Self(Arc::new(Inner {
            memory,
            pages: Pages::new(config.page_memory_mb.saturating_mul(1 << 20)),
            flights: Flights::new(config.max_flights, parts.workshop.clone()),
            // Of bookings: they stay out of the crowd.
            lookups: Flights::new(config.max_flights, Workshop::default()),
            pressure: Arc::new(Pressure::new(
                Duration::from_millis(config.lag_target_ms),
                config.least_flights,
                config.max_flights,
            )),
            alone: Arc::new(Semaphore::new(config.max_flights_alone.min(Semaphore::MAX_PERMITS))),
            rules: ArcSwapOption::empty(),
            generation: AtomicU64::new(0),
            config: Arc::new(config),
            parts,
        }))
    }

    /// Measures how much there is to do, and moves what is shed by it; never ends by itself. Whoever serves searches runs it
    /// where they are worked on.
    pub async fn watch(&self) {
        self.0.pressure.watch(|| self.0.flights.len()).await;
    }

    /// What is shed when there is too much to do.
    pub fn pressure(&self) -> &Arc<Pressure> {
        &self.0.pressure
    }

    /// One page of offers.
    pub async fn search(&self, request: &SearchRequest) -> Result<Arc<SearchPage>, SearchError> {
        if let Some(found) = self.0.cached(request).await {
            self.answered(found.page.cache);
            return Ok(found.page);
        }
        let (inner, request) = (Arc::clone(&self.0), request.clone());
        self.0.parts.workshop.run(async move { inner.search(&request).await }).await
    }

    /// The page of a search asked again, if memory has it; it counts when it is [`Self::answered`].
    pub async fn cached(&self, repeated: &Repeated) -> Option<Arc<SearchPage>> {
        self.0.repeated(repeated).await
    }

    /// A page that was [`Self::cached`] is being shown.
    pub fn answered(&self, cache: CacheState) {
        self.0.parts.observer.searched(cache);
    }

    /// Changes when another superset has taken a place in memory, or other rules are seen. While it stays, and the second, a
    /// page that was [`Self::cached`] after it was looked at is the page of its search.
    pub fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// One update for each supplier as it arrives, then the summary.
    pub fn stream(&self, request: SearchRequest) -> impl Stream<Item = SupplierUpdate> + Send + use<> {
        stream::updates(Arc::clone(&self.0), request)
    }

    /// The offer that an offer id names: from the cache, else asked of its supplier again.
    pub async fn find_offer(&self, offer_id: &str) -> Result<FoundOffer, OfferError> {
        find::offer(&self.0, offer_id).await
    }
}

impl Inner {
    async fn search(self: &Arc<Self>, request: &SearchRequest) -> Result<Arc<SearchPage>, SearchError> {
        let route = RouteRef { trip: &request.trip, scope: &request.scope };
        let (loaded, cache) = match self.in_memory(route).await {
            Some(found) => found,
            None => self.from_suppliers(&route.to_owned()).await?,
        };
        self.answer(request, loaded, cache).await
    }

    /// What memory has, if it may be shown; starts a refresh where one is due.
    pub async fn in_memory(self: &Arc<Self>, route: RouteRef<'_>) -> Option<(Arc<Loaded>, CacheState)> {
        let loaded = self.memory.get(&route).await?;
        let cache = self.shown(&loaded, route, self.parts.clock.now())?;
        Some((loaded, cache))
    }

    /// As what a superset may be shown; none: not at all. Starts a refresh where one is due.
    pub fn shown(self: &Arc<Self>, loaded: &Loaded, route: RouteRef<'_>, now: Timestamp) -> Option<CacheState> {
        if now >= loaded.stale_until || !loaded.agrees(now, || searchable(&*self.parts.suppliers)) {
            return None;
        }
        if now >= loaded.fresh_until {
            self.refresh(route, now);
            return Some(CacheState::Stale);
        }
        // A supplier that failed is not asked before its time.
        if loaded.is_complete && refresh_early(loaded.fresh_until, now, loaded.took.min(LONGEST_LEAD), rand::random()) {
            self.refresh(route, loaded.fresh_until);
        }
        Some(CacheState::Hit)
    }

    /// Starts a flight that nobody waits for, unless one is under way.
    fn refresh(self: &Arc<Self>, route: RouteRef<'_>, horizon: Timestamp) {
        match self.seat(&route.to_owned(), horizon) {
            Ok(seat) if seat.is_first => self.parts.observer.refreshed(),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "no refresh"),
        }
    }

    pub async fn from_suppliers(self: &Arc<Self>, route: &Route) -> Result<(Arc<Loaded>, CacheState), SearchError> {
        self.fetch(route, self.parts.clock.now()).await
    }

    /// A page of a superset.
    pub async fn answer(
        &self,
        request: &SearchRequest,
        loaded: Arc<Loaded>,
        cache: CacheState,
    ) -> Result<Arc<SearchPage>, SearchError> {
        let now = self.parts.clock.now();
        self.parts.observer.searched(cache);
        if loaded.superset.is_failure() {
            let left = time_left(loaded.fresh_until, now).unwrap_or_default().max(Duration::from_secs(1));
            let statuses = loaded.superset.statuses(now);
            return Err(SearchError::AllSuppliersFailed { statuses, retry_after: left });
        }
        let view = self.view(&loaded, request, now).await?;
        Ok(self.pages.page(request, &view, &self.parts.signer).await?.tell(&loaded, cache, now))
    }

    /// See [`SearchService::generation`]; call it when what is new can be seen.
    pub fn begin_generation(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Looks at the rules' version.
    pub fn with_rules<T>(&self, now: Timestamp, look: impl FnOnce(&RulesVersion) -> T) -> T {
        let slot = now.as_millisecond() / RULES_SLOT;
        if let Some(seen) = &*self.rules.load()
            && seen.slot == slot
        {
            return look(&seen.version);
        }
        let seen = Arc::new(SeenRules { slot, version: self.parts.pricing.rules_version() });
        let before = self.rules.swap(Some(Arc::clone(&seen)));
        if before.is_none_or(|before| before.version != seen.version) {
            self.begin_generation();
        }
        look(&seen.version)
    }

    async fn view(
        &self,
        loaded: &Arc<Loaded>,
        request: &SearchRequest,
        now: Timestamp,
    ) -> Result<Arc<PricedView>, PricingError> {
        if let Some(view) = self.with_rules(now, |rules| loaded.view(&request.context, rules, now)) {
            return Ok(view);
        }
        let since = Instant::now();
        let building = loaded.view_or_build(&request.context, &self.parts.pricing, &self.parts.signer, now);
        let (view, is_new) = building.await?;
        if is_new {
            self.parts.observer.priced(view.price.len(), since.elapsed());
            // Put in again, so that memory counts the view's bytes; unless another took the place meanwhile.
            let route = RouteRef { trip: &request.trip, scope: &request.scope };
            if self.memory.get(&route).await.is_some_and(|there| Arc::ptr_eq(&there, loaded)) {
                self.memory.insert(route.to_owned(), Arc::clone(loaded)).await;
            }
        }
        Ok(view)
    }
}

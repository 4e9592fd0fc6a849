//! One trip's way to the suppliers and back: started once, whoever asks.

use crate::cache::{SupersetCache, Wakes};
use crate::coalesce::{Flight, Full, Seat};
use crate::error::SearchError;
use crate::fanout::{FanOut, GRACE, Policy, searchable};
use crate::gather::{Gathered, newest};
use crate::loaded::Loaded;
use crate::outbox::Outbox;
use crate::page::CacheState;
use crate::route::Route;
use crate::service::Inner;
use crate::superset::{Part, Superset};
use crate::turn::{CACHE_PATIENCE, Right, Turn};
use interline_domain::trip::SearchKey;
use interline_runtime::Supplier;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// Flights that may die under a caller before it gives up.
const ATTEMPTS: usize = 3;

/// What a flight tells of itself.
#[derive(Default)]
pub struct Progress {
    /// Suppliers that are through.
    pub parts: Vec<Arc<Part>>,
    /// Its end.
    pub landed: Option<Result<Landed, SearchError>>,
}

/// What a flight brought.
#[derive(Clone)]
pub struct Landed {
    /// In memory now.
    pub loaded: Arc<Loaded>,
    /// Where it came from, for the caller that started the flight.
    pub cache: CacheState,
}

impl Landed {
    /// As the caller that started the flight sees it, or another.
    pub fn seen_by(self, is_first: bool) -> (Arc<Loaded>, CacheState) {
        (self.loaded, if is_first { self.cache } else { CacheState::Coalesced })
    }
}

pub type RouteFlight = Flight<Route, Progress>;

impl Inner {
    /// A seat on the route's flight. A new one asks the suppliers of whom there is nothing that is fresh beyond `horizon`.
    pub fn seat(self: &Arc<Self>, route: &Route, horizon: Timestamp) -> Result<Seat<Progress>, SearchError> {
        let fly = |flight: RouteFlight| {
            let (inner, route) = (Arc::clone(self), route.clone());
            async move { inner.fly(route, horizon, flight).await }
        };
        self.flights.limit(self.pressure.flights());
        self.flights.seat(route, Progress::default(), fly).map_err(|Full| SearchError::Overloaded)
    }

    /// The route's superset, by its flight, and where it came from.
    pub async fn fetch(
        self: &Arc<Self>,
        route: &Route,
        horizon: Timestamp,
    ) -> Result<(Arc<Loaded>, CacheState), SearchError> {
        for _ in 0..ATTEMPTS {
            let mut seat = self.seat(route, horizon)?;
            if let Ok(progress) = seat.progress.wait_for(|progress| progress.landed.is_some()).await
                && let Some(landed) = &progress.landed
            {
                return landed.clone().map(|landed| landed.seen_by(seat.is_first));
            }
        }
        Err(SearchError::Interrupted)
    }

    async fn fly(self: Arc<Self>, route: Route, horizon: Timestamp, flight: RouteFlight) {
        let deadline = Instant::now() + self.config.deadline();
        let suppliers = searchable(&*self.parts.suppliers);
        if suppliers.is_empty() {
            return flight.land(|progress| progress.landed = Some(Err(SearchError::NoSuppliers)));
        }
        // Somebody may have landed between the caller's look into memory and this flight's start.
        let memory = self.memory.get(&route).await;
        if let Some(loaded) = &memory
            && loaded.fresh_until > horizon
            && loaded.agrees(self.parts.clock.now(), || suppliers.clone())
        {
            return land(flight, Arc::clone(loaded), CacheState::Hit);
        }
        let mut gathered = Gathered::new(route.clone(), suppliers, horizon);
        gathered.add(memory.as_ref().map(|loaded| &*loaded.superset));
        let asked_at = self.parts.clock.now();
        match self.turn(&route.key(), &mut gathered, &flight, deadline).await {
            Turn::Known(cache, wakes) => {
                let loaded = self.remember(&route, gathered.fresh()).await;
                land(flight, loaded, cache);
                self.join_late(&route, gathered.unanswered(), wakes).await;
            }
            Turn::TooLate(wakes) => {
                let policy = self.policy(&route);
                let missed = gathered.asks().into_iter().map(|ask| Arc::new(policy.missed(&ask, asked_at)));
                let parts = gathered.fresh().into_iter().chain(missed).collect();
                let loaded = self.remember(&route, parts).await;
                land(flight, loaded, CacheState::Coalesced);
                self.join_late(&route, gathered.unanswered(), wakes).await;
            }
            Turn::Crowded => flight.land(|progress| progress.landed = Some(Err(SearchError::Overloaded))),
            Turn::Ours(right) => self.ask(route, &gathered, right, flight, deadline).await,
        }
    }

    async fn ask(
        self: Arc<Self>,
        route: Route,
        gathered: &Gathered,
        right: Right,
        flight: RouteFlight,
        deadline: Instant,
    ) {
        let (lease, _permit) = match right {
            Right::Alone => (None, None),
            Right::Leased(lease) => (Some(lease), None),
            Right::Capped(permit) => (None, Some(permit)),
        };
        let outbox = Outbox::start(Arc::clone(&self), route.clone(), lease);
        let mut fan_out = FanOut::start(&route, gathered.asks(), self.policy(&route));
        let mut parts = gathered.fresh();
        loop {
            tokio::select! {
                part = fan_out.next() => match part.map(Arc::new) {
                    Some(part) => {
                        parts.push(Arc::clone(&part));
                        outbox.put(Arc::clone(&part));
                        flight.tell(|progress| progress.parts.push(part));
                    }
                    None => break,
                },
                () = sleep_until(deadline) => {
                    let late = fan_out.late_parts().into_iter().map(Arc::new);
                    parts.extend(late.inspect(|part| outbox.put(Arc::clone(part))));
                    break;
                }
            }
        }
        let loaded = self.remember(&route, parts).await;
        // Who searches on another node right after finds it there.
        outbox.flush().await;
        land(flight, loaded, CacheState::Miss);
        // Those who are late: nobody waits for them, but the next search has their offers.
        while let Some(part) = fan_out.next().await.map(Arc::new) {
            if part.is_ok() {
                outbox.put(Arc::clone(&part));
                self.remember(&route, vec![part]).await;
            }
        }
    }

    /// Takes over what another node gets from suppliers that were late, as it comes.
    async fn join_late(&self, route: &Route, mut late: Vec<Arc<dyn Supplier>>, mut wakes: Wakes) {
        if wakes.is_never() {
            return;
        }
        let Some(longest) = late.iter().map(|supplier| supplier.search_timeout()).max() else { return };
        let over = Instant::now() + longest + GRACE;
        let key = route.key();
        while !late.is_empty() && timeout_at(over, wakes.next()).await.is_ok() {
            let names: Vec<&str> = late.iter().map(|supplier| supplier.name()).collect();
            let Some(stored) = self.stored(&key, &names).await else { continue };
            let now = self.parts.clock.now();
            let mut parts = stored.parts;
            parts.retain(|part| part.is_ok() && part.fresh_until > now);
            late.retain(|supplier| parts.iter().all(|part| part.supplier != supplier.name()));
            if !parts.is_empty() && stored.trip == route.trip && stored.scope == route.scope {
                self.remember(route, parts).await;
            }
        }
    }

    pub fn policy(&self, route: &Route) -> Policy {
        Policy::new(Arc::clone(&self.config), Arc::clone(&self.parts.observer), self.parts.clock.clone(), route)
    }

    /// Puts parts into memory, beside those that are there already; of one supplier's the newest stays.
    pub async fn remember(&self, route: &Route, parts: Vec<Arc<Part>>) -> Arc<Loaded> {
        let suppliers = searchable(&*self.parts.suppliers);
        let entry = self.memory.entry_by_ref(route).and_upsert_with(|there| async move {
            let before = there.map(moka::Entry::into_value);
            let parts = before.iter().flat_map(|before| before.superset.parts.iter().cloned()).chain(parts);
            let superset = Superset::new(route.trip.clone(), route.scope.clone(), newest(parts, &suppliers));
            let loaded = Loaded::new(Arc::new(superset));
            before.iter().for_each(|before| before.supersede());
            Arc::new(loaded)
        });
        let loaded = entry.await.into_value();
        self.begin_generation();
        loaded
    }

    /// What the level behind has of these suppliers.
    pub async fn stored(&self, key: &SearchKey, suppliers: &[&str]) -> Option<Superset> {
        kept(&*self.parts.cache, key, suppliers).await
    }
}

/// What a cache has of these suppliers.
pub async fn kept(cache: &dyn SupersetCache, key: &SearchKey, suppliers: &[&str]) -> Option<Superset> {
    timeout(CACHE_PATIENCE, cache.get(key, suppliers)).await.ok().flatten()
}

fn land(flight: RouteFlight, loaded: Arc<Loaded>, cache: CacheState) {
    flight.land(|progress| progress.landed = Some(Ok(Landed { loaded, cache })));
}

/// Time until a moment; none if it has passed.
pub fn time_left(until: Timestamp, now: Timestamp) -> Option<Duration> {
    Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
}

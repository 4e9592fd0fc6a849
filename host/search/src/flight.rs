//! One trip's way to the suppliers and back: started once, whoever asks.

use crate::coalesce::{Flight, Full, Seat};
use crate::error::SearchError;
use crate::fanout::{Ask, FanOut, Policy, searchable};
use crate::loaded::{Loaded, is_usable};
use crate::route::Route;
use crate::service::Inner;
use crate::superset::{Part, Superset};
use interline_domain::trip::SearchKey;
use interline_runtime::Supplier;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Flights that may die under a caller before it gives up.
const ATTEMPTS: usize = 3;

/// A level behind that takes longer is done without.
const CACHE_PATIENCE: Duration = Duration::from_millis(500);

/// What a flight tells of itself.
#[derive(Default)]
pub struct Progress {
    /// Suppliers that are through.
    pub parts: Vec<Arc<Part>>,
    /// Its end.
    pub landed: Option<Result<Arc<Loaded>, SearchError>>,
}

type RouteFlight = Flight<Route, Progress>;

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

    /// The route's superset, by its flight; `true`: this caller started it.
    pub async fn fetch(
        self: &Arc<Self>,
        route: &Route,
        horizon: Timestamp,
    ) -> Result<(Arc<Loaded>, bool), SearchError> {
        for _ in 0..ATTEMPTS {
            let mut seat = self.seat(route, horizon)?;
            if let Ok(progress) = seat.progress.wait_for(|progress| progress.landed.is_some()).await
                && let Some(landed) = &progress.landed
            {
                return landed.clone().map(|loaded| (loaded, seat.is_first));
            }
        }
        Err(SearchError::Interrupted)
    }

    async fn fly(self: Arc<Self>, route: Route, horizon: Timestamp, flight: RouteFlight) {
        let suppliers = searchable(&*self.suppliers);
        if suppliers.is_empty() {
            return flight.land(|progress| progress.landed = Some(Err(SearchError::NoSuppliers)));
        }
        // Somebody may have landed between the caller's look into memory and this flight's start.
        let memory = self.memory.get(&route).await;
        if let Some(loaded) = &memory
            && loaded.fresh_until > horizon
            && loaded.agrees(self.clock.now(), || suppliers.clone())
        {
            return flight.land(|progress| progress.landed = Some(Ok(Arc::clone(loaded))));
        }
        let key = route.key();
        let stored = self.stored(&key).await;
        let known: Vec<Arc<Part>> =
            [memory.map(|loaded| Arc::clone(&loaded.superset)), stored.filter(|superset| superset.trip == route.trip)]
                .into_iter()
                .flatten()
                .flat_map(|superset| superset.parts.clone())
                .collect();
        let known = newest(known, &suppliers);
        let (mut kept, mut asks) = (Vec::new(), Vec::new());
        for supplier in &suppliers {
            let part = known.iter().find(|part| part.supplier == supplier.name());
            match part.filter(|part| part.fresh_until > horizon) {
                Some(part) => kept.push(Arc::clone(part)),
                None => asks.push(Ask { supplier: Arc::clone(supplier), before: part.cloned() }),
            }
        }
        if asks.is_empty() {
            let loaded = self.remember(&route, kept).await;
            return flight.land(|progress| progress.landed = Some(Ok(loaded)));
        }
        flight.tell(|progress| progress.parts.clone_from(&kept));
        let mut fan_out = FanOut::start(&route, asks, self.policy(&route));
        let deadline = tokio::time::sleep(self.config.deadline());
        tokio::pin!(deadline);
        let mut parts = kept;
        loop {
            tokio::select! {
                part = fan_out.next() => match part.map(Arc::new) {
                    Some(part) => {
                        parts.push(Arc::clone(&part));
                        flight.tell(|progress| progress.parts.push(part));
                    }
                    None => break,
                },
                () = &mut deadline => {
                    parts.extend(fan_out.late_parts().into_iter().map(Arc::new));
                    break;
                }
            }
        }
        let loaded = self.remember(&route, parts).await;
        self.store(&key, &loaded).await;
        flight.land(|progress| progress.landed = Some(Ok(loaded)));
        // Those who are late: nobody waits for them, but the next search has their offers.
        while let Some(part) = fan_out.next().await {
            if part.is_ok() {
                let loaded = self.remember(&route, vec![Arc::new(part)]).await;
                self.store(&key, &loaded).await;
            }
        }
    }

    pub fn policy(&self, route: &Route) -> Policy {
        Policy::new(Arc::clone(&self.config), Arc::clone(&self.observer), self.clock.clone(), route)
    }

    /// Puts parts into memory, beside those that are there already; of one supplier's the newest stays.
    pub async fn remember(&self, route: &Route, parts: Vec<Arc<Part>>) -> Arc<Loaded> {
        let suppliers = searchable(&*self.suppliers);
        let entry = self.memory.entry_by_ref(route).and_upsert_with(|there| async move {
            let before = there.map(|entry| entry.into_value().superset.parts.clone()).unwrap_or_default();
            let parts = newest(before.into_iter().chain(parts), &suppliers);
            let superset = Superset::new(route.trip.clone(), route.scope.clone(), parts);
            Arc::new(Loaded::new(Arc::new(superset)).await)
        });
        entry.await.into_value()
    }

    /// What the level behind has.
    pub async fn stored(&self, key: &SearchKey) -> Option<Arc<Superset>> {
        tokio::time::timeout(CACHE_PATIENCE, self.cache.get(key)).await.ok().flatten()
    }

    /// Puts a superset into the level behind.
    pub async fn store(&self, key: &SearchKey, loaded: &Loaded) {
        if let Some(keep) = time_left(loaded.stale_until, self.clock.now()) {
            // Whether it was kept is the cache's to log.
            let putting = self.cache.put(key, Arc::clone(&loaded.superset), keep);
            let _ = tokio::time::timeout(CACHE_PATIENCE, putting).await;
        }
    }
}

/// Time until a moment; none if it has passed.
pub fn time_left(until: Timestamp, now: Timestamp) -> Option<Duration> {
    Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
}

/// Of each active supplier the newest part that its plugin may go on with.
fn newest(parts: impl IntoIterator<Item = Arc<Part>>, suppliers: &[Arc<dyn Supplier>]) -> Vec<Arc<Part>> {
    let mut newest: Vec<Arc<Part>> = Vec::with_capacity(suppliers.len());
    for part in parts {
        let active = suppliers.iter().find(|supplier| supplier.name() == part.supplier);
        if !active.is_some_and(|supplier| is_usable(&part, supplier.version())) {
            continue;
        }
        let age = |part: &Part| (part.fetched_at, part.fresh_until);
        match newest.iter_mut().find(|other| other.supplier == part.supplier) {
            Some(other) if age(other) <= age(&part) => *other = part,
            Some(_) => {}
            None => newest.push(part),
        }
    }
    newest
}

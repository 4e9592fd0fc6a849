//! The bounded queue in front of a component, in two lanes: however many searches there are, bookings pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Of the places, the part that searches never take: one in four.
const KEPT: usize = 4;

/// What a place is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A search: there may be any number of them.
    Search,
    /// What follows when a traveller has chosen.
    Booking,
}

impl Lane {
    /// How long it makes sense to wait for a place, beside the call's own time. Searches that came late would come too late
    /// for who asked, one after the other: told so early, those that are let in are done in time.
    pub(crate) const fn patience(self) -> Duration {
        match self {
            Self::Search => Duration::from_secs(1),
            Self::Booking => Duration::MAX,
        }
    }
}

/// Lets `places` calls run, and `queue` more of each lane wait.
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    /// What searches pass before, so that they take no more than their share of the places.
    searches: Arc<Semaphore>,
    waiting: [AtomicUsize; 2],
    queue: usize,
}

/// So many wait already that there is no point in waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueFull;

/// Leave to be there, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _place: OwnedSemaphorePermit,
    _as_search: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(crate) fn new(places: usize, queue: usize) -> Self {
        let places = places.max(1);
        // A place alone is everybody's.
        let searches = places - places / KEPT;
        Self {
            places: Arc::new(Semaphore::new(places)),
            searches: Arc::new(Semaphore::new(searches)),
            waiting: Default::default(),
            queue,
        }
    }

    /// A place, at once or after those who wait already.
    pub(crate) async fn enter(&self, lane: Lane) -> Result<Place, QueueFull> {
        if let Some(place) = self.at_once(lane) {
            return Ok(place);
        }
        let _waiting = Waiting::join(&self.waiting[lane as usize], self.queue)?;
        let take = async |from: &Arc<Semaphore>| Arc::clone(from).acquire_owned().await.map_err(|_| QueueFull);
        let as_search = match lane {
            Lane::Search => Some(take(&self.searches).await?),
            Lane::Booking => None,
        };
        Ok(Place { _place: take(&self.places).await?, _as_search: as_search })
    }

    /// Waits until nobody is there.
    pub(crate) async fn empty(&self, places: u32) {
        let _ = self.places.acquire_many(places).await;
    }

    fn at_once(&self, lane: Lane) -> Option<Place> {
        let take = |from: &Arc<Semaphore>| Arc::clone(from).try_acquire_owned().ok();
        let as_search = match lane {
            Lane::Search => Some(take(&self.searches)?),
            Lane::Booking => None,
        };
        Some(Place { _place: take(&self.places)?, _as_search: as_search })
    }
}

/// Leaves the queue when dropped, also when the caller gives up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(waiting: &'a AtomicUsize, queue: usize) -> Result<Self, QueueFull> {
        let joined = Self(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) >= queue {
            return Err(QueueFull);
        }
        Ok(joined)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn beyond_the_queue_nobody_waits() {
        let gate = Gate::new(1, 1);
        let place = gate.enter(Lane::Search).await.unwrap();
        let mut second = Box::pin(gate.enter(Lane::Search));
        assert!(second.as_mut().now_or_never().is_none());
        assert_eq!(gate.enter(Lane::Search).now_or_never().unwrap().unwrap_err(), QueueFull);
        drop(place);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_queue() {
        let gate = Gate::new(1, 1);
        let _place = gate.enter(Lane::Search).await.unwrap();
        for _ in 0..3 {
            assert!(gate.enter(Lane::Search).now_or_never().is_none());
        }
    }

    #[tokio::test]
    async fn bookings_pass_by_any_number_of_searches() {
        let gate = Gate::new(8, 1_000);
        let mut searches: Vec<_> = (0..100).map(|_| Box::pin(gate.enter(Lane::Search))).collect();
        let places: Vec<_> = searches.iter_mut().filter_map(|search| search.as_mut().now_or_never()).collect();
        assert_eq!(places.len(), 6);
        let booking = gate.enter(Lane::Booking).now_or_never().unwrap();
        assert!(booking.is_ok());
    }

    #[tokio::test]
    async fn there_are_never_more_than_places() {
        for places in 1..10 {
            let gate = Gate::new(places, 1_000);
            let lanes = [Lane::Search, Lane::Booking].into_iter().cycle().take(40);
            let inside: Vec<_> = lanes.filter_map(|lane| gate.enter(lane).now_or_never()).collect();
            assert_eq!(inside.len(), places);
        }
    }
}

//! Whose turn it is to ask the suppliers: this flight's, or another node's, whose answers it then waits for.

use crate::cache::{Claim, Lease, Wakes};
use crate::flight::RouteFlight;
use crate::gather::Gathered;
use crate::page::CacheState;
use crate::service::Inner;
use crate::ttl::jittered;
use interline_domain::trip::SearchKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

/// A level behind that takes longer is done without.
pub const CACHE_PATIENCE: Duration = Duration::from_millis(500);

/// What a flight is to do.
pub enum Turn {
    /// Land: everything is known.
    Known(CacheState, Wakes),
    /// Ask the suppliers.
    Ours(Right),
    /// Land with what is known: the search's time is over, and another node is still asking.
    TooLate(Wakes),
    /// Land without an answer: too many flights ask on their own already.
    Crowded,
}

/// By what right a flight asks; given back when it is dropped.
pub enum Right {
    /// There are no other nodes.
    Alone,
    /// The other nodes wait for this one.
    Leased(Lease),
    /// The other nodes can't be reached.
    Capped(OwnedSemaphorePermit),
}

impl Inner {
    /// Gathers what the level behind has, and what other nodes put there, until this flight's turn comes or none is needed.
    pub async fn turn(
        &self,
        key: &SearchKey,
        gathered: &mut Gathered,
        flight: &RouteFlight,
        deadline: Instant,
    ) -> Turn {
        // Before the first look, so that nothing is put between it and the wait.
        let mut wakes = self.parts.cache.watch(key);
        let mut cache = CacheState::Hit;
        loop {
            let stored = self.stored(key, &gathered.missing()).await;
            gathered.add(stored.as_ref());
            flight.tell(|progress| progress.parts = gathered.fresh());
            if gathered.is_whole() {
                return Turn::Known(cache, wakes);
            }
            let ends_in = match self.claim(key, &gathered.missing()).await {
                Claim::Elsewhere(ends_in) => ends_in,
                Claim::Alone => return Turn::Ours(Right::Alone),
                Claim::Mine(lease, stored) => {
                    gathered.add(stored.as_ref());
                    flight.tell(|progress| progress.parts = gathered.fresh());
                    let whole = gathered.is_whole();
                    return if whole { Turn::Known(cache, wakes) } else { Turn::Ours(Right::Leased(lease)) };
                }
                Claim::Unreachable => {
                    let permit = timeout_at(deadline, Arc::clone(&self.alone).acquire_owned()).await;
                    return match permit {
                        Ok(Ok(permit)) => Turn::Ours(Right::Capped(permit)),
                        _ => Turn::Crowded,
                    };
                }
            };
            cache = CacheState::Coalesced;
            tokio::select! {
                () = wakes.next() => {}
                // A lease that ended without a word: whoever is first now takes over.
                () = sleep(jittered(ends_in, rand::random()) + Duration::from_millis(5)) => {}
                () = sleep_until(deadline) => return Turn::TooLate(wakes),
            }
        }
    }

    async fn claim(&self, key: &SearchKey, suppliers: &[&str]) -> Claim {
        timeout(CACHE_PATIENCE, self.parts.cache.claim(key, suppliers)).await.unwrap_or(Claim::Unreachable)
    }
}

//! One flight per key in the process, however many ask.
//!
//! A flight runs in a task of its own, so no caller's cancellation touches it. Should the task itself die, its place is
//! released on drop, and those who waited compete for it again.

use crate::workshop::Workshop;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Flights under way, by key; `P` is what they tell of their progress.
pub struct Flights<K: Eq + Hash, P> {
    board: Arc<Mutex<Board<K, P>>>,
    most: AtomicUsize,
    workshop: Workshop,
}

struct Board<K, P> {
    flights: HashMap<K, (u64, watch::Receiver<P>)>,
    next: u64,
}

/// Too many flights are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// A seat on a flight.
pub struct Seat<P> {
    /// What the flight tells; closed when it has landed, or died.
    pub progress: watch::Receiver<P>,
    /// The flight was started for this seat.
    pub is_first: bool,
}

/// The flight's own end: tells progress, and gives the key free when it lands or is dropped.
pub struct Flight<K: Eq + Hash, P> {
    // Dropped before `progress`: who learns of a flight's death must find its place free.
    place: Place<K, P>,
    progress: watch::Sender<P>,
}

struct Place<K: Eq + Hash, P> {
    board: Arc<Mutex<Board<K, P>>>,
    key: K,
    number: u64,
}

impl<K: Eq + Hash, P> Drop for Place<K, P> {
    fn drop(&mut self) {
        let mut board = self.board.lock();
        if board.flights.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            board.flights.remove(&self.key);
        }
    }
}

impl<K: Eq + Hash, P> Flight<K, P> {
    /// Changes what is told, and wakes those who wait.
    pub fn tell(&self, change: impl FnOnce(&mut P)) {
        self.progress.send_modify(change);
    }

    /// Tells the last, and lets the next caller start another flight.
    pub fn land(self, change: impl FnOnce(&mut P)) {
        self.progress.send_modify(change);
        drop(self.place);
    }
}

impl<K: Eq + Hash + Clone + Send + 'static, P: Send + Sync + 'static> Flights<K, P> {
    /// None yet; at most so many at a time.
    pub fn new(most: usize, workshop: Workshop) -> Self {
        let board = Board { flights: HashMap::new(), next: 0 };
        Self { board: Arc::new(Mutex::new(board)), most: AtomicUsize::new(most), workshop }
    }

    /// At most so many at a time from now on; those under way go on.
    pub fn limit(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// A seat on the key's flight; `fly` starts one if there is none.
    pub fn seat<F>(&self, key: &K, start: P, fly: impl FnOnce(Flight<K, P>) -> F) -> Result<Seat<P>, Full>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut board = self.board.lock();
        if let Some((_, progress)) = board.flights.get(key) {
            return Ok(Seat { progress: progress.clone(), is_first: false });
        }
        if board.flights.len() >= self.most.load(Ordering::Relaxed) {
            return Err(Full);
        }
        let number = board.next;
        board.next += 1;
        let (sender, progress) = watch::channel(start);
        board.flights.insert(key.clone(), (number, progress.clone()));
        // The lock is given back first: a future dropped by the runtime would release its place at once.
        drop(board);
        let place = Place { board: Arc::clone(&self.board), key: key.clone(), number };
        // Of the trace of whoever started it; the others only wait for it.
        self.workshop.spawn(fly(Flight { place, progress: sender }));
        Ok(Seat { progress, is_first: true })
    }

    /// Number of flights under way.
    pub fn len(&self) -> usize {
        self.board.lock().flights.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    type Answer = Option<u32>;

    /// Waits for an answer, competing again whenever a flight dies.
    async fn ask<F>(flights: &Flights<&'static str, Answer>, fly: impl Fn(Flight<&'static str, Answer>) -> F) -> u32
    where
        F: Future<Output = ()> + Send + 'static,
    {
        loop {
            let mut seat = flights.seat(&"key", None, &fly).unwrap();
            if let Ok(answer) = seat.progress.wait_for(Option::is_some).await {
                return answer.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn all_who_ask_at_once_share_one_flight() {
        let flights = Arc::new(Flights::new(8, Workshop::default()));
        let (started, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let fly = {
            let (started, gate) = (Arc::clone(&started), Arc::clone(&gate));
            move |flight: Flight<&'static str, Answer>| {
                let gate = Arc::clone(&gate);
                started.fetch_add(1, Ordering::SeqCst);
                async move {
                    gate.notified().await;
                    flight.land(|answer| *answer = Some(7));
                }
            }
        };
        let callers = (0..500).map(|_| ask(&flights, &fly));
        let (answers, ()) = tokio::join!(futures::future::join_all(callers), async { gate.notify_one() });
        assert_eq!(answers, vec![7; 500]);
        assert_eq!(started.load(Ordering::SeqCst), 1);
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn a_cancelled_first_caller_leaves_the_flight_to_the_others() {
        let flights = Arc::new(Flights::new(8, Workshop::default()));
        let gate = Arc::new(Notify::new());
        let fly = |flight: Flight<&'static str, Answer>| {
            let gate = Arc::clone(&gate);
            async move {
                gate.notified().await;
                flight.land(|answer| *answer = Some(1));
            }
        };
        let first = flights.seat(&"key", None, fly).unwrap();
        assert!(first.is_first);
        let mut second = flights.seat(&"key", None, fly).unwrap();
        assert!(!second.is_first);
        drop(first);
        gate.notify_one();
        assert_eq!(*second.progress.wait_for(Option::is_some).await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn a_flight_goes_on_when_all_callers_are_gone() {
        let flights = Flights::new(8, Workshop::default());
        let (gate, landed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let seat = flights.seat(&"key", None, |flight: Flight<&'static str, Answer>| {
            let (gate, landed) = (Arc::clone(&gate), Arc::clone(&landed));
            async move {
                gate.notified().await;
                flight.land(|answer| *answer = Some(1));
                landed.notify_one();
            }
        });
        drop(seat);
        gate.notify_one();
        landed.notified().await;
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn when_a_flight_panics_those_who_wait_compete_for_another() {
        let flights = Arc::new(Flights::new(8, Workshop::default()));
        let tries = AtomicUsize::new(0);
        let fly = |flight: Flight<&'static str, Answer>| {
            let first = tries.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                tokio::task::yield_now().await;
                assert!(!first, "the first flight dies");
                flight.land(|answer| *answer = Some(3));
            }
        };
        let answers = futures::future::join_all((0..50).map(|_| ask(&flights, &fly))).await;
        assert_eq!(answers, vec![3; 50]);
        assert_eq!(tries.load(Ordering::SeqCst), 2);
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn a_flight_dropped_in_the_air_gives_its_key_free() {
        let flights = Flights::<&'static str, Answer>::new(8, Workshop::default());
        let mut seat = flights
            .seat(&"key", None, |flight| async move {
                tokio::task::yield_now().await;
                drop(flight);
            })
            .unwrap();
        assert!(seat.progress.wait_for(Option::is_some).await.is_err());
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn what_was_landed_is_still_read_by_those_who_come_late_to_their_seat() {
        let flights = Flights::<&'static str, Answer>::new(8, Workshop::default());
        let mut seat =
            flights.seat(&"key", None, |flight| async move { flight.land(|answer| *answer = Some(9)) }).unwrap();
        while flights.len() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*seat.progress.wait_for(Option::is_some).await.unwrap(), Some(9));
    }

    #[tokio::test]
    async fn more_flights_than_allowed_are_refused() {
        let flights = Flights::<u8, Answer>::new(1, Workshop::default());
        let _seat = flights.seat(&1, None, |flight| async move {
            std::future::pending::<()>().await;
            drop(flight);
        });
        assert_eq!(flights.seat(&2, None, |_| async {}).err(), Some(Full));
        assert!(flights.seat(&1, None, |_| async {}).is_ok());
    }
}

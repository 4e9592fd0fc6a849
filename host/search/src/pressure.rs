//! Load beyond capacity: what is shed, and when.
//!
//! The measure is *lag*: how late a task runs that was due, where searches are worked on and where requests are answered;
//! the later counts. Every kind of overload of this process shows in it, and nothing has to be known of what a search
//! costs. Two valves close one after the other:
//!
//! 1. the number of trips asked of suppliers at once, which are the dearest work: cut by an eighth, once in the time that a
//!    cut takes to be felt, while lag is above the target, and raised one by one below it, as far as they are used
//!    (additive increase, multiplicative decrease, as in TCP);
//! 2. once that is down to its least, a growing share of all searches, told so before anything is done for them.
//!
//! Bookings pass both.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// How often lag is measured.
const TICK: Duration = Duration::from_millis(10);
/// Steps by which the share of searches shed grows and falls, per tick.
const STEP: f64 = 0.02;
/// Ticks in which a cut is felt: suppliers take so long.
const FELT: u32 = 20;
/// Some are always let through: they tell when it is over.
const MOST_SHED: f64 = 0.95;
/// The golden ratio's part, by which a counter is spread evenly over 0..1.
const SPREAD: u32 = 0x9E37_79B9;

/// Where the valves stand. Cheap to ask.
#[derive(Debug)]
pub struct Pressure {
    target: Duration,
    least: usize,
    most: usize,
    flights: AtomicUsize,
    /// Ticks since the last cut.
    uncut: AtomicU32,
    /// Share of searches shed, in 2^-32.
    shed: AtomicU32,
    lag_micros: AtomicU32,
    serving_micros: AtomicU32,
    asked: AtomicU32,
}

impl Pressure {
    /// For up to `most` trips at once, never fewer than `least`; a lag of `target` is normal.
    pub fn new(target: Duration, least: usize, most: usize) -> Self {
        let least = least.clamp(1, most.max(1));
        Self {
            target,
            least,
            most: most.max(least),
            flights: AtomicUsize::new((least * 8).min(most.max(least))),
            uncut: AtomicU32::new(FELT),
            shed: AtomicU32::new(0),
            lag_micros: AtomicU32::new(0),
            serving_micros: AtomicU32::new(0),
            asked: AtomicU32::new(0),
        }
    }

    /// Trips that may be asked of suppliers at once, now.
    pub fn flights(&self) -> usize {
        self.flights.load(Ordering::Relaxed)
    }

    /// Whether to shed the search at hand. Of many, the right share is, evenly spread.
    pub fn sheds(&self) -> bool {
        let shed = self.shed.load(Ordering::Relaxed);
        shed > 0 && self.asked.fetch_add(1, Ordering::Relaxed).wrapping_mul(SPREAD) < shed
    }

    /// Share of searches that are shed, 0 to 1.
    pub fn share_shed(&self) -> f64 {
        f64::from(self.shed.load(Ordering::Relaxed)) / f64::from(u32::MAX)
    }

    /// As last measured where searches are worked on.
    pub fn lag(&self) -> Duration {
        Duration::from_micros(u64::from(self.lag_micros.load(Ordering::Relaxed)))
    }

    /// As last measured where requests are answered, if that is another place.
    pub fn serving_lag(&self) -> Duration {
        Duration::from_micros(u64::from(self.serving_micros.load(Ordering::Relaxed)))
    }

    /// Measures lag where searches are worked on, and moves the valves by it; never ends by itself. `under_way` tells how
    /// many trips are asked of suppliers.
    pub async fn watch(&self, under_way: impl Fn() -> usize) {
        late(|lag| self.measured(lag, under_way())).await;
    }

    /// Measures lag where requests are answered; never ends by itself.
    pub async fn watch_serving(&self) {
        late(|lag| {
            smooth(&self.serving_micros, lag);
        })
        .await;
    }

    /// Takes a measurement in, with so many trips under way; the later of both places counts.
    pub fn measured(&self, lag: Duration, under_way: usize) {
        let smoothed = smooth(&self.lag_micros, lag).max(self.serving_lag());
        let (flights, shed) = (self.flights(), self.share_shed());
        let uncut = self.uncut.fetch_add(1, Ordering::Relaxed);
        let (flights, shed) = if smoothed <= self.target {
            match shed > 0.0 {
                true => (flights, shed - STEP),
                false => (flights + usize::from(under_way >= flights), 0.0),
            }
        } else if flights > self.least && uncut < FELT {
            (flights, shed)
        } else if flights > self.least {
            self.uncut.store(0, Ordering::Relaxed);
            // Of those that there are: what nobody uses is no cut.
            (flights.min(under_way.max(self.least)) * 7 / 8, shed)
        } else if smoothed > self.target * 2 {
            (flights, shed + STEP)
        } else {
            (flights, shed)
        };
        self.flights.store(flights.clamp(self.least, self.most), Ordering::Relaxed);
        self.shed.store((shed.clamp(0.0, MOST_SHED) * f64::from(u32::MAX)) as u32, Ordering::Relaxed);
    }
}

/// Tells again and again how late a task runs that was due: one that has all those before it that are ready by then.
async fn late(tell: impl Fn(Duration)) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due = ticks.tick().await + TICK;
    loop {
        let next = ticks.tick().await + TICK;
        // Whom a timer wakes is the next in turn, however long the queue: only who gives way learns of its length.
        tokio::task::yield_now().await;
        let now = Instant::now();
        tell(now.saturating_duration_since(due));
        due = next.max(now);
    }
}

/// Half of the new one: one late tick is no overload.
fn smooth(micros: &AtomicU32, lag: Duration) -> Duration {
    let before = Duration::from_micros(u64::from(micros.load(Ordering::Relaxed)));
    let smoothed = (before + lag) / 2;
    micros.store(u32::try_from(smoothed.as_micros()).unwrap_or(u32::MAX), Ordering::Relaxed);
    smoothed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TARGET: Duration = Duration::from_millis(10);

    fn pressure() -> Pressure {
        Pressure::new(TARGET, 8, 1_000)
    }

    /// So many ticks with as many trips under way as there may be.
    fn after(pressure: &Pressure, lag_ms: u64, ticks: usize) {
        (0..ticks).for_each(|_| pressure.measured(Duration::from_millis(lag_ms), pressure.flights()));
    }

    #[test]
    fn at_rest_everything_passes() {
        let pressure = pressure();
        after(&pressure, 1, 1_000);
        assert_eq!(pressure.flights(), 1_000);
        // What nobody uses grows no further, lest a burst find all doors open.
        let calm = self::pressure();
        (0..1_000).for_each(|_| calm.measured(Duration::ZERO, 3));
        assert_eq!(calm.flights(), 64);
        assert!((0..1_000).all(|_| !pressure.sheds()));
    }

    #[test]
    fn trips_to_suppliers_are_cut_before_any_search_is_shed() {
        let pressure = pressure();
        after(&pressure, 100, 10);
        assert!(
            pressure.flights() == 56 && pressure.share_shed() == 0.0,
            "one cut in the time that it takes to be felt"
        );
        after(&pressure, 100, 500);
        assert!(pressure.flights() == 8 && pressure.share_shed() > 0.5);
    }

    #[test]
    fn of_a_half_shed_load_every_other_passes() {
        let pressure = pressure();
        pressure.shed.store(u32::MAX / 2, Ordering::Relaxed);
        let shed = (0..1_000).filter(|_| pressure.sheds()).count();
        assert!((490..=510).contains(&shed), "{shed}");
    }

    #[test]
    fn it_opens_again_when_the_load_is_gone() {
        let pressure = pressure();
        after(&pressure, 100, 500);
        after(&pressure, 0, 2_000);
        assert_eq!((pressure.flights(), pressure.share_shed()), (1_000, 0.0));
    }

    proptest! {
        #[test]
        fn whatever_is_measured_the_valves_stay_within_bounds(lags in prop::collection::vec(0_u64..10_000, 0..400)) {
            let pressure = pressure();
            for lag in lags {
                pressure.measured(Duration::from_millis(lag), pressure.flights());
                prop_assert!((8..=1_000).contains(&pressure.flights()));
                prop_assert!((0.0..=MOST_SHED + 0.001).contains(&pressure.share_shed()));
                // Shedding begins only where trips are at their least.
                prop_assert!(pressure.share_shed() < STEP / 2.0 || pressure.flights() == 8);
            }
        }
    }
}

//! The circuit breaker in front of a far side: after failures in a row nothing is sent for a while, then one request
//! tries.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) struct Breaker {
    /// Failures in a row that open the circuit; 0: it never opens.
    failures: u32,
    pause: Duration,
    /// A request given up after this long was given up because nothing came.
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One request is trying.
    HalfOpen,
}

impl Breaker {
    pub(crate) fn new(failures: u32, pause: Duration, patience: Duration) -> Self {
        Self { failures, pause, patience, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    /// Leave to send a request, or how long there is none.
    pub(crate) fn attempt(self: &Arc<Self>, now: Instant) -> Result<Attempt, Duration> {
        let mut state = self.state.lock();
        match *state {
            State::Closed { .. } => {}
            State::Open { until } if now < until => return Err(until - now),
            State::Open { .. } => *state = State::HalfOpen,
            State::HalfOpen => return Err(self.pause),
        }
        let tries = matches!(*state, State::HalfOpen);
        Ok(Attempt { breaker: Arc::clone(self), since: now, tries, settled: false })
    }
}

/// A request under way; told how it went. Given up soon and without a word it changes nothing.
pub(crate) struct Attempt {
    breaker: Arc<Breaker>,
    since: Instant,
    tries: bool,
    settled: bool,
}

impl Attempt {
    pub(crate) fn succeeded(&mut self) {
        if !std::mem::replace(&mut self.settled, true) {
            *self.breaker.state.lock() = State::Closed { failures: 0 };
        }
    }

    pub(crate) fn failed(&mut self, now: Instant) {
        if std::mem::replace(&mut self.settled, true) || self.breaker.failures == 0 {
            return;
        }
        let mut state = self.breaker.state.lock();
        let failures = match *state {
            State::Closed { failures } => failures + 1,
            // Requests from before it opened: they change nothing, unless this is the one that tries.
            State::Open { .. } => return,
            State::HalfOpen if self.tries => self.breaker.failures,
            State::HalfOpen => return,
        };
        *state = if failures >= self.breaker.failures {
            State::Open { until: now + self.breaker.pause }
        } else {
            State::Closed { failures }
        };
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = Instant::now();
        if !self.settled && now.saturating_duration_since(self.since) >= self.breaker.patience {
            self.failed(now);
        }
        if self.tries && !self.settled {
            let mut state = self.breaker.state.lock();
            if matches!(*state, State::HalfOpen) {
                *state = State::Open { until: now };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);
    const PATIENCE: Duration = Duration::from_secs(60);

    fn opened(now: Instant) -> Arc<Breaker> {
        let breaker = Arc::new(Breaker::new(3, PAUSE, PATIENCE));
        for _ in 0..3 {
            breaker.attempt(now).unwrap().failed(now);
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_request_tries_again() {
        let now = Instant::now();
        let breaker = opened(now);
        assert_eq!(breaker.attempt(now).err(), Some(PAUSE));
        let mut trying = breaker.attempt(now + PAUSE).unwrap();
        assert!(breaker.attempt(now + PAUSE).is_err());
        trying.succeeded();
        assert!(breaker.attempt(now + PAUSE).is_ok());
    }

    #[test]
    fn a_failed_try_keeps_it_open() {
        let now = Instant::now();
        let breaker = opened(now);
        breaker.attempt(now + PAUSE).unwrap().failed(now + PAUSE);
        assert!(breaker.attempt(now + PAUSE).is_err());
    }

    #[test]
    fn a_try_given_up_lets_the_next_one_try() {
        let now = Instant::now();
        let breaker = opened(now);
        drop(breaker.attempt(now + PAUSE).unwrap());
        assert!(breaker.attempt(now + PAUSE * 2).is_ok());
    }

    #[test]
    fn requests_that_hang_until_they_are_given_up_open_it() {
        let long_ago = Instant::now() - PATIENCE;
        let breaker = Arc::new(Breaker::new(3, PAUSE, PATIENCE));
        for _ in 0..3 {
            drop(breaker.attempt(long_ago).unwrap());
        }
        assert!(breaker.attempt(Instant::now()).is_err());
    }

    #[test]
    fn a_success_between_failures_keeps_it_closed() {
        let now = Instant::now();
        let breaker = Arc::new(Breaker::new(2, PAUSE, PATIENCE));
        for _ in 0..5 {
            breaker.attempt(now).unwrap().failed(now);
            breaker.attempt(now).unwrap().succeeded();
        }
        assert!(breaker.attempt(now).is_ok());
    }
}

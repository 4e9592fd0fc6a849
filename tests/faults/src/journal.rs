//! What frontends were told, and who died when: written while it happens, compared with the books in the end.

use crate::schedule::Target;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;

/// A booking that a frontend was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The idempotency key of the request.
    pub key: String,
    /// Id of the booking, as it was answered.
    pub booking: String,
}

/// A process that was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Death {
    /// Which.
    pub target: Target,
    /// When.
    pub at: Timestamp,
}

/// Everything that was noted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notes {
    /// Bookings answered with 2xx; more than once where the request was repeated.
    pub made: Vec<Made>,
    /// Who was killed, the first first.
    pub deaths: Vec<Death>,
    /// Requests by what came of them: an HTTP status, or `no answer`.
    pub answers: BTreeMap<String, u64>,
    /// What was answered with 500, in words.
    pub internal_errors: Vec<String>,
    /// Searches with offers.
    pub searches: u64,
}

/// Takes notes from many tasks.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Notes>);

impl Journal {
    /// A frontend was answered that its booking is made.
    pub fn made(&self, key: &str, booking: &str) {
        self.0.lock().made.push(Made { key: key.to_owned(), booking: booking.to_owned() });
    }

    /// A process was killed, just now.
    pub fn died(&self, target: Target) {
        self.0.lock().deaths.push(Death { target, at: Timestamp::now() });
    }

    /// A request was answered; none: it was not.
    pub fn answered(&self, what: &str, status: Option<u16>) {
        let mut notes = self.0.lock();
        let name = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        *notes.answers.entry(name).or_default() += 1;
        if status == Some(500) {
            notes.internal_errors.push(format!("{} at {}", what, Timestamp::now()));
        }
    }

    /// A search brought offers.
    pub fn searched(&self) {
        self.0.lock().searches += 1;
    }

    /// All that was noted so far.
    pub fn notes(&self) -> Notes {
        self.0.lock().clone()
    }
}

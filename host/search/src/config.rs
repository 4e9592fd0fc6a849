//! Settings of the read path.

use crate::ttl::FreshnessTable;
use serde::Deserialize;
use std::time::Duration;

/// Settings of the read path; every one has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchConfig {
    /// A search answers with what it has after this.
    pub deadline_ms: u64,
    /// How long answers are good for, by time to departure.
    pub freshness: FreshnessTable,
    /// A failed supplier is asked again after this, or after the pause that it asked for.
    pub negative_seconds: u32,
    /// A supplier that was late is asked again after this.
    pub partial_seconds: u32,
    /// The longest pause that a supplier's Retry-After is believed.
    pub longest_pause_seconds: u32,
    /// Memory for supersets and their priced views.
    pub memory_mb: u64,
    /// Memory for pages that are asked for again and again.
    pub page_memory_mb: u64,
    /// Trips that are asked of suppliers at the same time, at most.
    pub max_flights: usize,
    /// The same when the process is overloaded: never fewer.
    pub least_flights: usize,
    /// A task that runs later than this when it was due means overload.
    pub lag_target_ms: u64,
    /// Of these, those that ask while the other nodes can't be reached and may be asking too; further ones wait.
    pub max_flights_alone: usize,
    /// Offers asked of one supplier, at most.
    pub max_offers: u32,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            deadline_ms: 6_000,
            freshness: FreshnessTable::default(),
            negative_seconds: 10,
            partial_seconds: 15,
            longest_pause_seconds: 60,
            memory_mb: 768,
            page_memory_mb: 384,
            max_flights: 1_024,
            least_flights: 16,
            lag_target_ms: 50,
            max_flights_alone: 128,
            max_offers: 1_000,
        }
    }
}

impl SearchConfig {
    /// A search answers with what it has after this.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

//! All suppliers' offers of one trip, raw: no rules applied, nothing priced. What a cache keeps.

use crate::page::{SupplierState, SupplierStatus};
use interline_domain::table::OfferTable;
use interline_domain::trip::{SupplierScope, Trip};
use interline_runtime::PluginVersion;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What one supplier has to say on a trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Name of the supplier.
    pub supplier: String,
    /// The version of its plugin that made the reply.
    pub version: PluginVersion,
    /// What came of the last call. A reply from before it may still be there.
    pub state: SupplierState,
    /// Error code of the last call.
    pub error: Option<String>,
    /// When the reply came; of a supplier without one, when it failed.
    pub fetched_at: Timestamp,
    /// Until then nothing newer is asked for.
    pub fresh_until: Timestamp,
    /// Until then the reply may be shown while a newer one is asked for.
    pub stale_until: Timestamp,
    /// How long the last call took.
    pub latency: Duration,
    /// Pause that the supplier asked for.
    pub retry_after: Option<Duration>,
    /// Its offers; none if it never answered.
    pub offers: Arc<OfferTable>,
}

impl Part {
    /// As a frontend sees it.
    pub fn status(&self, now: Timestamp) -> SupplierStatus {
        SupplierStatus {
            name: self.supplier.clone(),
            status: self.state,
            offers: count(self.offers.len()),
            skipped: count(self.offers.skipped().len()),
            latency_ms: u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX),
            age_s: u64::try_from(now.as_second() - self.fetched_at.as_second()).unwrap_or(0),
            error: self.error.clone(),
        }
    }

    /// The last call was answered.
    pub fn is_ok(&self) -> bool {
        self.state == SupplierState::Ok
    }
}

/// All parts of a trip, by supplier name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superset {
    /// What was asked for.
    pub trip: Trip,
    /// With which credentials, for which point of sale.
    pub scope: SupplierScope,
    /// One for each supplier asked, ordered by name.
    pub parts: Vec<Arc<Part>>,
}

impl Superset {
    /// From parts in any order.
    pub fn new(trip: Trip, scope: SupplierScope, mut parts: Vec<Arc<Part>>) -> Self {
        parts.sort_by(|left, right| left.supplier.cmp(&right.supplier));
        Self { trip, scope, parts }
    }

    /// With each of the other's parts in place of its supplier's; all of the other if it is of another trip.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        if self.trip != other.trip || self.scope != other.scope {
            return other;
        }
        let mut parts = self.parts;
        parts.retain(|part| other.part(&part.supplier).is_none());
        parts.extend(other.parts);
        Self::new(self.trip, self.scope, parts)
    }

    /// Until then it is shown without asking anybody: the least of its parts.
    pub fn fresh_until(&self) -> Timestamp {
        self.parts.iter().map(|part| part.fresh_until).min().unwrap_or(Timestamp::MIN)
    }

    /// Until then it may be shown at all: the least of the parts with offers. One without any is shown while fresh.
    pub fn stale_until(&self) -> Timestamp {
        let with_reply = self.parts.iter().filter(|part| part.is_ok() || !part.offers.is_empty());
        with_reply.map(|part| part.stale_until).min().unwrap_or_else(|| self.fresh_until())
    }

    /// Every supplier answered.
    pub fn is_complete(&self) -> bool {
        self.parts.iter().all(|part| part.is_ok())
    }

    /// No supplier has anything to say, not even from before.
    pub fn is_failure(&self) -> bool {
        self.parts.iter().all(|part| !part.is_ok() && part.offers.is_empty())
    }

    /// Number of offers of all suppliers.
    pub fn offers(&self) -> usize {
        self.parts.iter().map(|part| part.offers.len()).sum()
    }

    /// The part of one supplier.
    pub fn part(&self, supplier: &str) -> Option<&Arc<Part>> {
        self.parts.iter().find(|part| part.supplier == supplier)
    }

    /// Suppliers' states, for a frontend.
    pub fn statuses(&self, now: Timestamp) -> Vec<SupplierStatus> {
        self.parts.iter().map(|part| part.status(now)).collect()
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        self.parts.iter().map(|part| 512 + part.offers.weight()).sum::<usize>() + 512
    }
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

//! What the read path tells of itself.

use crate::page::{CacheState, SupplierState};
use std::time::Duration;

/// Counts what happens; must be quick, since it is called on the hot path.
pub trait SearchObserver: Send + Sync {
    /// A search was answered.
    fn searched(&self, cache: CacheState);

    /// A supplier was asked, and this came of it.
    fn asked(&self, supplier: &str, state: SupplierState, offers: usize, skipped: usize, latency: Duration);

    /// A refresh started ahead of its need, or because of a stale answer.
    fn refreshed(&self) {}

    /// A priced view was built.
    fn priced(&self, _offers: usize, _took: Duration) {}
}

/// Counts nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl SearchObserver for Unobserved {
    fn searched(&self, _cache: CacheState) {}

    fn asked(&self, _supplier: &str, _state: SupplierState, _offers: usize, _skipped: usize, _latency: Duration) {}
}

//! One thread's own copy of what is known of a search: requests count its references, and no other thread's.

use super::head::Head;
use super::held::Held;
use super::{Asked, Known};
use crate::state::Api;
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// See [`Known`].
pub struct Mine {
    pub asked: Asked,
    pub head: Arc<Head>,
    /// In milliseconds; until then neither key nor rates are looked at.
    vouched_until: AtomicU64,
    held: ArcSwapOption<Held>,
    /// The router had to answer in its place.
    is_spent: AtomicBool,
}

impl Mine {
    /// A copy of what all threads know.
    pub fn of(known: &Known, head: Arc<Head>) -> Self {
        Self {
            asked: known.asked.clone(),
            head,
            vouched_until: known.vouched_until.into(),
            held: ArcSwapOption::empty(),
            is_spent: AtomicBool::new(false),
        }
    }

    /// Whether key and rates are to be looked at.
    pub fn is_unvouched(&self, now: u64) -> bool {
        now >= self.vouched_until.load(Ordering::Relaxed)
    }

    /// Key and rates are what they were.
    pub fn vouch(&self, until: u64) {
        self.vouched_until.store(until, Ordering::Relaxed);
    }

    /// It could not answer, and won't.
    pub fn spend(&self) {
        self.is_spent.store(true, Ordering::Relaxed);
    }

    /// See [`Self::spend`].
    pub fn is_spent(&self) -> bool {
        self.is_spent.load(Ordering::Relaxed)
    }

    /// What memory would give now.
    pub async fn held(&self, api: &Api, now: u64) -> Option<Arc<Held>> {
        if let Some(held) = &*self.held.load()
            && held.stands(api.search(), now)
        {
            return Some(Arc::clone(held));
        }
        let held = Arc::new(Held::new(api.search(), &self.asked.search, self.asked.packing, now).await?);
        self.held.store(Some(Arc::clone(&held)));
        Some(held)
    }
}

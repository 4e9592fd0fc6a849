//! One thread's own copy of what is known of a search: requests count its references, and no other thread's.

use super::Known;
use super::held::Held;
use crate::limits::{self, Bucket, Limits};
use crate::state::Api;
use arc_swap::ArcSwapOption;
use http::HeaderValue;
use http::header::VARY;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use uuid::Uuid;

/// See [`Known`].
pub struct Mine {
    pub known: Known,
    /// Of its API key.
    pub key: Bucket<Uuid>,
    /// Of the address that asked last.
    address: ArcSwapOption<Bucket<IpAddr>>,
    /// In milliseconds; until then neither key nor rates are looked at.
    vouched_until: AtomicU64,
    held: ArcSwapOption<Held>,
    /// The router had to answer in its place.
    is_spent: AtomicBool,
}

impl Mine {
    /// A copy of what all threads know.
    pub fn of(known: &Known, limits: &Limits) -> Self {
        let mut known = known.clone();
        // Others are static; these are put together by the layer that knows of origins.
        let made = known.headers.iter_mut().filter(|(name, _)| **name == VARY || name.as_str().starts_with("access-"));
        for (_, value) in made {
            *value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
        }
        let key = &known.asked.client.0;
        Self {
            key: limits.key(&key.rate_plan, key.id),
            address: ArcSwapOption::empty(),
            vouched_until: known.vouched_until.into(),
            held: ArcSwapOption::empty(),
            is_spent: AtomicBool::new(false),
            known,
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

    /// The bucket of an address.
    pub fn address(&self, limits: &Limits, address: IpAddr) -> Arc<Bucket<IpAddr>> {
        if let Some(bucket) = &*self.address.load()
            && *bucket.key() == limits::client(address)
        {
            return Arc::clone(bucket);
        }
        let bucket = Arc::new(limits.address(address));
        self.address.store(Some(Arc::clone(&bucket)));
        bucket
    }

    /// What memory would give now.
    pub async fn held(&self, api: &Api, now: u64) -> Option<Arc<Held>> {
        if let Some(held) = &*self.held.load()
            && held.stands(api.search(), now)
        {
            return Some(Arc::clone(held));
        }
        let asked = &self.known.asked;
        let held = Arc::new(Held::new(api.search(), &asked.search, asked.packing, now).await?);
        self.held.store(Some(Arc::clone(&held)));
        Some(held)
    }
}

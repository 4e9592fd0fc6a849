//! The level behind memory: where raw supersets are kept, and who of several nodes asks the suppliers.

use crate::superset::Superset;
use async_trait::async_trait;
use interline_domain::trip::SearchKey;
use std::any::Any;
use std::time::Duration;
use tokio::sync::watch;

mod memory;

pub use memory::MemoryCache;

/// Keeps raw supersets by broad key, for one node or for many. May forget anything at any time; failures are its own to
/// count and log, and read as a miss.
#[async_trait]
pub trait SupersetCache: Send + Sync {
    /// What is kept of these suppliers under a key, fresh or stale.
    async fn get(&self, key: &SearchKey, suppliers: &[&str]) -> Option<Superset>;

    /// Puts each part in place of its supplier's, and keeps them for as long as `keep`. With a lease that somebody else
    /// has been given since, what is there stays.
    async fn put(&self, key: &SearchKey, parts: Superset, keep: Duration, lease: Option<&Lease>);

    /// Asks for the right to ask these suppliers. Without other nodes there is nobody to ask for it.
    async fn claim(&self, _key: &SearchKey, _suppliers: &[&str]) -> Claim {
        Claim::Alone
    }

    /// Tells of every change of what is kept under a key that is made after this call.
    fn watch(&self, _key: &SearchKey) -> Wakes {
        Wakes::never()
    }
}

/// Who asks the suppliers.
pub enum Claim {
    /// This node, for as long as it holds the lease. Beside it what came in since it last looked.
    Mine(Lease, Option<Superset>),
    /// Another node, whose lease ends in this time unless it is renewed.
    Elsewhere(Duration),
    /// This node: there is no other.
    Alone,
    /// This node, since the others can't be reached: they may be asking too.
    Unreachable,
}

/// The right to ask the suppliers for one key. Renews itself; given back when it is dropped.
pub struct Lease {
    token: u64,
    _held: Box<dyn Any + Send + Sync>,
}

impl Lease {
    /// With the token that tells it from earlier and later ones, and what gives it back when dropped.
    pub fn new(token: u64, held: impl Any + Send + Sync) -> Self {
        Self { token, _held: Box::new(held) }
    }

    /// Higher than that of every lease given out for this key before.
    pub fn token(&self) -> u64 {
        self.token
    }
}

/// Tells of changes under one key, for as long as it is held.
pub struct Wakes {
    changes: Option<watch::Receiver<u64>>,
    _place: Box<dyn Any + Send + Sync>,
}

impl Wakes {
    /// There is nobody who could change anything.
    pub fn never() -> Self {
        Self { changes: None, _place: Box::new(()) }
    }

    /// Woken by every change of what is sent; `place` is let go when nobody waits any more.
    pub fn new(changes: watch::Receiver<u64>, place: impl Any + Send + Sync) -> Self {
        Self { changes: Some(changes), _place: Box::new(place) }
    }

    /// Nothing will ever change.
    pub fn is_never(&self) -> bool {
        self.changes.is_none()
    }

    /// Ready if something has changed since it was last ready. Safe to be dropped.
    pub async fn next(&mut self) {
        if let Some(changes) = &mut self.changes
            && changes.changed().await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

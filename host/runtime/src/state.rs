//! Small values that components keep between calls.

mod sealed;

pub use sealed::Sealed;

use async_trait::async_trait;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A value and its revision.
#[derive(Clone, PartialEq, Eq)]
pub struct StateEntry {
    /// As the component wrote it.
    pub value: Vec<u8>,
    /// Grows with every write.
    pub revision: u64,
}

/// Why the store did not do as told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Somebody else wrote in between.
    #[error("somebody else wrote in between")]
    Conflict,
    /// The store can't be reached.
    #[error("the state store cannot be reached")]
    Unavailable,
}

/// Keeps components' values, by scope (component and credential set) and key. May lose any of them at any time.
#[async_trait]
pub trait StateStore: Send + Sync {
    /// The entry, unless there is none or it has expired.
    async fn get(&self, scope: &str, key: &str) -> Result<Option<StateEntry>, StateError>;

    /// Writes if the entry's revision is `expected` (none: if there is no entry); answers the new revision.
    async fn compare_and_swap(
        &self,
        scope: &str,
        key: &str,
        expected: Option<u64>,
        value: Vec<u8>,
        ttl: Duration,
    ) -> Result<u64, StateError>;

    /// Deletes the entry if there is one.
    async fn delete(&self, scope: &str, key: &str) -> Result<(), StateError>;
}

/// Keeps them in this process.
#[derive(Default)]
pub struct MemoryStateStore {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<(String, String), (StateEntry, Instant)>,
    last_revision: u64,
}

impl Entries {
    fn forget_expired(&mut self) {
        let now = Instant::now();
        self.by_key.retain(|_, (_, ends)| *ends > now);
    }
}

#[async_trait]
impl StateStore for MemoryStateStore {
    async fn get(&self, scope: &str, key: &str) -> Result<Option<StateEntry>, StateError> {
        let entries = self.entries.lock();
        let found = entries.by_key.get(&(scope.to_owned(), key.to_owned()));
        Ok(found.filter(|(_, ends)| *ends > Instant::now()).map(|(entry, _)| entry.clone()))
    }

    async fn compare_and_swap(
        &self,
        scope: &str,
        key: &str,
        expected: Option<u64>,
        value: Vec<u8>,
        ttl: Duration,
    ) -> Result<u64, StateError> {
        let mut entries = self.entries.lock();
        entries.forget_expired();
        let key = (scope.to_owned(), key.to_owned());
        if entries.by_key.get(&key).map(|(entry, _)| entry.revision) != expected {
            return Err(StateError::Conflict);
        }
        // One counter for all entries: a deleted and rewritten entry never comes back under an old revision.
        entries.last_revision += 1;
        let revision = entries.last_revision;
        entries.by_key.insert(key, (StateEntry { value, revision }, Instant::now() + ttl));
        Ok(revision)
    }

    async fn delete(&self, scope: &str, key: &str) -> Result<(), StateError> {
        self.entries.lock().by_key.remove(&(scope.to_owned(), key.to_owned()));
        Ok(())
    }
}

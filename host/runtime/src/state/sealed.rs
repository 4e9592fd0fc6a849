//! Values encrypted on their way into a store.

use crate::state::{StateEntry, StateError, StateStore};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

const NONCE: usize = 12;

/// A store that sees nothing of what it keeps. A value is bound to its scope and key: moved elsewhere it can't be read.
pub struct Sealed {
    store: Arc<dyn StateStore>,
    cipher: Aes256Gcm,
}

impl Sealed {
    /// Encrypts with AES-256-GCM under `key`. With another key, what is there already is as good as gone.
    pub fn new(store: Arc<dyn StateStore>, key: &[u8; 32]) -> Self {
        Self { store, cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)) }
    }

    fn open(&self, scope: &str, key: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, message) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::from(<[u8; NONCE]>::try_from(nonce).ok()?);
        let bound = bound_to(scope, key);
        self.cipher.decrypt(&nonce, Payload { msg: message, aad: &bound }).ok()
    }

    fn seal(&self, scope: &str, key: &str, value: &[u8]) -> Result<Vec<u8>, StateError> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: value, aad: &bound_to(scope, key) };
        let message = self.cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| StateError::Unavailable)?;
        Ok([nonce.as_slice(), &message].concat())
    }
}

fn bound_to(scope: &str, key: &str) -> Vec<u8> {
    [&(scope.len() as u64).to_be_bytes(), scope.as_bytes(), key.as_bytes()].concat()
}

#[async_trait]
impl StateStore for Sealed {
    async fn get(&self, scope: &str, key: &str) -> Result<Option<StateEntry>, StateError> {
        let Some(entry) = self.store.get(scope, key).await? else { return Ok(None) };
        match self.open(scope, key, &entry.value) {
            Some(value) => Ok(Some(StateEntry { value, revision: entry.revision })),
            None => {
                // Left there, it would stand in the way of every write that expects nothing.
                tracing::warn!(scope, key, "state that cannot be read: deleted");
                self.store.delete(scope, key).await?;
                Ok(None)
            }
        }
    }

    async fn compare_and_swap(
        &self,
        scope: &str,
        key: &str,
        expected: Option<u64>,
        value: Vec<u8>,
        ttl: Duration,
    ) -> Result<u64, StateError> {
        let sealed = self.seal(scope, key, &value)?;
        self.store.compare_and_swap(scope, key, expected, sealed, ttl).await
    }

    async fn delete(&self, scope: &str, key: &str) -> Result<(), StateError> {
        self.store.delete(scope, key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::MemoryStateStore;

    const TTL: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_store_sees_nothing_and_the_owner_everything() {
        let inner = Arc::new(MemoryStateStore::default());
        let sealed = Sealed::new(inner.clone(), &[7; 32]);
        sealed.compare_and_swap("duffel/main", "token", None, b"top secret".to_vec(), TTL).await.unwrap();
        let kept = inner.get("duffel/main", "token").await.unwrap().unwrap().value;
        assert!(!kept.windows(6).any(|window| window == b"secret"));
        assert_eq!(sealed.get("duffel/main", "token").await.unwrap().unwrap().value, b"top secret");
    }

    #[tokio::test]
    async fn a_value_of_another_key_or_place_is_gone() {
        let inner = Arc::new(MemoryStateStore::default());
        let sealed = Sealed::new(inner.clone(), &[7; 32]);
        sealed.compare_and_swap("a", "token", None, b"x".to_vec(), TTL).await.unwrap();
        let stolen = inner.get("a", "token").await.unwrap().unwrap().value;
        inner.compare_and_swap("b", "token", None, stolen, TTL).await.unwrap();
        assert!(sealed.get("b", "token").await.unwrap().is_none());
        assert!(Sealed::new(inner.clone(), &[8; 32]).get("a", "token").await.unwrap().is_none());
        assert!(sealed.compare_and_swap("a", "token", None, b"y".to_vec(), TTL).await.is_ok());
    }

    #[tokio::test]
    async fn of_two_writers_one_is_told_of_the_other() {
        let store = MemoryStateStore::default();
        let revision = store.compare_and_swap("a", "k", None, vec![1], TTL).await.unwrap();
        assert_eq!(store.compare_and_swap("a", "k", None, vec![2], TTL).await, Err(StateError::Conflict));
        assert!(store.compare_and_swap("a", "k", Some(revision), vec![3], TTL).await.is_ok());
        assert_eq!(store.compare_and_swap("a", "k", Some(revision), vec![4], TTL).await, Err(StateError::Conflict));
    }
}

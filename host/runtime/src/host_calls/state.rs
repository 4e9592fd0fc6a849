//! The state store, as guests see it.

use crate::call::CallState;
use crate::contract::host::state::{Entry, Host, StateError};
use crate::state;
use std::time::Duration;

const KEY: usize = 256;
const VALUE: usize = 64 * 1024;

impl Host for CallState {
    async fn get(&mut self, key: String) -> Option<Entry> {
        let scope = self.given.state_scope.as_deref()?;
        let entry = self.shared.state.get(scope, &key).await.ok()??;
        Some(Entry { value: entry.value, revision: entry.revision })
    }

    async fn compare_and_swap(
        &mut self,
        key: String,
        expected: Option<u64>,
        value: Vec<u8>,
        ttl_seconds: u32,
    ) -> Result<u64, StateError> {
        let Some(scope) = self.given.state_scope.as_deref() else { return Err(StateError::Unavailable) };
        if key.len() > KEY || value.len() > VALUE {
            return Err(StateError::TooLarge);
        }
        let ttl = Duration::from_secs(ttl_seconds.into());
        let written = self.shared.state.compare_and_swap(scope, &key, expected, value, ttl).await;
        written.map_err(|error| match error {
            state::StateError::Conflict => StateError::Conflict,
            state::StateError::Unavailable => StateError::Unavailable,
        })
    }

    async fn delete(&mut self, key: String) {
        if let Some(scope) = self.given.state_scope.as_deref() {
            // It may be gone at any call anyway, and its life is limited.
            let _ = self.shared.state.delete(scope, &key).await;
        }
    }
}

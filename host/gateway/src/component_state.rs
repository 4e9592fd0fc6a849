//! What components keep between calls, in PostgreSQL: all nodes see the same tokens and sessions.

use crate::config::Config;
use anyhow::{Context, Result};
use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use interline_runtime::{Sealed, StateEntry, StateError, StateStore};
use sha2::Sha256;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;

/// The table `component_state`. Values come to it sealed, see [`shared`].
struct StateTable(PgPool);

/// The store that all nodes share. It is sealed with a key made from the first master key: when that is replaced, what is
/// stored is as good as gone, which components put up with.
pub fn shared(config: &Config, pool: PgPool) -> Result<Arc<dyn StateStore>> {
    let master = config.booking.master_keys.first().context("[booking] master_keys: at least one key is needed")?;
    let master = hex::decode(&master.hex).context("[booking] master_keys: the first key is not hexadecimal")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&master).context("[booking] master_keys")?;
    mac.update(b"interline component state");
    let key: [u8; 32] = mac.finalize().into_bytes().into();
    Ok(Arc::new(Sealed::new(Arc::new(StateTable(pool)), &key)))
}

#[async_trait]
impl StateStore for StateTable {
    async fn get(&self, scope: &str, key: &str) -> Result<Option<StateEntry>, StateError> {
        let row = sqlx::query!(
            "SELECT value, revision FROM component_state WHERE scope = $1 AND key = $2 AND expires_at > now()",
            scope,
            key
        );
        let row = row.fetch_optional(&self.0).await.map_err(unavailable)?;
        Ok(row.map(|row| StateEntry { value: row.value, revision: row.revision.unsigned_abs() }))
    }

    async fn compare_and_swap(
        &self,
        scope: &str,
        key: &str,
        expected: Option<u64>,
        value: Vec<u8>,
        ttl: Duration,
    ) -> Result<u64, StateError> {
        let written = match expected {
            // Every new entry clears away a few that have expired, so that the table stays as small as what is in use.
            None => {
                sqlx::query_scalar!(
                    "WITH expired AS (
                         DELETE FROM component_state WHERE ctid IN (
                             SELECT ctid FROM component_state
                             WHERE expires_at <= now() AND (scope, key) <> ($1, $2)
                             ORDER BY expires_at LIMIT 8 FOR UPDATE SKIP LOCKED
                         )
                     )
                     INSERT INTO component_state AS entry (scope, key, value, revision, expires_at)
                     VALUES ($1, $2, $3, nextval('component_state_revisions'), now() + make_interval(secs => $4))
                     ON CONFLICT (scope, key) DO UPDATE SET
                         value = excluded.value, revision = excluded.revision, expires_at = excluded.expires_at
                     WHERE entry.expires_at <= now()
                     RETURNING revision",
                    scope,
                    key,
                    value,
                    ttl.as_secs_f64()
                )
                .fetch_optional(&self.0)
                .await
            }
            Some(expected) => {
                let expected = i64::try_from(expected).map_err(|_| StateError::Conflict)?;
                sqlx::query_scalar!(
                    "UPDATE component_state SET value = $3, revision = nextval('component_state_revisions'),
                                                expires_at = now() + make_interval(secs => $4)
                     WHERE scope = $1 AND key = $2 AND revision = $5 AND expires_at > now()
                     RETURNING revision",
                    scope,
                    key,
                    value,
                    ttl.as_secs_f64(),
                    expected
                )
                .fetch_optional(&self.0)
                .await
            }
        };
        written.map_err(unavailable)?.map(i64::unsigned_abs).ok_or(StateError::Conflict)
    }

    async fn delete(&self, scope: &str, key: &str) -> Result<(), StateError> {
        let deleted = sqlx::query!("DELETE FROM component_state WHERE scope = $1 AND key = $2", scope, key);
        deleted.execute(&self.0).await.map(drop).map_err(unavailable)
    }
}

fn unavailable(error: sqlx::Error) -> StateError {
    tracing::warn!(%error, "components' state cannot be reached");
    StateError::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    const TTL: Duration = Duration::from_secs(60);

    fn node(pool: &PgPool, master: &str) -> Arc<dyn StateStore> {
        let text = format!("[booking]\nmaster_keys = [{{ id = \"a\", hex = \"{}\" }}]\n", master.repeat(32));
        shared(&Config::parse(&text, "test", &Default::default()).unwrap(), pool.clone()).unwrap()
    }

    #[sqlx::test(migrator = "interline_booking::MIGRATOR")]
    async fn what_one_node_keeps_another_one_reads(pool: PgPool) {
        let (one, other) = (node(&pool, "0a"), node(&pool, "0a"));
        let revision = one.compare_and_swap("duffel/main", "token", None, b"secret".to_vec(), TTL).await.unwrap();
        let read = other.get("duffel/main", "token").await.unwrap().unwrap();
        assert_eq!((read.value.as_slice(), read.revision), (b"secret".as_slice(), revision));
        assert!(other.get("ndc/main", "token").await.unwrap().is_none());
        let kept = sqlx::query_scalar!("SELECT value FROM component_state").fetch_one(&pool).await.unwrap();
        assert!(!kept.windows(6).any(|window| window == b"secret"));
        other.delete("duffel/main", "token").await.unwrap();
        assert!(one.get("duffel/main", "token").await.unwrap().is_none());
    }

    #[sqlx::test(migrator = "interline_booking::MIGRATOR")]
    async fn of_many_writers_on_many_nodes_one_wins_each_round(pool: PgPool) {
        let nodes: Vec<_> = (0..8).map(|_| node(&pool, "0a")).collect();
        let mut expected = None;
        for _ in 0..5 {
            let writes = nodes.iter().map(|node| node.compare_and_swap("a", "k", expected, vec![1], TTL));
            let outcomes = join_all(writes).await;
            let won: Vec<u64> = outcomes.iter().filter_map(|outcome| outcome.ok()).collect();
            assert_eq!(won.len(), 1, "{outcomes:?}");
            assert!(Some(won[0]) > expected);
            expected = Some(won[0]);
        }
    }

    #[sqlx::test(migrator = "interline_booking::MIGRATOR")]
    async fn an_entry_that_has_expired_is_none_and_is_cleared_away(pool: PgPool) {
        let store = node(&pool, "0a");
        let old = store.compare_and_swap("a", "old", None, vec![1], Duration::ZERO).await.unwrap();
        assert!(store.get("a", "old").await.unwrap().is_none());
        assert_eq!(store.compare_and_swap("a", "old", Some(old), vec![2], TTL).await, Err(StateError::Conflict));
        store.compare_and_swap("a", "new", None, vec![3], TTL).await.unwrap();
        let left = sqlx::query_scalar!("SELECT key FROM component_state").fetch_all(&pool).await.unwrap();
        assert_eq!(left, ["new"]);
    }

    #[sqlx::test(migrator = "interline_booking::MIGRATOR")]
    async fn under_another_master_key_the_store_is_as_good_as_empty(pool: PgPool) {
        node(&pool, "0a").compare_and_swap("a", "k", None, vec![1], TTL).await.unwrap();
        let rotated = node(&pool, "0b");
        assert!(rotated.get("a", "k").await.unwrap().is_none());
        assert!(rotated.compare_and_swap("a", "k", None, vec![2], TTL).await.is_ok());
    }
}

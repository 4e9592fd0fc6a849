//! Beginning transactions.

use sqlx::{PgPool, Postgres, Transaction};

/// Begins a transaction that can be waited for and dropped. A `BEGIN` that is dropped on its way would leave its
/// connection within a transaction that sqlx knows nothing of, and what the pool's next user writes would never be
/// committed: so it always comes to its end, in a task of its own, and is rolled back there if nobody waits any more.
pub(crate) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    // The task ends early only with its runtime.
    tokio::spawn(async move { pool.begin().await }).await.unwrap_or(Err(sqlx::Error::PoolClosed))
}

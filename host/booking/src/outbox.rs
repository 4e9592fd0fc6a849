//! The outbox: jobs that are to be announced. On one node the announcement wakes the worker; a message carries a job's
//! id alone, and is good for nothing without the row.

use crate::failure::Failure;
use sqlx::PgPool;
use uuid::Uuid;

const BATCH: i64 = 500;

/// Takes announcements out. What is taken and lost with its process is found by the next look at the queue.
pub(crate) async fn take(pool: &PgPool) -> Result<Vec<Uuid>, Failure> {
    let taken = sqlx::query_scalar!(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1)
         RETURNING job_id",
        BATCH
    )
    .fetch_all(pool)
    .await?;
    Ok(taken)
}

//! The outbox: jobs that are to be announced to a message queue. It is the column `jobs.announce_at`, which the database
//! keeps: a job is announced when it is due, again when its worker went silent, again after growing pauses while nobody
//! claims it, and once when it is dead. So whatever is lost between here and a worker is only late.

use crate::failure::Failure;
use sqlx::PgPool;
use std::time::Duration;
use uuid::Uuid;

/// Seconds after which a job that was announced and not claimed is announced again; doubles each time.
const PATIENCE: f64 = 30.0;
/// At most this often: so a long backlog is not multiplied.
const DOUBLINGS: i32 = 7;

/// A job to be announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) job: Uuid,
    pub(crate) booking: Uuid,
    /// To the dead letters.
    pub(crate) dead: bool,
}

/// Takes up to `most` jobs whose announcement is due; nobody else takes the same for a while.
pub(crate) async fn take(pool: &PgPool, most: i64) -> Result<Vec<Announcement>, Failure> {
    let taken = sqlx::query!(
        r#"UPDATE jobs SET announced = announced + 1,
                           announce_at = now() + make_interval(secs => $2::float8 * (1 << least(announced, $3::int)))
           WHERE id IN (SELECT id FROM jobs WHERE announce_at <= now()
                        ORDER BY announce_at FOR UPDATE SKIP LOCKED LIMIT $1)
           RETURNING id, booking_id, state = 'dead' AS "dead!""#,
        most,
        PATIENCE,
        DOUBLINGS
    )
    .fetch_all(pool)
    .await?;
    let announcement =
        taken.into_iter().map(|row| Announcement { job: row.id, booking: row.booking_id, dead: row.dead });
    Ok(announcement.collect())
}

/// These dead jobs are among the dead letters now. One that has moved since is left alone.
pub(crate) async fn told(pool: &PgPool, dead: &[Uuid]) -> Result<(), Failure> {
    sqlx::query!("UPDATE jobs SET announce_at = NULL WHERE id = ANY($1) AND state = 'dead' AND announced > 0", dead)
        .execute(pool)
        .await?;
    Ok(())
}

/// These were taken and could not be announced: soon again.
pub(crate) async fn give_back(pool: &PgPool, jobs: &[Uuid], pause: Duration) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE jobs SET announce_at = now() + make_interval(secs => $2) WHERE id = ANY($1) AND announced > 0",
        jobs,
        pause.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// How long until the next announcement is due; `None`: none is planned.
pub(crate) async fn next(pool: &PgPool) -> Result<Option<Duration>, Failure> {
    let seconds = sqlx::query_scalar!(
        r#"SELECT extract(epoch FROM min(announce_at) - now())::float8 FROM jobs WHERE announce_at IS NOT NULL"#
    )
    .fetch_one(pool)
    .await?;
    Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
}

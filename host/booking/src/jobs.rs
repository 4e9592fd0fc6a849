//! The queue: rows that workers claim by lease. A message elsewhere carries a job's id alone; the row is the only claim.

use crate::failure::Failure;
use interline_runtime::TraceContext;
use sqlx::{PgConnection, PgPool};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum JobKind {
    /// Make the order, issue the tickets.
    Ticketing,
    /// Find out what became of a call.
    Resolve,
    /// Cancel what was held, and give the money back.
    Compensate,
    /// Bring one refund to its end.
    Refund,
    /// Cancel at the traveller's wish.
    Cancel,
    /// Send one message.
    Mail,
}

impl JobKind {
    const ALL: [Self; 6] = [Self::Ticketing, Self::Resolve, Self::Compensate, Self::Refund, Self::Cancel, Self::Mail];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ticketing => "ticketing",
            Self::Resolve => "resolve",
            Self::Compensate => "compensate",
            Self::Refund => "refund",
            Self::Cancel => "cancel",
            Self::Mail => "mail",
        }
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobKind {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| Failure::broken(format!("`{text}` is no kind of job")))
    }
}

/// A job under a lease of ours.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    pub(crate) kind: JobKind,
    pub(crate) booking: Uuid,
    pub(crate) subject: Option<Uuid>,
    pub(crate) detail: Option<String>,
    /// Claims so far, this one included.
    pub(crate) tries: i32,
    pub(crate) failures: i32,
    /// Fences: whoever takes the job over has another one.
    pub(crate) lease: Uuid,
    /// Where in which trace it was made.
    pub(crate) made_at: Option<TraceContext>,
}

struct ClaimedRow {
    id: Uuid,
    kind: String,
    booking_id: Uuid,
    subject: Option<Uuid>,
    detail: Option<String>,
    tries: i32,
    failures: i32,
    lease_token: Option<Uuid>,
    trace: Option<String>,
}

impl TryFrom<ClaimedRow> for Job {
    type Error = Failure;

    fn try_from(row: ClaimedRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id,
            kind: row.kind.parse()?,
            booking: row.booking_id,
            subject: row.subject,
            detail: row.detail,
            tries: row.tries,
            failures: row.failures,
            lease: row.lease_token.ok_or_else(|| Failure::broken("a claimed job has no lease"))?,
            made_at: row.trace.and_then(|trace| trace.parse().ok()),
        })
    }
}

/// A job to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewJob<'a> {
    pub(crate) kind: JobKind,
    pub(crate) booking: Uuid,
    pub(crate) subject: Option<Uuid>,
    pub(crate) detail: Option<&'a str>,
    pub(crate) delay: Duration,
}

impl NewJob<'_> {
    pub(crate) const fn now(kind: JobKind, booking: Uuid) -> Self {
        Self { kind, booking, subject: None, detail: None, delay: Duration::ZERO }
    }
}

/// Makes a job, unless the same one is open already.
pub(crate) async fn enqueue(conn: &mut PgConnection, job: NewJob<'_>) -> Result<(), Failure> {
    sqlx::query!(
        "INSERT INTO jobs (id, kind, booking_id, subject, detail, trace, run_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)) ON CONFLICT DO NOTHING",
        Uuid::now_v7(),
        job.kind.as_str(),
        job.booking,
        job.subject,
        job.detail,
        TraceContext::current().map(|place| place.to_string()),
        job.delay.as_secs_f64()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a job unless the same one is open already; if the last one is dead, that one is put back into the queue, and the
/// answer is yes.
pub(crate) async fn revive(conn: &mut PgConnection, job: NewJob<'_>) -> Result<bool, Failure> {
    let revived = sqlx::query!(
        "UPDATE jobs SET state = 'ready', run_at = now(), failures = 0, updated_at = now()
         WHERE id = (SELECT id FROM jobs WHERE kind = $1 AND booking_id = $2 AND subject = $3 AND state = 'dead'
                     ORDER BY updated_at DESC LIMIT 1)
           AND NOT EXISTS (SELECT FROM jobs WHERE kind = $1 AND booking_id = $2 AND subject = $3
                           AND state IN ('ready', 'running'))",
        job.kind.as_str(),
        job.booking,
        job.subject
    )
    .execute(&mut *conn)
    .await?;
    if revived.rows_affected() > 0 {
        return Ok(true);
    }
    enqueue(conn, job).await?;
    Ok(false)
}

/// Takes the dead jobs that a person's decision goes past off the list.
pub(crate) async fn supersede(conn: &mut PgConnection, booking: Uuid) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE jobs SET state = 'done', updated_at = now()
         WHERE booking_id = $1 AND state = 'dead' AND kind IN ('ticketing', 'compensate', 'cancel', 'resolve')",
        booking
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Claims the job that has waited longest, or one whose worker went silent.
pub(crate) async fn claim(pool: &PgPool, lease: Duration) -> Result<Option<Job>, Failure> {
    let row = sqlx::query_as!(
        ClaimedRow,
        "UPDATE jobs SET state = 'running', lease_token = gen_random_uuid(), tries = tries + 1, updated_at = now(),
                         lease_until = now() + make_interval(secs => $1)
         WHERE id = (
             SELECT id FROM jobs
             WHERE (state = 'ready' AND run_at <= now()) OR (state = 'running' AND lease_until < now())
             ORDER BY run_at FOR UPDATE SKIP LOCKED LIMIT 1
         )
         RETURNING id, kind, booking_id, subject, detail, tries, failures, lease_token, trace",
        lease.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    row.map(Job::try_from).transpose()
}

/// What became of the wish to do one job.
#[derive(Debug)]
pub(crate) enum Claim {
    /// It is ours.
    Ours(Job),
    /// It is done or dead, another worker has it, or its time has not come.
    NotNow,
    /// There is no such job.
    Unknown,
}

/// Claims this job, if it may be claimed now. Whoever comes second waits for the first one's commit, and finds it taken.
pub(crate) async fn claim_one(pool: &PgPool, id: Uuid, lease: Duration) -> Result<Claim, Failure> {
    let row = sqlx::query_as!(
        ClaimedRow,
        "UPDATE jobs SET state = 'running', lease_token = gen_random_uuid(), tries = tries + 1, updated_at = now(),
                         lease_until = now() + make_interval(secs => $2)
         WHERE id = $1 AND ((state = 'ready' AND run_at <= now()) OR (state = 'running' AND lease_until < now()))
         RETURNING id, kind, booking_id, subject, detail, tries, failures, lease_token, trace",
        id,
        lease.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    if let Some(row) = row {
        return Ok(Claim::Ours(row.try_into()?));
    }
    let known = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM jobs WHERE id = $1) AS "known!""#, id)
        .fetch_one(pool)
        .await?;
    Ok(if known { Claim::NotNow } else { Claim::Unknown })
}

/// Prolongs the lease; `LeaseLost` if another worker has the job.
pub(crate) async fn prolong(pool: &PgPool, job: &Job, lease: Duration) -> Result<(), Failure> {
    let held = sqlx::query!(
        "UPDATE jobs SET lease_until = now() + make_interval(secs => $3) WHERE id = $1 AND lease_token = $2",
        job.id,
        job.lease,
        lease.as_secs_f64()
    )
    .execute(pool)
    .await?;
    if held.rows_affected() == 0 { Err(Failure::LeaseLost) } else { Ok(()) }
}

/// Holds the job for the rest of the transaction: nobody takes it over before the commit.
pub(crate) async fn fence(conn: &mut PgConnection, job: &Job) -> Result<(), Failure> {
    let held = sqlx::query!("SELECT id FROM jobs WHERE id = $1 AND lease_token = $2 FOR SHARE", job.id, job.lease)
        .fetch_optional(conn)
        .await?;
    held.map(|_| ()).ok_or(Failure::LeaseLost)
}

/// The job is done.
pub(crate) async fn finish(pool: &PgPool, job: &Job) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE jobs SET state = 'done', lease_token = NULL, lease_until = NULL, last_error = NULL, updated_at = now()
         WHERE id = $1 AND lease_token = $2",
        job.id,
        job.lease
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The job is to be done again after a pause. `failed`: an error of ours, which counts towards the dead letters.
pub(crate) async fn again(pool: &PgPool, job: &Job, pause: Duration, why: &str, failed: bool) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE jobs SET state = 'ready', lease_token = NULL, lease_until = NULL, last_error = $4, updated_at = now(),
                         run_at = now() + make_interval(secs => $3), failures = failures + $5
         WHERE id = $1 AND lease_token = $2",
        job.id,
        job.lease,
        pause.as_secs_f64(),
        why,
        i32::from(failed)
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The job can't end by itself: an operator sees it among the dead letters.
pub(crate) async fn bury(conn: &mut PgConnection, job: &Job, why: &str) -> Result<(), Failure> {
    sqlx::query!(
        "UPDATE jobs SET state = 'dead', lease_token = NULL, lease_until = NULL, last_error = $3, updated_at = now()
         WHERE id = $1 AND lease_token = $2",
        job.id,
        job.lease,
        why
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Pause before the next try: doubles from a second, up to `most`, and is spread by a quarter.
pub(crate) fn backoff(tries: i32, most: Duration) -> Duration {
    let exponent = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(16);
    let pause = Duration::from_secs(1_u64 << exponent).min(most);
    pause.mul_f64(rand::random_range(0.75..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_most() {
        let most = Duration::from_secs(60);
        assert!(backoff(1, most) <= Duration::from_secs(1));
        assert!(backoff(4, most) >= Duration::from_secs(6));
        assert!(backoff(1_000, most) <= most);
    }
}

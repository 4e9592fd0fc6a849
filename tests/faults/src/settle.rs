//! Waiting until everything has come to rest: nothing is asked of the gateways any more, nobody dies, nothing fails.

use anyhow::Result;
use sqlx::PgPool;
use std::time::{Duration, Instant};

/// Far above what all pauses between tries add up to.
const PATIENCE: Duration = Duration::from_secs(240);

/// Bookings and jobs that are still on their way. A look-up that goes on for ever is one until it has been made once in the
/// calm: `$1` seconds ago it began.
const UNDER_WAY: &str = "
SELECT (SELECT count(*) FROM bookings
        WHERE status NOT IN ('TICKETED', 'REFUNDED', 'CANCELLED', 'EXPIRED', 'NEEDS_ATTENTION')),
       (SELECT count(*) FROM jobs WHERE state IN ('ready', 'running') AND kind <> 'resolve'),
       (SELECT count(*) FROM jobs JOIN bookings ON bookings.id = jobs.booking_id AND bookings.status = 'NEEDS_ATTENTION'
        WHERE kind = 'resolve'
          AND (state = 'running'
               OR state = 'ready' AND (tries = 0 OR jobs.updated_at < now() - make_interval(secs => $1))))";

/// Waits until nothing is under way. After long patience it is no error that something is: the checker names it.
pub async fn settle(pool: &PgPool, progress: impl Fn(&str)) -> Result<()> {
    let begun = Instant::now();
    loop {
        let calm_for = begun.elapsed().as_secs_f64();
        let counted: (i64, i64, i64) = sqlx::query_as(UNDER_WAY).bind(calm_for).fetch_one(pool).await?;
        let (bookings, jobs, looks) = counted;
        if counted == (0, 0, 0) {
            return Ok(());
        }
        progress(&format!("under way: {bookings} bookings, {jobs} jobs, {looks} look-ups"));
        if begun.elapsed() > PATIENCE {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

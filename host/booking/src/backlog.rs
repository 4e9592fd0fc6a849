//! What is under way in the write path, and since when: for gauges.

use crate::error::BookingError;
use crate::service::BookingService;

/// Things of one sort that are in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct Pile {
    /// `job`, `booking`, `payment`, `refund`, `alert`.
    pub what: String,
    /// Of a job or an alert its kind; empty for others.
    pub kind: String,
    /// Of a job: `due`, `later`, `running`, `abandoned` (its lease is over), `dead`. Of an alert `open`. Else the row's status.
    pub state: String,
    /// How many.
    pub count: i64,
    /// Seconds that the oldest has been in this state; of payments, refunds and alerts, since they were made.
    pub oldest_seconds: f64,
}

impl BookingService {
    /// All that is not over. What is over, which is nearly everything, is not looked at.
    pub async fn backlog(&self) -> Result<Vec<Pile>, BookingError> {
        let piles = sqlx::query_as!(
            Pile,
            r#"SELECT what AS "what!", kind AS "kind!", state AS "state!", count(*) AS "count!",
                      greatest(extract(epoch FROM now() - min(since)), 0)::float8 AS "oldest_seconds!"
               FROM (
                   SELECT 'job' AS what, kind, CASE WHEN run_at <= now() THEN 'due' ELSE 'later' END AS state,
                          run_at AS since FROM jobs WHERE state = 'ready'
                   UNION ALL
                   SELECT 'job', kind, CASE WHEN lease_until < now() THEN 'abandoned' ELSE 'running' END,
                          updated_at FROM jobs WHERE state = 'running'
                   UNION ALL
                   SELECT 'job', kind, 'dead', updated_at FROM jobs WHERE state = 'dead'
                   UNION ALL
                   SELECT 'booking', '', status, updated_at FROM bookings
                   WHERE status IN ('INIT', 'PENDING_PAYMENT', 'PAID', 'PENDING_TICKET', 'NEEDS_ATTENTION',
                                    'CANCEL_PENDING', 'REFUND_PENDING')
                   UNION ALL
                   SELECT 'payment', '', status, created_at FROM payments
                   WHERE status IN ('creating', 'pending', 'processing', 'failed')
                   UNION ALL
                   SELECT 'refund', '', status, created_at FROM refunds WHERE status IN ('requested', 'pending')
                   UNION ALL
                   SELECT 'alert', kind, 'open', created_at FROM alerts WHERE settled_at IS NULL
               ) AS under_way
               GROUP BY what, kind, state"#
        )
        .fetch_all(&self.parts.pool)
        .await?;
        Ok(piles)
    }
}

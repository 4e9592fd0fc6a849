//! Calls that make something at a supplier: each one stands in a row before it leaves, and the row tells what became of
//! it. While one is open, no other of its kind can be begun; the database sees to that.

use crate::failure::Failure;
use crate::items::Item;
use crate::jobs::Job;
use interline_domain::fault::Fault;
use interline_runtime::PluginVersion;
use jiff::Timestamp;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// What is asked of the supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Create,
    Issue,
    Cancel,
}

impl Operation {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Issue => "issue",
            Self::Cancel => "cancel",
        }
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AttemptOutcome {
    /// The call is under way, or its process died.
    Pending,
    /// It did what it was for.
    Succeeded,
    /// It did nothing, says the supplier.
    Failed,
    /// The supplier may or may not have done it.
    Unknown,
    /// It did nothing, as was found out later.
    Absent,
}

impl AttemptOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Absent => "absent",
        }
    }

    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Unknown)
    }
}

/// A row of `attempts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) id: Uuid,
    pub(crate) operation: Operation,
    pub(crate) outcome: AttemptOutcome,
    /// Past it the call can't be under way any more.
    pub(crate) ends_by: Timestamp,
    pub(crate) started_at: Timestamp,
}

impl Attempt {
    /// All attempts of an item, the oldest first.
    pub(crate) async fn of(conn: &mut PgConnection, item: Uuid) -> Result<Vec<Self>, Failure> {
        let rows = sqlx::query!(
            "SELECT id, operation, outcome, ends_by, started_at FROM attempts WHERE item_id = $1 ORDER BY started_at, id",
            item
        )
        .fetch_all(conn)
        .await?;
        let all = [Operation::Create, Operation::Issue, Operation::Cancel];
        let outcomes = [
            AttemptOutcome::Pending,
            AttemptOutcome::Succeeded,
            AttemptOutcome::Failed,
            AttemptOutcome::Unknown,
            AttemptOutcome::Absent,
        ];
        let malformed = || Failure::broken("an attempt is malformed");
        rows.into_iter()
            .map(|row| {
                let operation = all.into_iter().find(|known| known.as_str() == row.operation);
                let outcome = outcomes.into_iter().find(|known| known.as_str() == row.outcome);
                Ok(Self {
                    id: row.id,
                    operation: operation.ok_or_else(malformed)?,
                    outcome: outcome.ok_or_else(malformed)?,
                    ends_by: row.ends_by.into(),
                    started_at: row.started_at.into(),
                })
            })
            .collect()
    }

    /// Writes the row of a call that is about to leave. `Stale` if another one is open.
    pub(crate) async fn begin(
        conn: &mut PgConnection,
        job: &Job,
        item: &Item,
        operation: Operation,
        version: &PluginVersion,
        takes_at_most: Duration,
    ) -> Result<Uuid, Failure> {
        let id = Uuid::now_v7();
        let reference = match operation {
            Operation::Create => &item.create_reference,
            Operation::Issue => &item.ticket_reference,
            Operation::Cancel => &item.cancel_reference,
        };
        let begun = sqlx::query!(
            "INSERT INTO attempts (id, booking_id, item_id, operation, client_reference, lease_token, plugin_version,
                                   started_at, ends_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), clock_timestamp() + make_interval(secs => $8))
             ON CONFLICT DO NOTHING",
            id,
            item.booking,
            item.id,
            operation.as_str(),
            reference,
            job.lease,
            serde_json::to_value(version)?,
            takes_at_most.as_secs_f64()
        )
        .execute(conn)
        .await?;
        if begun.rows_affected() == 0 { Err(Failure::Stale) } else { Ok(id) }
    }

    /// Records what became of an open attempt. False if somebody else has found it out before.
    pub(crate) async fn end(
        conn: &mut PgConnection,
        id: Uuid,
        outcome: AttemptOutcome,
        fault: Option<&Fault>,
    ) -> Result<bool, Failure> {
        let ended = sqlx::query!(
            "UPDATE attempts SET outcome = $2, fault = coalesce($3, fault), ended_at = clock_timestamp()
             WHERE id = $1 AND outcome IN ('pending', 'unknown')",
            id,
            outcome.as_str(),
            fault.map(serde_json::to_value).transpose()?
        )
        .execute(conn)
        .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// When the first try of an operation left.
    pub(crate) fn first_tried(attempts: &[Self], operation: Operation) -> Option<Timestamp> {
        let tried = attempts.iter().filter(|attempt| attempt.operation == operation);
        tried.map(|attempt| attempt.started_at).min()
    }

    /// The attempt of which it is not known what became.
    pub(crate) fn open(attempts: &[Self], operation: Operation) -> Option<&Self> {
        attempts.iter().find(|attempt| attempt.operation == operation && attempt.outcome.is_open())
    }

    /// Whether "it is not there" may be believed: the call can't be on its way any more.
    pub(crate) fn has_settled(&self, now: Timestamp) -> bool {
        now >= self.ends_by
    }
}

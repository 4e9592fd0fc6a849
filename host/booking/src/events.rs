//! A booking's events as a stream: rows of a table, woken by LISTEN/NOTIFY, so that any process may have caused them.

use crate::bookings::own_booking;
use crate::error::BookingError;
use crate::failure::Failure;
use crate::identity::Caller;
use crate::rows;
use crate::service::{BookingService, EventStream};
use crate::view::Event;
use futures::StreamExt;
use futures::stream;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Looked at anew after so long, should a notification be lost.
const FALLBACK: Duration = Duration::from_secs(5);
const KEPT: usize = 1_024;
const BATCH: i64 = 100;

/// One connection that listens for all streams of the process.
pub(crate) struct EventHub {
    sender: broadcast::Sender<Uuid>,
    listening: JoinHandle<()>,
}

impl EventHub {
    /// Begins to listen. Must run within a runtime.
    pub(crate) fn start(pool: PgPool) -> Self {
        let (sender, _) = broadcast::channel(KEPT);
        let told = sender.clone();
        let listening = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&pool, &told).await {
                    tracing::warn!(%error, "listening for booking events failed; trying again");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Self { sender, listening }
    }
}

impl Drop for EventHub {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(pool: &PgPool, told: &broadcast::Sender<Uuid>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen("booking_events").await?;
    loop {
        let notification = listener.recv().await?;
        let booking = notification.payload().split(':').next().and_then(|id| id.parse().ok());
        if let Some(booking) = booking {
            // Nobody listening is no error.
            let _ = told.send(booking);
        }
    }
}

/// A stream between two of its events.
struct Follow {
    pool: PgPool,
    booking: Uuid,
    after: i64,
    /// The event `after` left the booking in a status that nothing follows by itself.
    at_rest: bool,
    ready: VecDeque<Event>,
    woken: broadcast::Receiver<Uuid>,
}

impl Follow {
    /// The next event; none once the booking has come to rest.
    async fn next(&mut self) -> Result<Option<Event>, BookingError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.after = event.id;
                self.at_rest = event.status.is_final();
                return Ok(Some(event));
            }
            self.ready = read(&self.pool, self.booking, self.after).await?;
            if self.ready.is_empty() {
                if self.at_rest {
                    return Ok(None);
                }
                let _ = tokio::time::timeout(FALLBACK, self.woken_up()).await;
            }
        }
    }

    async fn woken_up(&mut self) {
        loop {
            match self.woken.recv().await {
                Ok(booking) if booking != self.booking => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

async fn read(pool: &PgPool, booking: Uuid, after: i64) -> Result<VecDeque<Event>, Failure> {
    let found = sqlx::query!(
        "SELECT id, status, version, created_at FROM booking_events
         WHERE booking_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        booking,
        after,
        BATCH
    )
    .fetch_all(pool)
    .await?;
    found
        .into_iter()
        .map(|row| {
            Ok(Event {
                id: row.id,
                booking_id: booking,
                status: rows::status(&row.status)?,
                version: row.version,
                at: row.created_at.into(),
            })
        })
        .collect()
}

impl BookingService {
    pub(crate) async fn follow(
        &self,
        caller: Caller,
        id: Uuid,
        after: Option<i64>,
    ) -> Result<Option<EventStream>, BookingError> {
        let mut conn = self.parts.pool.acquire().await?;
        own_booking(&mut conn, caller, id).await?;
        let newest =
            sqlx::query!("SELECT id, status FROM booking_events WHERE booking_id = $1 ORDER BY id DESC LIMIT 1", id)
                .fetch_one(&mut *conn)
                .await?;
        drop(conn);
        // Whoever claims to have seen more than there is would wait for ever.
        let after = after.unwrap_or(0).min(newest.id);
        if after == newest.id && rows::status(&newest.status)?.is_final() {
            return Ok(None);
        }
        let hub = self.hub.get_or_init(|| EventHub::start(self.parts.pool.clone()));
        let follow = Follow {
            pool: self.parts.pool.clone(),
            booking: id,
            after,
            at_rest: false,
            ready: VecDeque::new(),
            woken: hub.sender.subscribe(),
        };
        let events = stream::unfold(Some(follow), async |follow| {
            let mut follow = follow?;
            match follow.next().await.transpose()? {
                Ok(event) => Some((Ok(event), Some(follow))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(Some(events.boxed()))
    }
}

//! A booking's events as they happen.

use super::bookings::problem;
use super::responses::{Guarded, StreamEvent};
use crate::auth::access::Account;
use crate::input::path::BookingId;
use crate::problem::{FieldError, Problem, catalog};
use crate::state::Api;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use http::{HeaderMap, StatusCode};
use std::convert::Infallible;
use std::time::Duration;

/// Milliseconds after which a client that lost the stream comes back. Spread, so that those whom a gateway lost in its
/// restart do not all come at once.
const RETRY: std::ops::Range<u64> = 1_000..6_000;

/// Hear what happens to a booking, from its beginning or from where you left off.
///
/// Server-sent events named `booking`, whose data is an `Event`. The stream ends once the booking is at rest: `TICKETED`,
/// `REFUNDED`, `CANCELLED` or `EXPIRED`. It may end before: connect again with `Last-Event-ID`,
/// and nothing is missed. 204 says that there is nothing to wait for; after another request
/// that moves the booking, like a cancellation, open a new one.
#[utoipa::path(
    get,
    path = "/v1/bookings/{id}/events",
    tag = "Booking",
    params(
        BookingId,
        ("Last-Event-ID" = Option<u64>, Header, nullable = false, description = "The last event that was received"),
    ),
    responses(
        (status = 200, description = "Events `booking`", body = StreamEvent, content_type = "text/event-stream"),
        (status = 204, description = "`Last-Event-ID` is the last event, and the booking is at rest"),
        Guarded,
    ),
)]
pub async fn events(
    State(api): State<Api>,
    account: Account,
    BookingId { id }: BookingId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = last_event(&headers)?;
    let Some(events) = api.booking().events(account.caller, id, after).await.map_err(problem)? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let events = events.map(|event| match event {
        Ok(event) => {
            let data = serde_json::to_string(&event).unwrap_or_default();
            Event::default().id(event.id.to_string()).event("booking").data(data)
        }
        Err(error) => {
            let problem = problem(error).body();
            Event::default().event("problem").data(String::from_utf8_lossy(&problem))
        }
    });
    let retry = Event::default().retry(Duration::from_millis(rand::random_range(RETRY)));
    let events = stream::iter([retry]).chain(events).map(Ok::<_, Infallible>).take_until(api.closing());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(api.config().heartbeat())).into_response())
}

fn last_event(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|id| *id >= 0);
    id.map(Some).ok_or_else(|| {
        let message = "is the `id` of an event of this stream".to_owned();
        let error = FieldError { field: "Last-Event-ID".into(), rule: "event_id".into(), message };
        Problem::new(&catalog::VALIDATION).status(StatusCode::BAD_REQUEST).errors(vec![error])
    })
}

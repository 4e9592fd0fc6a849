//! Searching flights, supplier by supplier as they answer.

use super::flights;
use super::responses::{Guarded, StreamEvent};
use crate::auth::access::Client;
use crate::input::search::SearchParams;
use crate::problem::Problem;
use crate::state::Api;
use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use bytes::{BufMut, Bytes, BytesMut};
use futures::{Stream, StreamExt};
use interline_search::{SupplierStatus, SupplierUpdate};
use std::convert::Infallible;

/// Search flights and hear of each supplier as it answers.
///
/// Server-sent events: `supplier` (its status and its own offers) for each of them, then one `summary` (the page that
/// `GET /v1/flights/search` answers), or one `problem` in its place.
#[utoipa::path(
    get,
    path = "/v1/flights/search/stream",
    tag = "Search",
    params(SearchParams),
    responses(
        (status = 200, description = "Events `supplier`, `summary`, `problem`", body = StreamEvent, content_type = "text/event-stream"),
        Guarded,
    ),
)]
pub async fn stream(
    State(api): State<Api>,
    client: Client,
    RawQuery(raw): RawQuery,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let request = flights::from_query(&api, &client, raw.as_deref())?;
    let events = api.search().stream(request).map(|update| Ok(event(update))).take_until(api.closing());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(api.config().heartbeat())))
}

fn event(update: SupplierUpdate) -> Event {
    let (name, data) = match update {
        SupplierUpdate::Supplier { status, offers } => ("supplier", supplier(&status, &offers)),
        SupplierUpdate::Summary(page) => ("summary", page.body().concat().into()),
        SupplierUpdate::Failed(error) => ("problem", flights::problem(error).body().into()),
    };
    // JSON has no raw line breaks outside of white space, and none is written here.
    Event::default().event(name).data(String::from_utf8_lossy(&data))
}

/// `{"status":…,"offers":[…]}`, of offers that are JSON already.
fn supplier(status: &SupplierStatus, offers: &[Bytes]) -> Bytes {
    let status = serde_json::to_vec(status).unwrap_or_else(|_| b"null".to_vec());
    let size: usize = offers.iter().map(|offer| offer.len() + 1).sum();
    let mut json = BytesMut::with_capacity(status.len() + size + 32);
    json.put_slice(b"{\"status\":");
    json.put_slice(&status);
    json.put_slice(b",\"offers\":[");
    for (index, offer) in offers.iter().enumerate() {
        if index > 0 {
            json.put_u8(b',');
        }
        json.put_slice(offer);
    }
    json.put_slice(b"]}");
    json.freeze()
}

//! One id through all: W3C trace context in, the same id in every log line, in the answer and in the next hop.

use crate::state::Api;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use interline_runtime::TraceContext;
use std::time::Instant;
use tracing::Instrument;

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id, logs it once, and counts it. Neither path, query nor headers are logged: the route is.
pub async fn observe(State(api): State<Api>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let under_way = api.http().begin();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        trace_id = tracing::field::Empty,
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        method,
        route,
        api_key = tracing::field::Empty
    );
    let place = TraceContext::enter(&span, caller(request.headers()));
    let mut response = place.within(next.run(request)).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    drop(under_way);
    api.http().answered(method, route, status, took);
    span.in_scope(|| tracing::info!(status, millis = took.as_millis() as u64, "answered"));
    tell(place, response.headers_mut());
    response
}

/// The caller's place in its trace; none if the header is missing or malformed.
pub(crate) fn caller(headers: &HeaderMap) -> Option<TraceContext> {
    headers.get(TRACEPARENT)?.to_str().ok()?.parse().ok()
}

/// Tells the caller where its request was.
pub(crate) fn tell(place: TraceContext, headers: &mut HeaderMap) {
    let [id, parent] = values(place);
    headers.insert(REQUEST_ID, id);
    headers.insert(TRACEPARENT, parent);
}

/// Of [`REQUEST_ID`] and of [`TRACEPARENT`].
pub(crate) fn values(place: TraceContext) -> [HeaderValue; 2] {
    let written = place.written();
    // Digits and dashes are a header's value.
    [written.trace(), written.whole()]
        .map(|value| HeaderValue::from_bytes(value).unwrap_or(HeaderValue::from_static("")))
}

/// A method's name, one of a few: the client chooses it, and it becomes a label.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

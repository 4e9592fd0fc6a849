//! Searching flights.

use super::responses::{Guarded, WithBody};
use crate::auth::access::Client;
use crate::front::Asked;
use crate::input::Errors;
use crate::input::body::Json;
use crate::input::search::{self, SearchBody, SearchParams, Setting};
use crate::packing;
use crate::pieces::Pieces;
use crate::problem::{Problem, catalog};
use crate::state::Api;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use interline_search::view::PageView;
use interline_search::{Packing, Repeated, SearchError, SearchRequest};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Where flights are searched for.
pub const PATH: &str = "/v1/flights/search";

/// Search flights one way or return.
///
/// The answer tells, supplier by supplier, status, offers, latency and age, and whether it came from the cache. Filters,
/// sorts and pages are made from what the suppliers answered once: they cost next to nothing.
#[utoipa::path(
    get,
    path = "/v1/flights/search",
    tag = "Search",
    params(SearchParams),
    responses((status = 200, description = "A page of offers", body = PageView), Guarded),
)]
pub async fn search(
    State(api): State<Api>,
    client: Client,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let request = from_query(&api, &client, raw.as_deref())?;
    let packing = packing::accepted(&headers);
    let mut response = answer(&api, &request, packing).await?;
    response.extensions_mut().insert(Asked { client, search: Arc::new(Repeated::new(request)), packing });
    Ok(response)
}

/// Search flights, also over several cities.
#[utoipa::path(
    post,
    path = "/v1/flights/search",
    tag = "Search",
    request_body = SearchBody,
    responses((status = 200, description = "A page of offers", body = PageView), Guarded, WithBody),
)]
pub async fn search_trip(
    State(api): State<Api>,
    client: Client,
    headers: HeaderMap,
    body: Json,
) -> Result<Response, Problem> {
    let mut errors = Errors::default();
    let request = search::read_body(&body.value, &setting(&api, &client), &mut errors);
    errors.body_problem()?;
    let request = request.ok_or_else(|| Problem::internal("a good search made no request"))?;
    answer(&api, &request, packing::accepted(&headers)).await
}

/// The search that a query string asks for.
pub fn from_query(api: &Api, client: &Client, raw: Option<&str>) -> Result<SearchRequest, Problem> {
    let mut errors = Errors::default();
    let request = search::read_query(raw, &setting(api, client), &mut errors);
    errors.query_problem()?;
    request.ok_or_else(|| Problem::internal("a good search made no request"))
}

fn setting<'a>(api: &'a Api, client: &'a Client) -> Setting<'a> {
    Setting { market: &client.0.market, pricing: api.pricing(), now: Timestamp::now() }
}

async fn answer(api: &Api, request: &SearchRequest, packing: Option<Packing>) -> Result<Response, Problem> {
    let page = api.search().search(request).await.map_err(problem)?;
    let packed = packing.and_then(|packing| Some((packing, page.packed(packing)?)));
    let coding = packed.as_ref().map(|(packing, _)| HeaderValue::from_static(packing.as_str()));
    let body = packed.map_or_else(|| page.body(), |(_, body)| body);
    let mut response = Response::new(Body::new(Pieces::from(body)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    coding.map(|coding| headers.insert(CONTENT_ENCODING, coding));
    Ok(response)
}

/// A failed search, as the client is told.
pub fn problem(error: SearchError) -> Problem {
    match error {
        SearchError::BadCursor => {
            let mut errors = Errors::default();
            errors.push("cursor", "cursor", "is the `next_cursor` of a page of the same search");
            errors.query_problem().err().unwrap_or_else(|| Problem::new(&catalog::VALIDATION))
        }
        SearchError::AllSuppliersFailed { statuses, retry_after } => Problem::new(&catalog::SUPPLIER_UNAVAILABLE)
            .detail("no supplier answered")
            .with("suppliers", statuses)
            .retry_after(retry_after),
        SearchError::Overloaded => Problem::new(&catalog::UNAVAILABLE)
            .detail("too many searches are under way")
            .retry_after(Duration::from_secs(1)),
        error @ (SearchError::NoSuppliers | SearchError::Pricing(_) | SearchError::Interrupted) => {
            tracing::error!(%error, "a search cannot be answered");
            Problem::new(&catalog::UNAVAILABLE).retry_after(Duration::from_secs(5))
        }
    }
}

//! The API's description: OpenAPI for programs, pages for people. No page needs a script.

mod page;
mod schema;

use crate::input::path::Part;
use crate::problem::{Problem, catalog};
use crate::state::Api;
use axum::Router;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, header};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

const STYLE: &str = include_str!("documents/style.css");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Interline",
        description = "Search, verify, book, pay, and cancel flights of many suppliers.\n\n\
            Authenticate with an API key (`Authorization: Bearer ik_…` or `X-Api-Key`). What belongs to an end user also \
            needs their JWT in `X-User-Token`.\n\n\
            Errors are RFC 9457 problems; each `type` is explained at its address, all of them at `/problems`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "Search", description = "What can be flown, at what price"),
        (name = "Booking", description = "From a live price to a ticket, and back"),
        (name = "Providers", description = "For payment providers"),
        (name = "Operation", description = "For operators"),
    ),
)]
struct Frame;

/// The document without routes.
pub fn frame() -> Document {
    Frame::openapi()
}

/// Completes the document and serves it.
pub fn serve(mut document: Document) -> Router<Api> {
    secure(&mut document);
    let mut value = serde_json::to_value(&document).unwrap_or_default();
    require_users(&mut value);
    let html = Bytes::from(page::render(&value));
    let json = Bytes::from(serde_json::to_vec(&value).unwrap_or_default());
    let kind = |kind: &'static str| [(CONTENT_TYPE, HeaderValue::from_static(kind)), cached()];
    Router::new()
        .route("/openapi.json", get(move || async move { (kind("application/json"), json) }))
        .route("/docs", get(move || async move { (kind("text/html; charset=utf-8"), [policy()], html) }))
        .route("/docs/style.css", get(move || async move { (kind("text/css"), STYLE) }))
        .route("/problems", get(|| async { ([policy()], Html(page::problems(catalog::ALL))) }))
        .route("/problems/{slug}", get(problem))
        .route("/", get(|| async { Redirect::temporary("/docs") }))
}

async fn problem(Part(slug): Part) -> Result<Response, Problem> {
    let kind = catalog::find(&slug).ok_or_else(|| Problem::new(&catalog::NOT_FOUND))?;
    Ok(([policy()], Html(page::problems(&[kind]))).into_response())
}

fn cached() -> (header::HeaderName, HeaderValue) {
    (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))
}

fn policy() -> (header::HeaderName, HeaderValue) {
    let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))
}

fn secure(document: &mut Document) {
    let components = document.components.get_or_insert_default();
    let key = ApiKeyValue::with_description("X-Api-Key", "API key `ik_live_…`");
    components.add_security_scheme("ApiKeyHeader", SecurityScheme::ApiKey(ApiKey::Header(key)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("API key `ik_live_…`"));
    components.add_security_scheme("ApiKey", SecurityScheme::Http(bearer.build()));
    let token = ApiKeyValue::with_description("X-User-Token", "JWT of the end user; `sub` is the user's UUID");
    components.add_security_scheme("UserToken", SecurityScheme::ApiKey(ApiKey::Header(token)));
}

/// Says of each operation what it must be called with: scopes are those of `router`.
fn require_users(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, operations) in paths {
        let security = if path.starts_with("/v1/bookings") {
            json!([{"ApiKey": [], "UserToken": []}, {"ApiKeyHeader": [], "UserToken": []}])
        } else if path.starts_with("/v1/flights") || path.starts_with("/v1/offers") {
            json!([{"ApiKey": []}, {"ApiKeyHeader": []}])
        } else {
            json!([])
        };
        for operation in operations.as_object_mut().into_iter().flatten() {
            operation.1["security"] = security.clone();
        }
    }
}

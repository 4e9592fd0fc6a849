//! For those who operate the gateway.

use crate::problem::{Body, Problem};
use crate::state::{Api, Check};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use prometheus::{Registry, TextEncoder};
use serde::Serialize;
use utoipa::ToSchema;

/// How the gateway is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `not_ready`.
    status: &'static str,
    /// What it needs, one by one.
    checks: Vec<Check>,
}

/// The process is alive.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Operation",
    responses((status = 200, description = "Alive", body = Health)),
)]
pub async fn alive() -> Json<Health> {
    Json(Health { status: "ok", checks: Vec::new() })
}

/// The gateway can do its work.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Operation",
    responses(
        (status = 200, description = "Ready", body = Health),
        (status = 503, description = "Something essential is missing", body = Health),
    ),
)]
pub async fn ready(State(api): State<Api>) -> Response {
    answer(api.readiness().check().await)
}

/// 200 if nothing essential is missing.
pub fn answer(checks: Vec<Check>) -> Response {
    let ready = checks.iter().all(|check| check.ready || !check.essential);
    let (status, word) = if ready { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "not_ready") };
    (status, Json(Health { status: word, checks })).into_response()
}

/// Everything that is counted, in Prometheus' text format.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Operation",
    responses(
        (status = 200, description = "Metrics", body = String, content_type = "text/plain"),
        (status = 404, description = "Not served here", body = Body, content_type = "application/problem+json"),
    ),
)]
pub async fn metrics(State(api): State<Api>) -> Result<Response, Problem> {
    if !api.config().metrics {
        return Err(Problem::new(&crate::problem::catalog::NOT_FOUND));
    }
    text(api.metrics())
}

/// In Prometheus' text format.
pub fn text(metrics: &Registry) -> Result<Response, Problem> {
    let text = TextEncoder::new().encode_to_string(&metrics.gather()).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}

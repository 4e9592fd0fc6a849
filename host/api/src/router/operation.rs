//! What a process that serves nobody shows to those who operate it.

use crate::routes::health;
use crate::state::Readiness;
use axum::Router;
use axum::routing::get;
use prometheus::Registry;
use std::sync::Arc;

/// `/healthz`, `/readyz` and `/metrics`, for a worker. Nothing of it needs a key.
pub fn operation(readiness: Arc<dyn Readiness>, metrics: Registry) -> Router {
    let ready = async move || health::answer(readiness.check().await);
    let counted = async move || health::text(&metrics);
    Router::new().route("/healthz", get(health::alive)).route("/readyz", get(ready)).route("/metrics", get(counted))
}

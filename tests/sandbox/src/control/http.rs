//! `/control` over HTTP.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Control;
use crate::faults::Fault;
use crate::stripe::webhooks::{Flaw, Plan};
use crate::world::World;

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/control", get(about).delete(reset))
        .route("/control/calls", get(calls))
        .route("/control/orders", get(orders))
        .route("/control/payments", get(payments))
        .route("/control/faults", put(set_faults).post(add_fault).get(faults).delete(clear_faults))
        .route("/control/webhooks", put(set_webhooks).get(webhooks))
        .route("/control/webhooks/send", post(resend))
        .route("/control/webhooks/forge", post(forge))
        .fallback(nowhere)
        .with_state(Control::new(world))
}

/// A control document that is refused, by its field.
struct Refused {
    field: String,
    message: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "field": self.field, "message": self.message } });
        (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
    }
}

fn refused(field: &str, message: &str) -> Refused {
    Refused { field: field.to_owned(), message: message.to_owned() }
}

async fn nowhere() -> Response {
    let message = "no such path; GET /control lists them all";
    (StatusCode::NOT_FOUND, Json(json!({ "error": { "field": null, "message": message } }))).into_response()
}

async fn about() -> Json<Value> {
    Json(json!({
        "suppliers": ["/duffel", "/travelport", "/ndc", "/stripe"],
        "control": [
            "GET /control/calls", "GET /control/orders", "GET /control/payments",
            "GET|PUT|POST|DELETE /control/faults", "GET|PUT /control/webhooks", "POST /control/webhooks/send",
            "POST /control/webhooks/forge", "DELETE /control",
        ],
    }))
}

async fn body<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    let bytes = request.into_body().collect().await.map_err(|error| refused("", &error.to_string()))?.to_bytes();
    serde_json::from_slice(&bytes).map_err(|error| refused(&field_of(&error.to_string()), &error.to_string()))
}

/// The field that serde's words name first.
fn field_of(message: &str) -> String {
    message.split('`').nth(1).unwrap_or_default().to_owned()
}

async fn reset(State(control): State<Control>) -> StatusCode {
    control.reset();
    StatusCode::NO_CONTENT
}

async fn calls(State(control): State<Control>) -> impl IntoResponse {
    Json(control.calls())
}

async fn orders(State(control): State<Control>) -> impl IntoResponse {
    Json(json!({ "orders": control.orders() }))
}

async fn payments(State(control): State<Control>) -> impl IntoResponse {
    Json(json!({ "payments": control.payments() }))
}

async fn faults(State(control): State<Control>) -> impl IntoResponse {
    Json(json!({ "faults": control.faults() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultList {
    faults: Vec<Value>,
}

fn fault(index: usize, given: Value) -> Result<Fault, Refused> {
    let refused_at = |field: &str, message: &str| refused(&format!("faults[{index}].{field}"), message);
    let fault: Fault =
        serde_json::from_value(given).map_err(|error| refused_at(&field_of(&error.to_string()), &error.to_string()))?;
    fault.check().map_err(|(field, message)| refused_at(field, &message))?;
    Ok(fault)
}

async fn set_faults(State(control): State<Control>, request: Request) -> Result<Response, Refused> {
    let given: FaultList = body(request).await?;
    let faults: Result<Vec<Fault>, Refused> =
        given.faults.into_iter().enumerate().map(|(index, given)| fault(index, given)).collect();
    control.set_faults(faults?);
    Ok(Json(json!({ "faults": control.faults() })).into_response())
}

async fn add_fault(State(control): State<Control>, request: Request) -> Result<Response, Refused> {
    let given: Value = body(request).await?;
    control.add_fault(fault(0, given)?);
    Ok(Json(json!({ "faults": control.faults() })).into_response())
}

async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.set_faults(Vec::new());
    StatusCode::NO_CONTENT
}

async fn webhooks(State(control): State<Control>) -> impl IntoResponse {
    Json(json!({ "plan": control.webhooks(), "deliveries": control.deliveries() }))
}

async fn set_webhooks(State(control): State<Control>, request: Request) -> Result<Response, Refused> {
    let given: Value = body(request).await?;
    // Fields left out stay as they are.
    let mut plan = serde_json::to_value(control.webhooks()).map_err(|error| refused("", &error.to_string()))?;
    let Some(given) = given.as_object() else { return Err(refused("", "must be an object")) };
    for (name, value) in given {
        plan[name] = value.clone();
    }
    let plan: Plan =
        serde_json::from_value(plan).map_err(|error| refused(&field_of(&error.to_string()), &error.to_string()))?;
    if plan.url.parse::<http::Uri>().map_or(true, |url| url.scheme_str() != Some("http")) {
        return Err(refused("url", "must be an absolute http:// address"));
    }
    control.set_webhooks(plan.clone());
    Ok(Json(plan).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    event: String,
    #[serde(default = "one")]
    copies: u32,
}

fn one() -> u32 {
    1
}

async fn resend(State(control): State<Control>, request: Request) -> Result<Response, Refused> {
    let Send { event, copies } = body(request).await?;
    if control.resend(&event, copies) {
        Ok(StatusCode::ACCEPTED.into_response())
    } else {
        Err(refused("event", "there is no such event"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forge {
    payment: String,
    #[serde(rename = "type", default = "succeeded")]
    kind: String,
    flaw: Flaw,
}

fn succeeded() -> String {
    "payment_intent.succeeded".to_owned()
}

async fn forge(State(control): State<Control>, request: Request) -> Result<Response, Refused> {
    let Forge { payment, kind, flaw } = body(request).await?;
    let answered = control.forge(&payment, &kind, flaw).await;
    Ok(Json(json!({ "answered": answered })).into_response())
}

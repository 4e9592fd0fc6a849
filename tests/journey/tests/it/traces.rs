//! One id through all: a collector gets a request's spans under the caller's trace, and nothing personal with them.

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use parking_lot::Mutex;
use prost::Message;
use reqwest::Method;
use std::sync::Arc;

/// What was exported, as it came.
type Exports = Arc<Mutex<Vec<Bytes>>>;

/// A collector of OTLP over HTTP; its address, and what it got.
async fn collector() -> Result<(String, Exports)> {
    let exports = Exports::default();
    let keep = async |State(exports): State<Exports>, body: Bytes| exports.lock().push(body);
    let app = Router::new().route("/v1/traces", post(keep)).with_state(exports.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((address, exports))
}

fn spans(exports: &Exports) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    for body in exports.lock().iter() {
        let request = ExportTraceServiceRequest::decode(body.clone())?;
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    Ok(spans)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_exported_as_a_step_of_its_callers_trace() -> Result<()> {
    let (address, exports) = collector().await?;
    let traces = format!("otlp_endpoint = {address:?}\nsample_ratio = 0.0");
    let stack = Stack::start(Setup::with("duffel").section("traces", &traces)).await?;
    let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let search = stack.client.request(Method::POST, "/v1/flights/search");
    let search = search.header("traceparent", format!("00-{trace}-{parent}-01"));
    let answer = search.json(&trip(&[("CGK", "NRT", day(0))], &Party::one())).send().await?;
    let id = answer.headers().get("x-request-id").context("no X-Request-Id")?.to_str()?.to_owned();
    ensure!(answer.status().is_success() && id == trace, "{id}: {answer:?}");
    let request = named(&exports, "POST /v1/flights/search").await?;
    // Of new traces none is kept by this ratio: the caller's own decision holds for its trace.
    ensure!(hex(&request.trace_id) == trace && hex(&request.parent_span_id) == parent, "{request:?}");
    // The component's call under it, and under that what left over HTTP.
    let call = named(&exports, "duffel search").await?;
    let sent = named(&exports, "POST").await?;
    ensure!(call.trace_id == request.trace_id && sent.trace_id == request.trace_id, "{call:?}, {sent:?}");
    ensure!(call.parent_span_id == request.span_id && sent.parent_span_id == call.span_id, "{call:?}, {sent:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_in_the_trace_of_the_request_that_made_it() -> Result<()> {
    let (address, exports) = collector().await?;
    let traces = format!("otlp_endpoint = {address:?}\nsample_ratio = 1.0");
    let stack = Stack::start(Setup::with("duffel").section("traces", &traces)).await?;
    let id = stack.paid().await?;
    stack.client.reaches(&id, &["TICKETED"]).await?;
    let (ticketing, mail) = (named(&exports, "ticketing").await?, named(&exports, "mail").await?);
    let create = named(&exports, "duffel create").await?;
    let all = spans(&exports)?;
    let webhook = all.iter().find(|span| span.span_id == ticketing.parent_span_id).context("made by nobody")?;
    ensure!(webhook.name == "POST /v1/webhooks/{provider}", "{webhook:?}");
    ensure!(ticketing.trace_id == webhook.trace_id, "{ticketing:?}");
    // What a job calls, and the job that it makes.
    ensure!(create.trace_id == webhook.trace_id && create.parent_span_id == ticketing.span_id, "{create:?}");
    ensure!(mail.trace_id == webhook.trace_id && mail.parent_span_id == ticketing.span_id, "{mail:?}");
    Ok(())
}

/// The first span of this name, once it is exported.
async fn named(exports: &Exports, name: &str) -> Result<Span> {
    until(&format!("a span `{name}`"), || async {
        let spans = spans(exports)?;
        let found = spans.iter().find(|span| span.name == name).cloned();
        Ok(found.ok_or_else(|| format!("{:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>())))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_travellers_nor_secrets_are_exported() -> Result<()> {
    let (address, exports) = collector().await?;
    let traces = format!("otlp_endpoint = {address:?}\nsample_ratio = 1.0");
    let mut stack = Stack::start(Setup::with("duffel").section("traces", &traces)).await?;
    let id = stack.paid().await?;
    stack.client.reaches(&id, &["TICKETED"]).await?;
    stack.worker.take().context("no worker")?.stop().await?;
    stack.gateway.stop().await?;
    let names: Vec<_> = spans(&exports)?.into_iter().map(|span| span.name).collect();
    ensure!(names.iter().any(|name| name == "POST /v1/bookings"), "{names:?}");
    let all = exports.lock().concat();
    for secret in ["Wijaya", "Rina", "traveller@example.com", "4711", interline_sandbox::DUFFEL_TOKEN, "ik_live_"] {
        let there = all.windows(secret.len()).any(|window| window == secret.as_bytes());
        ensure!(!there, "{secret} was exported");
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

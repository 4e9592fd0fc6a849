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
use prost::Message;
use reqwest::Method;
use std::sync::{Arc, Mutex};

/// What was exported, as it came.
type Exports = Arc<Mutex<Vec<Bytes>>>;

/// A collector of OTLP over HTTP; its address, and what it got.
async fn collector() -> Result<(String, Exports)> {
    let exports = Exports::default();
    let keep = async |State(exports): State<Exports>, body: Bytes| exports.lock().expect("a lock").push(body);
    let app = Router::new().route("/v1/traces", post(keep)).with_state(exports.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((address, exports))
}

fn spans(exports: &Exports) -> Result<Vec<Span>> {
    let mut spans = Vec::new();
    for body in exports.lock().expect("a lock").iter() {
        let request = ExportTraceServiceRequest::decode(body.clone())?;
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    Ok(spans)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_and_its_supplier_calls_are_exported_under_the_callers_trace() -> Result<()> {
    let (address, exports) = collector().await?;
    let traces = format!("otlp_endpoint = {address:?}\nsample_ratio = 1.0");
    let stack = Stack::start(Setup::with("duffel").section("traces", &traces)).await?;
    let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let search = stack.client.request(Method::POST, "/v1/flights/search");
    let search = search.header("traceparent", format!("00-{trace}-{parent}-01"));
    let answer = search.json(&trip(&[("CGK", "NRT", day(0))], &Party::one())).send().await?;
    let id = answer.headers().get("x-request-id").context("no X-Request-Id")?.to_str()?.to_owned();
    ensure!(answer.status().is_success() && id == trace, "{id}: {answer:?}");

    let of_trace = |spans: Vec<Span>| spans.into_iter().filter(|span| hex(&span.trace_id) == trace).collect::<Vec<_>>();
    let spans = until("the search's spans", || async {
        let spans = of_trace(spans(&exports)?);
        let has = |name: &str| spans.iter().any(|span| span.name == name);
        let whole = has("POST /v1/flights/search") && has("duffel search") && has("POST");
        Ok(if whole {
            Ok(spans)
        } else {
            Err(format!("{:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>()))
        })
    })
    .await
    .with_context(|| stack.logs())?;
    let named = |name: &str| spans.iter().find(|span| span.name == name).context("a span is missing");
    let (request, call, http) = (named("POST /v1/flights/search")?, named("duffel search")?, named("POST")?);
    ensure!(hex(&request.parent_span_id) == parent, "the request is no step of its caller's");
    ensure!(call.parent_span_id == request.span_id, "the call is no step of the request");
    ensure!(http.parent_span_id == call.span_id, "the supplier's answer is no step of the call");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_travellers_nor_secrets_are_exported() -> Result<()> {
    let (address, exports) = collector().await?;
    let traces = format!("otlp_endpoint = {address:?}\nsample_ratio = 1.0");
    let mut stack = Stack::start(Setup::with("duffel").section("traces", &traces)).await?;
    let id = stack.paid().await?;
    stack.client.reaches(&id, &["TICKETED"]).await?;
    stack.worker.take().context("no worker")?.stop().await?;
    until("the ticketing's spans", || async {
        let names: Vec<_> = spans(&exports)?.into_iter().map(|span| span.name).collect();
        let issued = names.iter().any(|name| name == "duffel create");
        Ok(if issued { Ok(()) } else { Err(format!("{names:?}")) })
    })
    .await?;
    let all = exports.lock().expect("a lock").concat();
    for secret in ["Wijaya", "Rina", "traveller@example.com", "4711", interline_sandbox::DUFFEL_TOKEN, "ik_live_"] {
        let there = all.windows(secret.len()).any(|window| window == secret.as_bytes());
        ensure!(!there, "{secret} was exported");
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

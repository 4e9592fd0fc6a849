//! One id through all: W3C trace context in, the same id in every log line, in the answer and in the next hop.

use crate::state::Api;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
use std::time::Instant;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A place in a trace (W3C Trace Context, `traceparent` version 00).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// Of the whole trace: the id in the logs.
    pub trace: u128,
    /// Of this step.
    pub span: u64,
    /// Whether whoever began it keeps it.
    pub sampled: bool,
}

impl TraceContext {
    /// A step of a new trace.
    pub fn begin() -> Self {
        // Zero is no id; one in 2^64 is nothing to be afraid of, but it costs nothing to avoid.
        Self { trace: rand::random::<u128>().max(1), span: rand::random::<u64>().max(1), sampled: true }
    }

    /// A step of the caller's trace, or of a new one.
    pub fn after(caller: Option<Self>) -> Self {
        caller.map_or_else(Self::begin, Self::child)
    }

    /// The caller's place in its trace; none if the header is missing or malformed.
    pub fn parse(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(TRACEPARENT)?.to_str().ok()?;
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let lower_hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let well_formed = lower_hex(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && lower_hex(trace, 32)
            && lower_hex(span, 16)
            && lower_hex(flags, 2);
        if !well_formed {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?;
        Some(Self { trace, span, sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1 })
    }

    /// Our own step in the same trace.
    pub fn child(self) -> Self {
        Self { span: rand::random::<u64>().max(1), ..self }
    }

    /// Tells the caller.
    pub fn write(&self, headers: &mut HeaderMap) {
        let traceparent = self.header();
        if let Ok(value) = HeaderValue::from_str(&traceparent[3..35]) {
            headers.insert(REQUEST_ID, value);
        }
        if let Ok(value) = HeaderValue::try_from(traceparent) {
            headers.insert(TRACEPARENT, value);
        }
    }

    /// The place of a span that is exported; none where nobody exports.
    fn of(span: &Span) -> Option<Self> {
        let context = span.context();
        let place = context.span().span_context().clone();
        place.is_valid().then(|| Self {
            trace: u128::from_be_bytes(place.trace_id().to_bytes()),
            span: u64::from_be_bytes(place.span_id().to_bytes()),
            sampled: place.is_sampled(),
        })
    }

    /// Makes an exported span a step of this trace.
    fn leads_to(self, span: &Span) {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let place = SpanContext::new(self.trace.into(), self.span.into(), flags, true, TraceState::default());
        let parent = opentelemetry::Context::new().with_remote_span_context(place);
        // Without an exporter there is nothing to place.
        let _ = span.set_parent(parent);
    }

    /// As `traceparent` has it.
    pub fn header(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// Gives the request its id, logs it once, and counts it. Neither path, query nor headers are logged: the route is.
pub async fn observe(State(api): State<Api>, mut request: Request, next: Next) -> Response {
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
    let caller = TraceContext::parse(request.headers());
    if let Some(caller) = caller {
        caller.leads_to(&span);
    }
    let context = TraceContext::of(&span).unwrap_or_else(|| TraceContext::after(caller));
    span.record("trace_id", format_args!("{:032x}", context.trace));
    request.extensions_mut().insert(context);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    drop(under_way);
    api.http().answered(method, route, status, took);
    span.in_scope(|| tracing::info!(status, millis = took.as_millis() as u64, "answered"));
    context.write(response.headers_mut());
    response
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Option<TraceContext> {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_str(text).ok()?);
        TraceContext::parse(&headers)
    }

    #[test]
    fn a_trace_goes_on_under_its_id() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let context = parse(text).unwrap();
        assert_eq!(context.header(), text);
        assert_eq!(context.child().trace, context.trace);
        assert_ne!(context.child().span, context.span);
    }

    #[test]
    fn a_malformed_header_begins_a_new_trace() {
        for text in [
            "",
            "00-0-0-0",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(trace in 1..=u128::MAX, span in 1..=u64::MAX, sampled in any::<bool>()) {
            let context = TraceContext { trace, span, sampled };
            prop_assert_eq!(parse(&context.header()), Some(context));
        }
    }
}

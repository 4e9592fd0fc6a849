//! One id through all: a place in a trace, carried from a request to the jobs it makes and on to the calls they make.

use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
use std::fmt::{self, Write};
use std::future::Future;
use std::str::FromStr;
use tokio::task::futures::TaskLocalFuture;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

tokio::task_local! {
    static PLACE: TraceContext;
}

/// A place in a trace, written as W3C Trace Context writes it: `traceparent`, version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// Of the whole trace: the id in the logs.
    pub trace: u128,
    /// Of this step.
    pub span: u64,
    /// Whether whoever began it keeps it.
    pub sampled: bool,
}

/// What is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a trace")]
pub struct NoTrace;

impl TraceContext {
    /// A step of a new trace.
    pub fn begin() -> Self {
        // Zero is no id; one in 2^64 is nothing to be afraid of, but it costs nothing to avoid.
        Self { trace: rand::random::<u128>().max(1), span: rand::random::<u64>().max(1), sampled: true }
    }

    /// Our own step in the same trace.
    pub fn child(self) -> Self {
        Self { span: rand::random::<u64>().max(1), ..self }
    }

    /// A step of that trace, or of a new one.
    pub fn after(earlier: Option<Self>) -> Self {
        earlier.map_or_else(Self::begin, Self::child)
    }

    /// Where the task at hand is, if it runs [`TraceContext::within`] something.
    pub fn current() -> Option<Self> {
        PLACE.try_with(|place| *place).ok()
    }

    /// Runs a future at this place.
    pub fn within<F: Future>(self, future: F) -> TaskLocalFuture<Self, F> {
        PLACE.scope(self, future)
    }

    /// Makes a new span a step after `earlier`, has it carry the trace's id in its field `trace_id`, and says where it is.
    pub fn enter(span: &Span, earlier: Option<Self>) -> Self {
        if let Some(earlier) = earlier {
            earlier.leads_to(span);
        }
        let place = Self::of(span).unwrap_or_else(|| Self::after(earlier));
        span.record("trace_id", format_args!("{:032x}", place.trace));
        place
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
}

impl TraceContext {
    /// As it is written.
    pub fn written(self) -> Written {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        // Twice the digits of the bytes each: that they fit is all that is asked.
        let _ = hex::encode_to_slice(self.trace.to_be_bytes(), &mut text[3..35]);
        let _ = hex::encode_to_slice(self.span.to_be_bytes(), &mut text[36..52]);
        text[54] += u8::from(self.sampled);
        Written(text)
    }
}

/// A [`TraceContext`] in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written([u8; 55]);

impl Written {
    /// All of it.
    pub fn whole(&self) -> &[u8] {
        &self.0
    }

    /// The trace's id.
    pub fn trace(&self) -> &[u8] {
        &self.0[3..35]
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written().whole().iter().try_for_each(|byte| f.write_char(char::from(*byte)))
    }
}

impl FromStr for TraceContext {
    type Err = NoTrace;

    fn from_str(text: &str) -> Result<Self, NoTrace> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(NoTrace);
        let (version, trace, span, flags) = (part()?, part()?, part()?, part()?);
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
            return Err(NoTrace);
        }
        let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0).ok_or(NoTrace)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|span| *span != 0).ok_or(NoTrace)?;
        Ok(Self { trace, span, sampled: u8::from_str_radix(flags, 16).map_err(|_| NoTrace)? & 1 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_trace_goes_on_under_its_id() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let context: TraceContext = text.parse().unwrap();
        assert_eq!(context.to_string(), text);
        assert_eq!(context.child().trace, context.trace);
        assert_ne!(context.child().span, context.span);
    }

    #[test]
    fn what_is_malformed_is_no_place() {
        for text in [
            "",
            "00-0-0-0",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(NoTrace), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(trace in 1..=u128::MAX, span in 1..=u64::MAX, sampled in any::<bool>()) {
            let context = TraceContext { trace, span, sampled };
            prop_assert_eq!(context.to_string().parse(), Ok(context));
        }
    }
}

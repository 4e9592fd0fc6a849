//! Logs, one line each with the trace's id, and traces; nothing personal, nothing secret in either.

mod each_time;

use self::each_time::EachTime;
use crate::config::{Log, LogFormat, Traces};
use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

/// Ends the export of traces when it is dropped, with what is waiting sent.
#[must_use]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last traces were not exported");
        }
    }
}

/// Logs only, and only what is wrong, for people: of a command that prints a result.
pub fn quiet(log: &Log) -> Result<Telemetry> {
    begin(&log.quiet(), None)
}

/// Starts logging to standard error, and exporting traces where a collector is named.
pub fn start(log: &Log, traces: &Traces, process: &'static str) -> Result<Telemetry> {
    let provider = traces.otlp_endpoint.as_ref().map(|endpoint| -> Result<SdkTracerProvider> {
        let url = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(url).build();
        let resource = Resource::builder().with_service_name(format!("interline-{process}"));
        Ok(SdkTracerProvider::builder()
            .with_batch_exporter(exporter.context("[traces] otlp_endpoint")?)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(traces.sample_ratio))))
            .with_resource(resource.build())
            .build())
    });
    begin(log, provider.transpose()?)
}

fn lines(log: &Log, writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) -> Result<Boxed> {
    // The client library of Redis logs each of its own tries; what becomes of them is told once by us.
    let filter = EnvFilter::try_new(format!("redis=off,{}", log.filter)).context("[log] filter")?;
    let (filter, lines) = (EachTime(filter), tracing_subscriber::fmt::layer().with_writer(writer));
    Ok(match log.format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(true).with_filter(filter).boxed()
        }
        LogFormat::Text => lines.with_filter(filter).boxed(),
    })
}

fn begin(log: &Log, provider: Option<SdkTracerProvider>) -> Result<Telemetry> {
    let lines = lines(log, std::io::stderr)?;
    let spans = provider.as_ref().map(|provider| -> Boxed {
        // Of this kind since it is asked about every span anew: see `EachTime`.
        let ours = tracing_subscriber::filter::dynamic_filter_fn(|metadata, _| {
            metadata.is_span() && metadata.target().starts_with("interline")
        });
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("interline"));
        layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_filter(ours).boxed()
    });
    let layers: Vec<Boxed> = [Some(lines), spans].into_iter().flatten().collect();
    Registry::default().with(layers).try_init().context("logging does not start")?;
    // A panic's own words may hold what somebody sent: only its place is logged.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(Telemetry(provider))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::sync::Arc;
    use tracing::subscriber::with_default;

    #[test]
    fn no_line_is_lost_to_a_question_about_another() {
        // What a library asks before it logs: of the log crate by its bridge, of this one by `enabled!`.
        let other = with_default(Registry::default(), || tracing::debug_span!("not logged").metadata()).unwrap();
        let (mut output, input) = std::io::pipe().unwrap();
        let log = Log { filter: "info".to_owned(), ..Log::default() };
        with_default(Registry::default().with(lines(&log, Arc::new(input)).unwrap()), || {
            for _ in 0..3 {
                tracing::dispatcher::get_default(|subscriber| subscriber.enabled(other));
                tracing::info!("a line");
            }
        });
        let mut written = String::new();
        output.read_to_string(&mut written).unwrap();
        assert_eq!(written.matches("a line").count(), 3, "{written}");
    }
}

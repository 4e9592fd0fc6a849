//! Logs, one line each with the trace's id, and traces; nothing personal, nothing secret in either.

use crate::config::{Log, LogFormat, Traces};
use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
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

fn begin(log: &Log, provider: Option<SdkTracerProvider>) -> Result<Telemetry> {
    // The client library of Redis logs each of its own tries; what becomes of them is told once by us.
    let filter = EnvFilter::try_new(format!("redis=off,{}", log.filter)).context("[log] filter")?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines: Boxed = match log.format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(true).with_filter(filter).boxed()
        }
        LogFormat::Text => lines.with_filter(filter).boxed(),
    };
    let spans = provider.as_ref().map(|provider| -> Boxed {
        // Asked about every span anew: a layer's filter that is settled once is passed over, and then the answer to the
        // last question of the thread (sqlx asks whether it should log, and doesn't) would stand for the span.
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

//! What is counted: calls of components, searches, suppliers, jobs.

mod queue;

pub use queue::Jobs;

use interline_runtime::{CallObserver, CallOutcome, CallRecord};
use interline_search::{CacheState, Pressure, SearchObserver, SupplierState};
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{
    Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry,
};
use std::sync::Arc;
use std::time::Duration;

const SECONDS: [f64; 12] = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// Counts calls of components.
pub struct Calls {
    wall: HistogramVec,
    cpu: HistogramVec,
    queued: HistogramVec,
    memory: HistogramVec,
    bytes: IntCounterVec,
    requests: IntCounterVec,
    skipped: IntCounterVec,
}

fn histogram(
    registry: &Registry,
    name: &str,
    help: &str,
    buckets: &[f64],
    labels: &[&str],
) -> prometheus::Result<HistogramVec> {
    let histogram = HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels)?;
    registry.register(Box::new(histogram.clone()))?;
    Ok(histogram)
}

fn counter(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
    let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
    registry.register(Box::new(counter.clone()))?;
    Ok(counter)
}

fn gauge(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
    let gauge = IntGaugeVec::new(Opts::new(name, help), labels)?;
    registry.register(Box::new(gauge.clone()))?;
    Ok(gauge)
}

impl Calls {
    /// Registers the metrics.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        let call = ["component", "version", "operation"];
        let outcome = ["component", "version", "operation", "outcome", "code"];
        let megabytes = [1e6, 4e6, 16e6, 32e6, 64e6, 128e6, 256e6];
        Ok(Self {
            wall: histogram(
                registry,
                "interline_component_call_seconds",
                "From call to answer, queue included",
                &SECONDS,
                &outcome,
            )?,
            cpu: histogram(
                registry,
                "interline_component_cpu_seconds",
                "Time in which the guest ran",
                &SECONDS,
                &call,
            )?,
            queued: histogram(registry, "interline_component_queue_seconds", "Wait for a place", &SECONDS, &call)?,
            memory: histogram(
                registry,
                "interline_component_memory_bytes",
                "Peak of linear memory",
                &megabytes,
                &call,
            )?,
            bytes: counter(
                registry,
                "interline_component_http_bytes_total",
                "Bodies over HTTP",
                &["component", "direction"],
            )?,
            requests: counter(
                registry,
                "interline_component_http_requests_total",
                "Requests that left",
                &["component"],
            )?,
            skipped: counter(
                registry,
                "interline_component_skipped_offers_total",
                "Offers dropped by the host",
                &["component"],
            )?,
        })
    }
}

/// How loaded the process is, read when it is asked for.
pub struct Load {
    pressure: Arc<Pressure>,
    lag: GaugeVec,
    flights: Gauge,
    shed: Gauge,
}

impl Load {
    /// Registers the metrics.
    pub fn register(registry: &Registry, pressure: Arc<Pressure>) -> prometheus::Result<()> {
        let lag = Opts::new("interline_lag_seconds", "How late tasks run that are due: of searches, of serving");
        let lag = GaugeVec::new(lag, &["of"])?;
        let flights = Gauge::new("interline_search_flights_limit", "Trips that may be asked of suppliers at once")?;
        let shed = Gauge::new("interline_search_shed_ratio", "Share of searches that are shed")?;
        registry.register(Box::new(Self { pressure, lag, flights, shed }))
    }
}

impl Collector for Load {
    fn desc(&self) -> Vec<&Desc> {
        [&self.flights, &self.shed].into_iter().flat_map(Collector::desc).chain(self.lag.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        for (of, lag) in [("searches", self.pressure.lag()), ("serving", self.pressure.serving_lag())] {
            self.lag.with_label_values(&[of]).set(lag.as_secs_f64());
        }
        self.flights.set(self.pressure.flights() as f64);
        self.shed.set(self.pressure.share_shed());
        [&self.flights, &self.shed].into_iter().flat_map(Collector::collect).chain(self.lag.collect()).collect()
    }
}

impl CallObserver for Calls {
    fn call(&self, record: &CallRecord<'_>) {
        let (name, version, operation) = (&*record.component.name, &*record.component.version, record.operation);
        // The far side's own codes are without number; only the host's become labels.
        let (outcome, code) = match &record.outcome {
            CallOutcome::Ok => ("ok", ""),
            CallOutcome::Fault { disposition, host_code } => (*disposition, host_code.as_deref().unwrap_or_default()),
        };
        self.wall.with_label_values(&[name, version, operation, outcome, code]).observe(record.wall.as_secs_f64());
        let call = [name, version, operation];
        self.cpu.with_label_values(&call).observe(record.cpu.as_secs_f64());
        self.queued.with_label_values(&call).observe(record.queued.as_secs_f64());
        self.memory.with_label_values(&call).observe(record.memory as f64);
        self.bytes.with_label_values(&[name, "in"]).inc_by(record.bytes_in);
        self.bytes.with_label_values(&[name, "out"]).inc_by(record.bytes_out);
        self.requests.with_label_values(&[name]).inc_by(u64::from(record.requests));
        self.skipped.with_label_values(&[name]).inc_by(u64::from(record.skipped));
        if let CallOutcome::Fault { disposition, host_code } = &record.outcome {
            let component = tracing::field::display(record.component);
            let (code, millis) = (host_code.as_deref(), record.wall.as_millis() as u64);
            tracing::warn!(component, operation, disposition, code, millis, "a call of a component failed");
        }
    }
}

/// Counts searches.
pub struct Searches {
    by_cache: IntCounterVec,
    /// Of `by_cache`, the one that is counted most.
    hits: IntCounter,
    suppliers: HistogramVec,
    offers: IntCounterVec,
    skipped: IntCounterVec,
    refreshes: IntCounter,
    views: HistogramVec,
}

impl Searches {
    /// Registers the metrics.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        let refreshes = IntCounter::new("interline_search_refreshes_total", "Refreshes in the background")?;
        registry.register(Box::new(refreshes.clone()))?;
        let supplier = ["supplier", "status"];
        let by_cache = counter(registry, "interline_searches_total", "Searches answered", &["cache"])?;
        Ok(Self {
            hits: by_cache.with_label_values(&[CacheState::Hit.as_str()]),
            by_cache,
            suppliers: histogram(
                registry,
                "interline_supplier_search_seconds",
                "Searches at suppliers",
                &SECONDS,
                &supplier,
            )?,
            offers: counter(registry, "interline_supplier_offers_total", "Offers received", &["supplier"])?,
            skipped: counter(
                registry,
                "interline_supplier_offers_skipped_total",
                "Offers that can't be used",
                &["supplier"],
            )?,
            refreshes,
            views: histogram(registry, "interline_search_view_seconds", "Making a priced view", &SECONDS, &[])?,
        })
    }
}

impl SearchObserver for Searches {
    fn searched(&self, cache: CacheState) {
        match cache {
            CacheState::Hit => self.hits.inc(),
            _ => self.by_cache.with_label_values(&[cache.as_str()]).inc(),
        }
    }

    fn asked(&self, supplier: &str, state: SupplierState, offers: usize, skipped: usize, latency: Duration) {
        self.suppliers.with_label_values(&[supplier, state.as_str()]).observe(latency.as_secs_f64());
        self.offers.with_label_values(&[supplier]).inc_by(offers as u64);
        self.skipped.with_label_values(&[supplier]).inc_by(skipped as u64);
    }

    fn refreshed(&self) {
        self.refreshes.inc();
    }

    fn priced(&self, _offers: usize, took: Duration) {
        let none: [&str; 0] = [];
        self.views.with_label_values(&none).observe(took.as_secs_f64());
    }
}

//! What is counted of Redis.

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};
use std::time::Duration;

/// Counters of one process.
#[derive(Clone)]
pub struct Metrics {
    commands: HistogramVec,
    pub(crate) reads: IntCounterVec,
    pub(crate) bytes: IntCounterVec,
    pub(crate) leases: IntCounterVec,
    pub(crate) open: IntGaugeVec,
    pub(crate) listening: IntGauge,
    pub(crate) nodes: IntGauge,
}

impl Metrics {
    /// Registers them; fails if a name is taken.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        let seconds = vec![0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];
        let commands =
            HistogramOpts::new("interline_redis_command_seconds", "One command, by its end").buckets(seconds);
        let counter = |name: &str, help: &str, label: &str| {
            let counter = IntCounterVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(counter.clone()))?;
            Ok::<_, prometheus::Error>(counter)
        };
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        let open =
            Opts::new("interline_redis_open_ranges", "Ranges of slots that are not asked, since they do not answer");
        let metrics = Self {
            commands: HistogramVec::new(commands, &["command", "outcome"])?,
            reads: counter("interline_redis_reads_total", "Suppliers' parts looked for, by what was found", "result")?,
            bytes: counter("interline_redis_bytes_total", "Compressed parts", "direction")?,
            leases: counter(
                "interline_redis_leases_total",
                "Rights to ask suppliers, by what became of them",
                "event",
            )?,
            open: IntGaugeVec::new(open, &["link"])?,
            listening: gauge("interline_redis_listening", "1 while word of other nodes' puts is heard")?,
            nodes: gauge("interline_redis_nodes", "Nodes that share the rate limits, as last seen")?,
        };
        registry.register(Box::new(metrics.commands.clone()))?;
        registry.register(Box::new(metrics.open.clone()))?;
        Ok(metrics)
    }

    pub(crate) fn command(&self, name: &str, outcome: &str, took: Duration) {
        self.commands.with_label_values(&[name, outcome]).observe(took.as_secs_f64());
    }
}

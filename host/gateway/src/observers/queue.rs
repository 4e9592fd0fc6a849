//! What is counted of jobs and of the messages that tell of them; what waits is in [`crate::gauges`].

use super::{counter, gauge, histogram};
use interline_booking::{JobEnd, JobObserver, MessageFate};
use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec, Registry};
use std::time::Duration;

const SECONDS: [f64; 10] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];

/// Counts jobs, and the messages that tell of them.
#[derive(Clone)]
pub struct Jobs {
    worked: HistogramVec,
    announced: IntCounterVec,
    messages: IntCounterVec,
    under_way: IntGaugeVec,
    paused: IntGaugeVec,
    rebalances: IntCounterVec,
    commits: IntCounterVec,
    lag: IntGaugeVec,
}

impl Jobs {
    /// Registers the metrics.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        Ok(Self {
            worked: histogram(registry, "interline_job_seconds", "Runs of jobs", &SECONDS, &["kind", "end"])?,
            announced: counter(registry, "interline_kafka_announcements_total", "Jobs announced", &["outcome"])?,
            messages: counter(registry, "interline_kafka_messages_total", "Messages read", &["fate"])?,
            under_way: gauge(registry, "interline_kafka_jobs_under_way", "Jobs under way in this process", &[])?,
            paused: gauge(registry, "interline_kafka_paused", "1 while nothing is fetched: no place is free", &[])?,
            rebalances: counter(registry, "interline_kafka_rebalances_total", "Rebalances of the group", &[])?,
            commits: counter(registry, "interline_kafka_commit_failures_total", "Offsets not committed", &[])?,
            lag: gauge(
                registry,
                "interline_kafka_lag",
                "Messages of this process's partitions to be done",
                &["partition"],
            )?,
        })
    }
}

fn set(gauge: &IntGaugeVec, value: i64) {
    let none: [&str; 0] = [];
    gauge.with_label_values(&none).set(value);
}

fn increase(counter: &IntCounterVec) {
    let none: [&str; 0] = [];
    counter.with_label_values(&none).inc();
}

impl JobObserver for Jobs {
    fn worked(&self, kind: &'static str, end: JobEnd, took: Duration) {
        self.worked.with_label_values(&[kind, end.as_str()]).observe(took.as_secs_f64());
    }

    fn announced(&self, sent: usize, failed: usize) {
        self.announced.with_label_values(&["sent"]).inc_by(sent as u64);
        self.announced.with_label_values(&["failed"]).inc_by(failed as u64);
    }

    fn received(&self, fate: MessageFate) {
        self.messages.with_label_values(&[fate.as_str()]).inc();
    }

    fn under_way(&self, jobs: usize, paused: bool) {
        set(&self.under_way, jobs as i64);
        set(&self.paused, i64::from(paused));
    }

    fn rebalanced(&self) {
        increase(&self.rebalances);
    }

    fn commit_failed(&self) {
        increase(&self.commits);
    }

    fn lag(&self, partitions: &[(i32, i64)]) {
        // Partitions that went to another process are told there.
        self.lag.reset();
        for (partition, messages) in partitions {
            self.lag.with_label_values(&[&partition.to_string()]).set(*messages);
        }
    }
}

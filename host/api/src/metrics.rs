//! What is counted of requests.

mod slots;

use self::slots::Slots;
use crate::routes::flights;
use prometheus::{HistogramOpts, HistogramVec, IntGauge, Registry};
use std::time::Duration;

/// Counts and times requests, by route and not by path, so that the number of series is bounded.
pub struct HttpMetrics {
    requests: HistogramVec,
    /// Of `requests`, the one that is used most.
    from_memory: Slots,
    under_way: IntGauge,
}

impl HttpMetrics {
    /// Registers the metrics.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let buckets = vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
        let options =
            HistogramOpts::new("interline_http_request_seconds", "Time to the head of the answer").buckets(buckets);
        let requests = HistogramVec::new(options, &["method", "route", "status"])?;
        let under_way = IntGauge::new("interline_http_requests_under_way", "Requests that have no answer yet")?;
        let from_memory = Slots::of(&requests, &["GET", flights::PATH, "200"]);
        registry.register(Box::new(from_memory.clone()))?;
        registry.register(Box::new(under_way.clone()))?;
        Ok(Self { requests, from_memory, under_way })
    }

    /// A request has come; it is under way until the guard is dropped.
    pub fn begin(&self) -> UnderWay {
        self.under_way.inc();
        UnderWay(self.under_way.clone())
    }

    /// A search was answered before it got to the router.
    pub fn answered_from_memory(&self, took: Duration) {
        self.from_memory.observe(took.as_secs_f64());
    }

    /// A request was answered.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).observe(took.as_secs_f64());
    }
}

/// Ends with the request, be it answered or dropped.
pub struct UnderWay(IntGauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

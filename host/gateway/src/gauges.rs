//! How things stand: components and connections of this process, read when they are asked for, and the write path's
//! backlog, looked up now and then.

use interline_booking::{BookingService, Pile};
use interline_runtime::{ComponentStatus, Runtime};
use parking_lot::Mutex;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Gauge, GaugeVec, Opts, Registry};
use sqlx::PgPool;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Components and database connections of this process.
pub struct Standing {
    runtime: Runtime,
    pool: PgPool,
    shape: [GaugeVec; 2],
}

impl Standing {
    /// Registers the metrics.
    pub fn register(registry: &Registry, runtime: Runtime, pool: PgPool) -> prometheus::Result<()> {
        registry.register(Box::new(Self { runtime, pool, shape: Self::empty()? }))
    }

    fn empty() -> prometheus::Result<[GaugeVec; 2]> {
        let component = Opts::new("interline_component_state", "1 for the state that a component is in, by state");
        let connections = Opts::new("interline_database_connections", "Connections to PostgreSQL, by state");
        Ok([GaugeVec::new(component, &["component", "state"])?, GaugeVec::new(connections, &["state"])?])
    }

    fn read(&self) -> prometheus::Result<[GaugeVec; 2]> {
        // Made anew each time: what is there no longer is told of no longer.
        let [components, connections] = Self::empty()?;
        for component in self.runtime.components() {
            let state = match component.status {
                ComponentStatus::Active => "active",
                ComponentStatus::Disabled => continue,
                ComponentStatus::Broken { serving: true, .. } => "outdated",
                ComponentStatus::Broken { serving: false, .. } => "broken",
            };
            components.with_label_values(&[&*component.name, state]).set(1.0);
        }
        let idle = self.pool.num_idle() as f64;
        let open = f64::from(self.pool.size());
        let most = f64::from(self.pool.options().get_max_connections());
        for (state, count) in [("busy", (open - idle).max(0.0)), ("idle", idle), ("unopened", (most - open).max(0.0))] {
            connections.with_label_values(&[state]).set(count);
        }
        Ok([components, connections])
    }
}

impl Collector for Standing {
    fn desc(&self) -> Vec<&Desc> {
        self.shape.iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.read().iter().flatten().flat_map(Collector::collect).collect()
    }
}

/// Two gauges for one sort of things: how many, and for how long the oldest of them.
struct Sort {
    what: &'static str,
    count: &'static str,
    oldest: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
}

const SORTS: [Sort; 5] = [
    Sort {
        what: "job",
        count: "interline_jobs_open",
        oldest: "interline_jobs_open_oldest_seconds",
        help: "Jobs that are not done",
        labels: &["kind", "state"],
    },
    Sort {
        what: "booking",
        count: "interline_bookings_open",
        oldest: "interline_bookings_open_oldest_seconds",
        help: "Bookings that are not final",
        labels: &["status"],
    },
    Sort {
        what: "payment",
        count: "interline_payments_open",
        oldest: "interline_payments_open_oldest_seconds",
        help: "Payments that are not final",
        labels: &["status"],
    },
    Sort {
        what: "refund",
        count: "interline_refunds_open",
        oldest: "interline_refunds_open_oldest_seconds",
        help: "Refunds that the provider has not ended",
        labels: &["status"],
    },
    Sort {
        what: "alert",
        count: "interline_alerts_open",
        oldest: "interline_alerts_open_oldest_seconds",
        help: "Cases for a person that nobody has settled",
        labels: &["kind"],
    },
];

/// The write path's backlog as it was at the last look. Every process that looks tells the same: take the maximum.
pub struct Backlog {
    seen: Arc<Mutex<Vec<Pile>>>,
    looked: Gauge,
    shape: Vec<GaugeVec>,
}

impl Backlog {
    /// Registers the metrics, and looks every so often for as long as the future is polled.
    pub fn watch(
        registry: &Registry,
        booking: BookingService,
        every: Duration,
    ) -> prometheus::Result<impl Future<Output = ()> + Send + 'static> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let looked = Gauge::new("interline_backlog_looked_up_seconds", "Unix time of the last look at the backlog")?;
        registry.register(Box::new(Self { seen: seen.clone(), looked: looked.clone(), shape: gauges(&[])? }))?;
        Ok(async move {
            loop {
                match booking.backlog().await {
                    Ok(piles) => {
                        *seen.lock() = piles;
                        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                        looked.set(now.as_secs_f64());
                    }
                    Err(error) => tracing::warn!(%error, "the backlog cannot be looked up"),
                }
                tokio::time::sleep(every).await;
            }
        })
    }
}

fn gauges(piles: &[Pile]) -> prometheus::Result<Vec<GaugeVec>> {
    let mut gauges = Vec::with_capacity(SORTS.len() * 2);
    for sort in &SORTS {
        let count = GaugeVec::new(Opts::new(sort.count, sort.help), sort.labels)?;
        let oldest = GaugeVec::new(Opts::new(sort.oldest, format!("{}: age of the oldest", sort.help)), sort.labels)?;
        for pile in piles.iter().filter(|pile| pile.what == sort.what) {
            let value = |label: &&str| if *label == "kind" { pile.kind.as_str() } else { pile.state.as_str() };
            let values: Vec<&str> = sort.labels.iter().map(value).collect();
            count.with_label_values(&values).set(pile.count as f64);
            oldest.with_label_values(&values).set(pile.oldest_seconds);
        }
        gauges.extend([count, oldest]);
    }
    Ok(gauges)
}

impl Collector for Backlog {
    fn desc(&self) -> Vec<&Desc> {
        self.shape.iter().flat_map(Collector::desc).chain(self.looked.desc()).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let gauges = gauges(&self.seen.lock()).unwrap_or_default();
        gauges.iter().flat_map(Collector::collect).chain(self.looked.collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pile(what: &str, kind: &str, state: &str, count: i64) -> Pile {
        Pile { what: what.into(), kind: kind.into(), state: state.into(), count, oldest_seconds: 7.5 }
    }

    #[test]
    fn each_pile_is_told_under_its_own_name_and_labels() {
        let piles = [
            pile("job", "refund", "dead", 2),
            pile("booking", "", "NEEDS_ATTENTION", 3),
            pile("payment", "", "processing", 4),
            pile("refund", "", "requested", 5),
            pile("alert", "dead-letter", "open", 6),
        ];
        let families: Vec<_> = gauges(&piles).unwrap().iter().flat_map(Collector::collect).collect();
        let text = prometheus::TextEncoder::new().encode_to_string(&families).unwrap();
        for line in [
            "interline_jobs_open{kind=\"refund\",state=\"dead\"} 2",
            "interline_jobs_open_oldest_seconds{kind=\"refund\",state=\"dead\"} 7.5",
            "interline_bookings_open{status=\"NEEDS_ATTENTION\"} 3",
            "interline_payments_open{status=\"processing\"} 4",
            "interline_refunds_open{status=\"requested\"} 5",
            "interline_alerts_open{kind=\"dead-letter\"} 6",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
    }
}

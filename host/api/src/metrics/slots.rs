//! Counting without waiting for each other: processors that count in the same place take turns.

use parking_lot::Mutex;
use prometheus::HistogramVec;
use prometheus::core::{Collector, Desc};
use prometheus::local::LocalHistogram;
use prometheus::proto::MetricFamily;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A vector of histograms, one of which threads count in by slots of their own; they are added up when it is collected.
#[derive(Clone)]
pub struct Slots {
    all: HistogramVec,
    slots: Arc<[Slot]>,
}

/// No two of them in lines of memory that a processor fetches together.
#[repr(align(128))]
struct Slot(Mutex<LocalHistogram>);

thread_local! {
    /// This thread's number, of whatever [`Slots`].
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

fn number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.get().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
    NUMBER.set(Some(number));
    number
}

impl Slots {
    /// For the histogram of these labels.
    pub fn of(all: &HistogramVec, labels: &[&str]) -> Self {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let histogram = all.with_label_values(labels);
        let slots = (0..count).map(|_| Slot(Mutex::new(histogram.local())));
        Self { all: all.clone(), slots: slots.collect() }
    }

    /// Counts one.
    pub fn observe(&self, value: f64) {
        if let Some(slot) = self.slots.get(number() % self.slots.len()) {
            slot.0.lock().observe(value);
        }
    }
}

impl Collector for Slots {
    fn desc(&self) -> Vec<&Desc> {
        self.all.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.slots.iter().for_each(|slot| slot.0.lock().flush());
        self.all.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::{HistogramOpts, Registry};

    #[test]
    fn what_many_threads_count_is_collected_whole() {
        let options = HistogramOpts::new("seconds", "Of a test").buckets(vec![1.0, 10.0]);
        let all = HistogramVec::new(options, &["route"]).unwrap();
        let (slots, registry) = (Slots::of(&all, &["often"]), Registry::new());
        registry.register(Box::new(slots.clone())).unwrap();
        thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| (0..1_000).for_each(|_| slots.observe(5.0)));
                threads.spawn(|| registry.gather());
            }
        });
        all.with_label_values(&["seldom"]).observe(0.5);
        let counted: Vec<_> = registry.gather()[0]
            .get_metric()
            .iter()
            .map(|metric| metric.get_histogram())
            .map(|histogram| (histogram.get_sample_count(), histogram.get_sample_sum()))
            .collect();
        assert_eq!(counted, [(8_000, 40_000.0), (1, 0.5)]);
    }
}

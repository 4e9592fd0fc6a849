//! Which slots are not asked for, since they failed too often in a row.

use crate::slots::{RANGES, range};
use prometheus::IntGauge;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// So many failures in a row, and a range is not asked any more.
const PATIENCE: u32 = 3;

/// A breaker for each range of a cluster's slots; one for all of a Redis that is no cluster. Opened by those who ask,
/// closed by the doctor alone, so that no request ever pays for trying.
pub struct Breakers {
    /// Failures in a row.
    failures: Vec<AtomicU32>,
    open: IntGauge,
    /// Told whenever one opens.
    pub opened: Notify,
}

impl Breakers {
    /// All open: nothing is connected yet.
    pub fn new(is_cluster: bool, open: IntGauge) -> Self {
        let ranges = if is_cluster { RANGES } else { 1 };
        open.set(i64::try_from(ranges).unwrap_or(i64::MAX));
        let failures = (0..ranges).map(|_| AtomicU32::new(PATIENCE)).collect();
        let opened = Notify::new();
        opened.notify_one();
        Self { failures, open, opened }
    }

    /// Whether the key's range may be asked.
    pub fn allows(&self, key: &str) -> bool {
        self.of(key).is_some_and(|failures| failures.load(Ordering::Relaxed) < PATIENCE)
    }

    /// The key's range has answered.
    pub fn answered(&self, key: &str) {
        if let Some(failures) = self.of(key).filter(|failures| failures.load(Ordering::Relaxed) > 0) {
            // An answer to what was asked before it opened is not the doctor's word.
            let _ = failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| (now < PATIENCE).then_some(0));
        }
    }

    /// The key's range has not answered.
    pub fn failed(&self, key: &str) {
        let Some(failures) = self.of(key) else { return };
        let rise = |now: u32| (now < PATIENCE).then_some(now + 1);
        if failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rise) == Ok(PATIENCE - 1) {
            self.open.inc();
            self.opened.notify_one();
        }
    }

    /// The key's range answers the doctor.
    pub fn close(&self, key: &str) {
        if self.of(key).is_some_and(|failures| failures.swap(0, Ordering::Relaxed) >= PATIENCE) {
            self.open.dec();
        }
    }

    /// Ranges that are not asked.
    pub fn open(&self) -> Vec<usize> {
        let open = |index: &usize| self.failures[*index].load(Ordering::Relaxed) >= PATIENCE;
        (0..self.failures.len()).filter(open).collect()
    }

    /// All of them.
    pub fn ranges(&self) -> usize {
        self.failures.len()
    }

    fn of(&self, key: &str) -> Option<&AtomicU32> {
        if self.failures.len() == 1 { self.failures.first() } else { self.failures.get(range(key)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauge() -> IntGauge {
        IntGauge::new("open", "open").unwrap()
    }

    #[test]
    fn a_range_opens_alone_and_only_the_doctor_closes_it() {
        let open = gauge();
        let breakers = Breakers::new(true, open.clone());
        let keys = crate::slots::one_key_each("");
        keys.iter().for_each(|key| breakers.close(key));
        assert_eq!((breakers.open(), open.get()), (vec![], 0));
        for _ in 0..PATIENCE {
            assert!(breakers.allows(&keys[5]));
            breakers.failed(&keys[5]);
        }
        assert_eq!((breakers.open(), open.get()), (vec![5], 1));
        breakers.failed(&keys[5]);
        breakers.answered(&keys[5]);
        assert!(!breakers.allows(&keys[5]) && breakers.allows(&keys[6]));
        breakers.close(&keys[5]);
        assert!(breakers.allows(&keys[5]));
        assert_eq!(open.get(), 0);
    }

    #[test]
    fn an_answer_between_failures_starts_the_count_afresh() {
        let breakers = Breakers::new(false, gauge());
        breakers.close("");
        for _ in 0..10 {
            breakers.failed("a");
            breakers.failed("b");
            breakers.answered("c");
        }
        assert!(breakers.allows("a"));
    }
}

//! Which calls came in.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::supplier::Supplier;

/// Calls by supplier and operation.
pub type Counts = BTreeMap<Supplier, BTreeMap<&'static str, u64>>;

/// Counts every call, those that a fault struck included.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Counts>);

impl Calls {
    /// One more.
    pub fn count(&self, supplier: Supplier, operation: &'static str) {
        *self.0.lock().entry(supplier).or_default().entry(operation).or_default() += 1;
    }

    /// All of them.
    pub fn counts(&self) -> Counts {
        self.0.lock().clone()
    }

    /// Starts afresh.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

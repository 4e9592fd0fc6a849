//! What is known of one route while its flight is in the air.

use crate::fanout::Ask;
use crate::loaded::is_usable;
use crate::route::Route;
use crate::superset::{Part, Superset};
use interline_runtime::Supplier;
use jiff::Timestamp;
use std::sync::Arc;

/// Parts of the suppliers to be shown, the newest of each.
pub struct Gathered {
    route: Route,
    suppliers: Vec<Arc<dyn Supplier>>,
    horizon: Timestamp,
    parts: Vec<Arc<Part>>,
}

impl Gathered {
    /// Nothing yet. What is not fresh beyond `horizon` counts as missing.
    pub fn new(route: Route, suppliers: Vec<Arc<dyn Supplier>>, horizon: Timestamp) -> Self {
        Self { route, suppliers, horizon, parts: Vec::new() }
    }

    /// Takes what a cache has, if it is of this route: a broad key's last part is a short digest.
    pub fn add(&mut self, superset: Option<&Superset>) {
        let fits = |superset: &&Superset| superset.trip == self.route.trip && superset.scope == self.route.scope;
        let parts = superset.filter(fits).into_iter().flat_map(|superset| superset.parts.iter().cloned());
        self.parts = newest(self.parts.drain(..).chain(parts).collect::<Vec<_>>(), &self.suppliers);
    }

    /// What need not be asked for.
    pub fn fresh(&self) -> Vec<Arc<Part>> {
        self.parts.iter().filter(|part| part.fresh_until > self.horizon).cloned().collect()
    }

    /// Suppliers to ask.
    pub fn missing(&self) -> Vec<&str> {
        self.suppliers.iter().map(|supplier| supplier.name()).filter(|name| !self.is_fresh(name)).collect()
    }

    /// Nobody is to be asked.
    pub fn is_whole(&self) -> bool {
        self.suppliers.iter().all(|supplier| self.is_fresh(supplier.name()))
    }

    /// The suppliers to ask, with what each said before.
    pub fn asks(&self) -> Vec<Ask> {
        let missing = self.suppliers.iter().filter(|supplier| !self.is_fresh(supplier.name()));
        let ask = |supplier: &Arc<dyn Supplier>| Ask {
            supplier: Arc::clone(supplier),
            before: self.part(supplier.name()).cloned(),
        };
        missing.map(ask).collect()
    }

    /// Suppliers whose answer is still to come.
    pub fn unanswered(&self) -> Vec<Arc<dyn Supplier>> {
        let answered = |name: &str| self.part(name).is_some_and(|part| part.is_ok() && part.fresh_until > self.horizon);
        self.suppliers.iter().filter(|supplier| !answered(supplier.name())).cloned().collect()
    }

    fn part(&self, supplier: &str) -> Option<&Arc<Part>> {
        self.parts.iter().find(|part| part.supplier == supplier)
    }

    fn is_fresh(&self, supplier: &str) -> bool {
        self.part(supplier).is_some_and(|part| part.fresh_until > self.horizon)
    }
}

/// Of each active supplier the newest part that its plugin may go on with.
pub fn newest(parts: impl IntoIterator<Item = Arc<Part>>, suppliers: &[Arc<dyn Supplier>]) -> Vec<Arc<Part>> {
    let mut newest: Vec<Arc<Part>> = Vec::with_capacity(suppliers.len());
    for part in parts {
        let active = suppliers.iter().find(|supplier| supplier.name() == part.supplier);
        if !active.is_some_and(|supplier| is_usable(&part, supplier.version())) {
            continue;
        }
        let age = |part: &Part| (part.fetched_at, part.fresh_until);
        match newest.iter_mut().find(|other| other.supplier == part.supplier) {
            Some(other) if age(other) <= age(&part) => *other = part,
            Some(_) => {}
            None => newest.push(part),
        }
    }
    newest
}

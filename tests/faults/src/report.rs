//! What came of a run, for people and for programs.

use crate::books::Books;
use crate::check::Difference;
use crate::schedule::{Scope, Target};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What came of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What the schedule and the travellers' decisions were made from.
    pub seed: u64,
    /// What there was.
    pub scope: Scope,
    /// How often each kind of process was killed.
    pub deaths: BTreeMap<&'static str, usize>,
    /// Bookings by status.
    pub bookings: BTreeMap<String, usize>,
    /// Orders at suppliers by status.
    pub orders: BTreeMap<String, usize>,
    /// Payments that were taken, and refunds given, at the provider.
    pub moved: (usize, usize),
    /// Mails delivered, repeats included.
    pub mails: usize,
    /// Searches that brought offers.
    pub searches: u64,
    /// Requests by what came of them.
    pub answers: BTreeMap<String, u64>,
    /// The first difference between the books.
    pub difference: Option<Difference>,
    /// Where logs and books of a run with a difference are.
    pub kept: Option<PathBuf>,
}

impl Report {
    /// From the books of a run.
    pub fn new(seed: u64, scope: Scope, books: &Books, difference: Option<Difference>) -> Self {
        Self {
            seed,
            scope,
            deaths: count(books.notes.deaths.iter().map(|death| kind(death.target))),
            bookings: count(books.bookings.iter().map(|booking| booking.status.clone())),
            orders: count(books.orders.iter().map(|order| order.status.clone())),
            moved: (
                books.charges.iter().filter(|charge| charge.charged > 0).count(),
                books.charges.iter().map(|charge| charge.refunds.len()).sum(),
            ),
            mails: books.mails.iter().map(|mail| mail.delivered.len()).sum(),
            searches: books.notes.searches,
            answers: books.notes.answers.clone(),
            difference,
            kept: None,
        }
    }
}

const fn kind(target: Target) -> &'static str {
    match target {
        Target::Gateway(_) => "gateway",
        Target::Worker(_) => "worker",
        Target::RedisPrimary(_) => "redis primary",
        Target::Broker => "broker",
        Target::Database => "postgresql",
    }
}

fn count<K: Ord>(all: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// `3 TICKETED, 1 REFUNDED`.
fn list<K: fmt::Display, N: fmt::Display>(counts: &BTreeMap<K, N>) -> String {
    let parts: Vec<_> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (payments, refunds) = self.moved;
        writeln!(
            f,
            "seed {}, {} s, {} gateways, {} workers",
            self.seed,
            self.scope.millis / 1000,
            self.scope.nodes,
            self.scope.workers
        )?;
        writeln!(f, "killed:    {}", list(&self.deaths))?;
        writeln!(f, "answers:   {}; {} searches with offers", list(&self.answers), self.searches)?;
        writeln!(f, "bookings:  {}", list(&self.bookings))?;
        writeln!(f, "suppliers: {}", list(&self.orders))?;
        writeln!(f, "provider:  {payments} payments, {refunds} refunds")?;
        writeln!(f, "mails:     {}", self.mails)?;
        match &self.difference {
            None => write!(f, "The books of the gateway, of the suppliers and of the payment provider agree."),
            Some(difference) => {
                writeln!(f, "\n{difference}")?;
                let kept = self.kept.as_ref().map_or_else(String::new, |kept| kept.display().to_string());
                write!(f, "Logs, and all books as books.json, are in {kept}")
            }
        }
    }
}

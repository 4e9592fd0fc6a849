//! What became of each file.

use interline_domain::fault::{Fault, Origin};
use serde::Serialize;
use serde_json::Value;

/// What became of a file.
#[derive(Debug, Serialize)]
pub struct Report {
    /// SUPPLIER/MESSAGE/FILE.
    pub file: String,
    /// The component.
    pub component: String,
    /// How long all tries took.
    pub millis: u64,
    /// The best of them.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of one try.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// A normalised result.
    Mapped {
        /// The contract's function.
        operation: String,
        /// Offers, of a search.
        offers: usize,
        /// Why offers were skipped.
        skipped: Vec<String>,
    },
    /// A typed error.
    Fault {
        /// The contract's function.
        operation: String,
        /// The error.
        fault: Fault,
    },
}

impl Outcome {
    /// What a replay gave.
    pub fn of(operation: &str, result: Result<Value, Fault>) -> Self {
        let operation = operation.to_owned();
        match result {
            Ok(value) => {
                let list = |name: &str| value[name].as_array().map(Vec::as_slice).unwrap_or_default();
                let skipped = list("skipped").iter().filter_map(|offer| offer["reason"].as_str()).map(str::to_owned);
                let offers = list("offers").len() + usize::from(value["offer"].is_object());
                Self::Mapped { operation, offers, skipped: skipped.collect() }
            }
            Err(fault) => Self::Fault { operation, fault },
        }
    }

    /// Mapped, with nothing left out.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Mapped { operation, offers, skipped } => skipped.is_empty() && (*offers > 0 || operation != "search"),
            Self::Fault { .. } => false,
        }
    }

    /// The far side's own refusal.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Fault { fault, .. } if fault.origin == Origin::Component && fault.code.is_some())
    }

    /// Orders tries, the best last.
    pub fn rank(&self) -> (u8, usize, usize) {
        match self {
            Self::Mapped { offers, skipped, .. } => (2, *offers, usize::MAX - skipped.len()),
            Self::Fault { fault, .. } if fault.origin == Origin::Component => (1, 0, 0),
            Self::Fault { .. } => (0, 0, 0),
        }
    }
}

impl Report {
    /// One line, and one for each reason that offers were skipped for.
    pub fn print(&self) {
        match &self.outcome {
            Outcome::Mapped { operation, offers, skipped } => {
                println!(
                    "{:60} {operation}: mapped, {offers} offers, {} skipped, {} ms",
                    self.file,
                    skipped.len(),
                    self.millis
                );
                let mut reasons: Vec<_> = skipped.iter().collect();
                reasons.sort();
                reasons.dedup();
                reasons.iter().for_each(|reason| println!("    skipped: {reason}"));
            }
            Outcome::Fault { operation, fault } => {
                let code = fault.code.as_deref().unwrap_or("-");
                let (kind, message) = (fault.disposition.name(), &fault.message);
                println!("{:60} {operation}: {kind}, code {code}: {message}", self.file);
            }
        }
    }
}

/// The last lines.
pub fn summary(reports: &[Report], without_operation: &[String]) {
    let (mut mapped, mut faults, mut broken, mut offers, mut skipped) = (0, 0, 0, 0, 0);
    for report in reports {
        match &report.outcome {
            Outcome::Mapped { offers: mapped_offers, skipped: left_out, .. } => {
                mapped += 1;
                offers += mapped_offers;
                skipped += left_out.len();
            }
            Outcome::Fault { fault, .. } if fault.origin == Origin::Component => faults += 1,
            Outcome::Fault { .. } => broken += 1,
        }
    }
    println!(
        "\n{mapped} files mapped, with {offers} offers and {skipped} skipped; {faults} typed errors; {broken} stopped by the host"
    );
    if !without_operation.is_empty() {
        println!("no operation for: {}", without_operation.join(", "));
    }
}

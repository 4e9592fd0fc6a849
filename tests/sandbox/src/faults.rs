//! Faults to order: what goes wrong, at whom, on which operation, how often.

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::supplier::Supplier;

/// What an operation is about, whatever its protocol calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Shopping.
    Search,
    /// The live price of one offer.
    Price,
    /// Making an order.
    Order,
    /// Paying for it and having tickets issued.
    Ticketing,
    /// Looking at something.
    Retrieve,
    /// Cancelling, quote included.
    Cancel,
    /// The traveller's payment.
    Payment,
    /// Giving it back.
    Refund,
}

/// An operation of a supplier's protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// As in `GET /control/calls` and in faults.
    pub name: &'static str,
    /// What it is about; an order that is paid at once is two things.
    pub stages: &'static [Stage],
}

/// How long to wait before anything is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latency {
    /// The same each time, in milliseconds.
    FixedMs(u64),
    /// Evenly between the two.
    Uniform {
        /// At least, in milliseconds.
        min_ms: u64,
        /// At most, in milliseconds.
        max_ms: u64,
    },
    /// Mostly short, now and then long.
    Exponential {
        /// On average, in milliseconds.
        mean_ms: u64,
        /// At most, in milliseconds.
        max_ms: u64,
    },
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// The answer is late. Nothing else is wrong with it.
    Latency {
        /// How late.
        after: Latency,
    },
    /// An error of the server; nothing is done.
    Status {
        /// 500 to 599.
        status: u16,
    },
    /// 429 with `Retry-After`; nothing is done.
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// It is done, and the body of the answer is broken off and garbled.
    Malformed {},
    /// The connection is closed without an answer; nothing is done.
    Cut {},
    /// It is done, and the connection is closed without an answer.
    LostAnswer {},
    /// No answer, and the connection stays open; nothing is done.
    Hang {},
    /// It is done, and the answer comes in small bits over this time.
    SlowDrip {
        /// Milliseconds from the first byte to the last.
        total_ms: u64,
    },
    /// The offer is gone at the price check.
    SoldOutAtPrice {},
    /// The offer is gone when the order is made.
    SoldOutAtOrder {},
    /// The seats are gone when tickets are issued.
    SoldOutAtTicketing {},
    /// The base fare has risen (or, below zero, fallen) from this call on.
    PriceChange {
        /// Of the base fare.
        percent: i64,
    },
    /// The reservation is in use elsewhere; nothing is done.
    PnrBusy {},
}

impl Kind {
    /// Whether it can happen at such an operation, where the order names none.
    fn happens_at(&self, stages: &[Stage]) -> bool {
        let any = |wanted: &[Stage]| stages.iter().any(|stage| wanted.contains(stage));
        match self {
            Kind::SoldOutAtPrice {} => any(&[Stage::Price]),
            Kind::SoldOutAtOrder {} => any(&[Stage::Order]),
            Kind::SoldOutAtTicketing {} => any(&[Stage::Ticketing]),
            Kind::PriceChange { .. } => any(&[Stage::Price]),
            Kind::PnrBusy {} => any(&[Stage::Ticketing, Stage::Cancel]),
            Kind::LostAnswer {} => any(&[Stage::Order, Stage::Ticketing, Stage::Payment, Stage::Refund]),
            _ => true,
        }
    }
}

/// A fault as ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// At whom.
    pub supplier: Supplier,
    /// On which operation, by its name in `GET /control/calls`; without it, on every one where it can happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What goes wrong.
    pub fault: Kind,
    /// How many times in all; without it, always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Calls that go well before the first that doesn't.
    #[serde(default)]
    pub skip: u64,
    /// From 0 to 1; without it, 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Of the die that the probability is rolled with.
    #[serde(default)]
    pub seed: u64,
}

impl Fault {
    /// A fault on every operation where it can happen, always.
    pub fn at(supplier: Supplier, fault: Kind) -> Self {
        Fault { supplier, operation: None, fault, times: None, skip: 0, probability: None, seed: 0 }
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only on this operation.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Which field is wrong, and why.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(name) = &self.operation {
            let known = crate::gate::operations(self.supplier);
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                return Err((
                    "operation",
                    format!("{} has no operation {name:?}; it has {known}", self.supplier.name()),
                ));
            }
        }
        if self.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err(("probability", "must be from 0 to 1".to_owned()));
        }
        match &self.fault {
            Kind::Status { status } if !(500..=599).contains(status) => {
                Err(("fault.status", "must be from 500 to 599".to_owned()))
            }
            Kind::PriceChange { percent } if *percent <= -90 => Err(("fault.percent", "must be above -90".to_owned())),
            Kind::Latency { after: Latency::Uniform { min_ms, max_ms } } if min_ms > max_ms => {
                Err(("fault.after.uniform", "min_ms must not be above max_ms".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// A fault and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Armed {
    /// As ordered.
    #[serde(flatten)]
    pub fault: Fault,
    /// Calls that it could have struck.
    pub met: u64,
    /// Calls that it struck.
    pub fired: u64,
}

/// The faults on order.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Mutex<Vec<Armed>>,
}

impl Faults {
    /// These, and no others.
    pub fn set(&self, faults: Vec<Fault>) {
        *self.armed.lock() = faults.into_iter().map(|fault| Armed { fault, met: 0, fired: 0 }).collect();
    }

    /// This one too.
    pub fn add(&self, fault: Fault) {
        self.armed.lock().push(Armed { fault, met: 0, fired: 0 });
    }

    /// All, with their counts.
    pub fn list(&self) -> Vec<Armed> {
        self.armed.lock().clone()
    }

    /// Those that strike this call; each is counted as fired.
    pub fn take(&self, supplier: Supplier, operation: &Operation) -> Struck {
        let mut struck = Vec::new();
        for armed in self.armed.lock().iter_mut() {
            let fault = &armed.fault;
            let here = match &fault.operation {
                Some(name) => name == operation.name,
                None => fault.fault.happens_at(operation.stages),
            };
            if fault.supplier != supplier || !here || fault.times.is_some_and(|times| armed.fired >= times) {
                continue;
            }
            armed.met += 1;
            let roll = Dice::new(fault.seed).with_number(armed.met.cast_signed());
            let chance = fault.probability.map_or(10_000, |chance| (chance * 10_000.0).round() as u64);
            if armed.met > fault.skip && roll.below(10_000) < chance {
                armed.fired += 1;
                struck.push((fault.fault.clone(), roll));
            }
        }
        Struck(struck)
    }
}

/// The faults of one call.
#[derive(Debug, Clone, Default)]
pub struct Struck(Vec<(Kind, Dice)>);

impl Struck {
    /// Each, in the order given.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.0.iter().map(|(kind, _)| kind)
    }

    /// Whether this one is among them.
    pub fn has(&self, kind: &Kind) -> bool {
        self.kinds().any(|struck| struck == kind)
    }

    /// How much dearer the base fare has become.
    pub fn price_change(&self) -> Option<i64> {
        self.kinds().find_map(|kind| match kind {
            Kind::PriceChange { percent } => Some(*percent),
            _ => None,
        })
    }

    /// How late the answer is, all told.
    pub fn latency(&self) -> std::time::Duration {
        let millis = self.0.iter().map(|(kind, roll)| match kind {
            Kind::Latency { after: Latency::FixedMs(millis) } => *millis,
            Kind::Latency { after: Latency::Uniform { min_ms, max_ms } } => {
                min_ms + roll.with("uniform").below(max_ms - min_ms + 1)
            }
            Kind::Latency { after: Latency::Exponential { mean_ms, max_ms } } => {
                let share = (roll.with("exponential").below(10_000) as f64 + 1.0) / 10_001.0;
                ((-share.ln() * *mean_ms as f64).round() as u64).min(*max_ms)
            }
            _ => 0,
        });
        std::time::Duration::from_millis(millis.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: Operation = Operation { name: "offers.get", stages: &[Stage::Price] };
    const ORDER: Operation = Operation { name: "orders.create", stages: &[Stage::Order, Stage::Ticketing] };

    fn fired(faults: &Faults, operation: &Operation, calls: usize) -> usize {
        (0..calls).filter(|_| faults.take(Supplier::Duffel, operation).kinds().next().is_some()).count()
    }

    #[test]
    fn a_fault_fires_exactly_as_often_as_ordered() {
        let faults = Faults::default();
        faults.add(Fault::at(Supplier::Duffel, Kind::Cut {}).times(3));
        assert_eq!(fired(&faults, &PRICE, 10), 3);
        assert_eq!(faults.list()[0].fired, 3);
    }

    #[test]
    fn a_fault_strikes_only_where_it_can_happen() {
        let faults = Faults::default();
        faults.add(Fault::at(Supplier::Duffel, Kind::SoldOutAtTicketing {}));
        assert_eq!(fired(&faults, &PRICE, 5), 0);
        assert_eq!(fired(&faults, &ORDER, 5), 5);
        faults.set(vec![Fault::at(Supplier::Duffel, Kind::Hang {}).on("offers.get")]);
        assert_eq!(fired(&faults, &ORDER, 5), 0);
        assert!(faults.take(Supplier::Stripe, &PRICE).kinds().next().is_none());
    }

    #[test]
    fn a_probability_strikes_its_share_and_the_same_calls_every_time() {
        let strike = || {
            let faults = Faults::default();
            faults.add(Fault { probability: Some(0.3), seed: 9, ..Fault::at(Supplier::Duffel, Kind::Cut {}) });
            (0..1000).map(|_| faults.take(Supplier::Duffel, &PRICE).kinds().next().is_some()).collect::<Vec<_>>()
        };
        let first = strike();
        assert_eq!(first, strike());
        assert!((250..350).contains(&first.iter().filter(|struck| **struck).count()));
    }

    #[test]
    fn a_wrong_fault_is_refused_by_its_field() {
        let wrong = Fault::at(Supplier::Duffel, Kind::Cut {}).on("offers.buy");
        assert_eq!(wrong.check().unwrap_err().0, "operation");
        let wrong = Fault::at(Supplier::Duffel, Kind::Status { status: 404 });
        assert_eq!(wrong.check().unwrap_err().0, "fault.status");
    }
}

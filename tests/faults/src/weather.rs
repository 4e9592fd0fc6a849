//! How the far side behaves: faults of suppliers and of the payment provider, and what becomes of webhooks.

use interline_sandbox::{Control, Fault, FaultKind, Latency, Supplier};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// A state of the far side, which takes the place of the one before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weather {
    /// Faults of calls.
    pub faults: Vec<Fault>,
    /// What becomes of webhooks.
    pub webhooks: Webhooks,
}

/// What becomes of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Webhooks {
    /// Each is sent once.
    Sent,
    /// None is ever sent.
    Suppressed,
    /// Each is late, by so many milliseconds.
    Late(u64),
    /// Each is sent so many times at once.
    Copied(u32),
    /// Each comes before the call that caused it is answered.
    Early,
}

impl Weather {
    /// Nothing goes wrong.
    pub fn calm() -> Self {
        Self { faults: Vec::new(), webhooks: Webhooks::Sent }
    }

    /// One to three troubles at once, and perhaps one of the webhooks.
    pub fn random(rng: &mut ChaCha8Rng) -> Self {
        let faults = (0..rng.random_range(1..=3)).map(|_| fault(rng)).collect();
        let webhooks = match rng.random_range(0..8) {
            0 => Webhooks::Suppressed,
            1 => Webhooks::Late(rng.random_range(200..4_000)),
            2 => Webhooks::Copied(rng.random_range(2..6)),
            3 => Webhooks::Early,
            _ => Webhooks::Sent,
        };
        Self { faults, webhooks }
    }

    /// Makes it so.
    pub fn set(&self, control: &Control) {
        control.set_faults(self.faults.clone());
        let mut plan = control.webhooks();
        (plan.suppress, plan.delay_ms, plan.copies, plan.before_answer) = (false, 0, 1, false);
        match self.webhooks {
            Webhooks::Sent => {}
            Webhooks::Suppressed => plan.suppress = true,
            Webhooks::Late(millis) => plan.delay_ms = millis,
            Webhooks::Copied(copies) => plan.copies = copies,
            Webhooks::Early => plan.before_answer = true,
        }
        control.set_webhooks(plan);
    }
}

/// Whom the gateways of this test buy from.
pub const SUPPLIERS: [Supplier; 2] = [Supplier::Duffel, Supplier::Ndc];

fn fault(rng: &mut ChaCha8Rng) -> Fault {
    let (supplier, fault, percent) = if rng.random_range(0..4) == 0 {
        let (fault, percent) = of_any_server(rng);
        (Supplier::Stripe, fault, percent)
    } else {
        let supplier = SUPPLIERS.choose(rng).copied().unwrap_or(Supplier::Duffel);
        let (fault, percent) = if rng.random_range(0..2) == 0 { of_any_server(rng) } else { of_sellers(rng) };
        (supplier, fault, percent)
    };
    let probability = Some(f64::from(percent) / 100.0);
    Fault { probability, seed: rng.random_range(0..1_000_000), ..Fault::at(supplier, fault) }
}

/// A fault, and how many calls of a hundred it strikes.
fn of_any_server(rng: &mut ChaCha8Rng) -> (FaultKind, u32) {
    match rng.random_range(0..8) {
        0 => {
            let after = Latency::Exponential { mean_ms: rng.random_range(100..800), max_ms: 4_000 };
            (FaultKind::Latency { after }, 60)
        }
        1 => (FaultKind::Status { status: rng.random_range(500..505) }, 30),
        2 => (FaultKind::RateLimited { retry_after_s: 1 }, 30),
        3 => (FaultKind::Malformed {}, 10),
        4 => (FaultKind::Cut {}, 20),
        5 => (FaultKind::Hang {}, 5),
        6 => (FaultKind::SlowDrip { total_ms: rng.random_range(500..3_000) }, 20),
        _ => (FaultKind::LostAnswer {}, 25),
    }
}

fn of_sellers(rng: &mut ChaCha8Rng) -> (FaultKind, u32) {
    match rng.random_range(0..5) {
        0 => (FaultKind::SoldOutAtPrice {}, 20),
        1 => (FaultKind::SoldOutAtOrder {}, 40),
        2 => (FaultKind::SoldOutAtTicketing {}, 40),
        3 => (FaultKind::PriceChange { percent: rng.random_range(-10..=10) }, 30),
        _ => (FaultKind::PnrBusy {}, 50),
    }
}

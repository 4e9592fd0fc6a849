//! Whom the sandbox plays.

use serde::{Deserialize, Serialize};

/// One far side, each under a path prefix of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Supplier {
    /// Duffel's JSON API, version v2, under `/duffel`.
    Duffel,
    /// Travelport's uAPI (SOAP), under `/travelport`.
    Travelport,
    /// IATA NDC 21.3, under `/ndc`.
    Ndc,
    /// Stripe's payments, under `/stripe`.
    Stripe,
}

impl Supplier {
    /// All of them.
    pub const ALL: [Supplier; 4] = [Supplier::Duffel, Supplier::Travelport, Supplier::Ndc, Supplier::Stripe];

    /// Its name in paths and in control documents.
    pub fn name(self) -> &'static str {
        match self {
            Supplier::Duffel => "duffel",
            Supplier::Travelport => "travelport",
            Supplier::Ndc => "ndc",
            Supplier::Stripe => "stripe",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Supplier> {
        Supplier::ALL.into_iter().find(|supplier| supplier.name() == name)
    }
}

//! NDC's elements → the contract's records.

pub mod baggage;
pub mod conditions;
pub mod offer;
pub mod order;
pub mod party;
pub mod price;
pub mod trip;

/// Why something can't be mapped.
pub type Reason = String;

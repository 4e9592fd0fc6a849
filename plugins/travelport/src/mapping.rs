//! uAPI's messages → the contract's records. No I/O.

pub mod baggage;
pub mod conditions;
pub mod fare;
pub mod flights;
pub mod offer;
pub mod party;
pub mod record;

/// Why an offer or record can't be mapped.
pub type Reason = String;

//! Adapter of the Duffel flights API v2 (<https://duffel.com/docs/api>).
//!
//! * Search, price check, orders (held where the airline allows it, else paid at once from the agency's balance), payment of
//!   held orders, cancellation in two steps.
//! * Duffel names its passengers by ids; they stand in the tokens, in the order of the contract's passengers.
//! * Orders carry the client reference in their metadata, by which a lost one is found. Not found is no proof; see `find.rs`.
//! * Configuration: `version` (of the API, `v2`), `max-connections` (2), `absence-is-proof` (`false`).

mod api;
mod cancel;
pub mod component;
mod errors;
mod find;
mod mapping;
mod order;
mod price;
pub mod search;
#[cfg(test)]
mod tests;
mod ticketing;
mod token;
mod wire;

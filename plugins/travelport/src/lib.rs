//! Adapter of the Travelport Universal API (uAPI, SOAP): Galileo and its sisters.
//!
//! * Low fare search in both of its shapes (price points with options, and solutions), price check, reservations held until
//!   they are ticketed, ticketing by the agency's settlement plan, cancellation.
//! * A price lives for one message: what an offer is remembered by is its itinerary, and it is priced again before it is
//!   reserved.
//! * uAPI finds a record by its locators, or by traveller and date; not found is no proof. See `find.rs`.
//! * Configuration: `branch` (the target branch, required), `provider` (`1G`).

mod api;
mod cancel;
pub mod component;
mod errors;
mod find;
mod mapping;
mod order;
mod price;
mod refund;
mod request;
mod reservation;
mod search;
#[cfg(test)]
mod tests;
mod ticketing;
mod token;

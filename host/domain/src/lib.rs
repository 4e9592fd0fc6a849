//! The vocabulary of the gateway: money, places, trips, offers, orders, bookings and their state machine.
//!
//! Pure: nothing here does I/O, awaits, or asks the clock. Everything above speaks in these types; the contract's wire
//! types are converted to them in the runtime, and nowhere else.

#![deny(missing_docs)]

pub mod airlines;
pub mod booking;
pub mod fault;
pub mod itinerary;
pub mod money;
pub mod offer;
pub mod order;
pub mod passengers;
pub mod payment;
pub mod places;
pub mod table;
pub mod text;
pub mod trip;

//! Handlers, one file for each resource.

pub mod bookings;
pub mod cancellations;
pub mod documents;
pub mod events;
pub mod flights;
pub mod health;
pub mod offers;
pub mod payments;
pub mod responses;
pub mod stream;
pub mod webhooks;

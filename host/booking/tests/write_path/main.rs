//! The write path on a real PostgreSQL, with a supplier, a payment provider and rules within the process that can fail,
//! lose answers and be killed at any step. Each test has a database of its own; `DATABASE_URL` tells on which server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it meets what it did not expect"
)]

mod bookings;
mod cancellations;
mod crashes;
mod database;
mod journeys;
mod kafka;
mod mail_server;
mod outcomes;
mod payments;
mod provider;
mod quotes;
mod rules;
mod smtp;
mod supplier;
mod webhooks;
mod world;

//! Many nodes under load while everything dies: gateways, workers, a Redis primary, the Kafka broker and PostgreSQL are killed,
//! suppliers and payments fail, clients go through a balancer. In the end the books of the gateway, of the suppliers and
//! of the payment provider are compared.
//!
//! [`schedule`] says what goes wrong and when, from a seed alone; [`system`] is what runs; [`load`] uses it as frontends
//! do; [`books`] reads all books, and [`check`] compares them without touching anything, so that it can be tested on made-up
//! ones. [`run`] puts it together.

#![deny(missing_docs)]

pub mod balancer;
pub mod books;
pub mod broker;
pub mod check;
pub mod database;
pub mod journal;
pub mod load;
pub mod postbox;
pub mod redis;
pub mod report;
pub mod run;
pub mod schedule;
pub mod server;
pub mod settle;
pub mod system;
pub mod traveller;
pub mod weather;

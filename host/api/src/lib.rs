//! HTTP: routes, authentication, rate limits, problems, events, OpenAPI.
//!
//! [`router::build`] makes the whole application; [`stack`] is the one place where its layers are put together. Before it
//! stands [`front`], which answers what memory can answer.

#![deny(missing_docs)]

pub mod auth;
pub mod config;
pub mod front;
pub mod input;
pub mod limits;
pub mod metrics;
pub mod network;
pub mod packing;
pub mod pieces;
pub mod problem;
pub mod router;
pub mod routes;
pub mod server;
pub mod stack;
pub mod state;
pub mod trace;

pub use config::ApiConfig;
pub use state::{Api, ApiParts, Check, Readiness};

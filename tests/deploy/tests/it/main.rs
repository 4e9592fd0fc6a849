//! What deploy/ and docs/operations.md say, held against the code.

mod compose;
mod configuration;
mod kubernetes;
mod live;
mod metrics;
mod runbooks;

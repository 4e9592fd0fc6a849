//! The whole journey, across crates: real components, a real database, the sandbox's protocols, and the gateway's own
//! processes, started as an operator starts them.
//!
//! Tests need `DATABASE_URL`, the built `interline` and the built components; `make test` sees to all three.

pub mod client;
pub mod database;
pub mod people;
pub mod process;
pub mod stack;
pub mod wait;

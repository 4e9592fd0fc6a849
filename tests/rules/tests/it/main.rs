//! The built components, through the runtime, held against the same rules in this process.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod components;
mod facts;
mod lab;
mod released;

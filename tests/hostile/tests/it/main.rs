//! Components that misbehave, and components that are replaced.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod orders;
mod stopped;
mod swapping;

//! What adapters share.
//!
//! An adapter is a component that maps Interline's contract (`wit/`) to a supplier's or payment provider's protocol. This
//! crate gives it
//!
//! * [`supplier`] and [`payment`]: the contract's records, and the traits to implement and export,
//! * [`http`]: requests as plain data, secrets by name, answers with a size cap, failures as faults,
//! * [`fault`]: the dispositions, and [`fault::Effect`] that tells reads from calls that create or pay,
//! * [`decimal`]: amounts, exactly; [`time`]: ISO 8601 and HTTP dates; [`currency`]: ISO 4217 exponents,
//! * [`json`]: messages with slips in them; [`xml`]: a tree of elements without namespaces to read, and a tree to write,
//! * [`itinerary`]: the reply's list of segments; [`token`]: what the host keeps for the adapter,
//! * [`host`]: configuration, log, state, signatures.
//!
//! How an adapter is laid out: `src/lib.rs` declares the type and exports it; `src/wire/` holds the protocol's messages and
//! nothing else; `src/mapping/` turns them into the contract's records; one file per operation puts the two together over a
//! [`http::Transport`]. All of it but the export compiles natively, so that `cargo test -p your-adapter` runs without a
//! component in sight.

#[doc(hidden)]
pub mod bindings;
pub mod currency;
pub mod decimal;
pub mod fault;
pub mod host;
pub mod http;
pub mod itinerary;
pub mod json;
pub mod payment;
pub mod supplier;
pub mod time;
pub mod token;
pub mod types;
pub mod xml;

#[cfg(target_family = "wasm")]
pub use bindings::{payment::export_provider, supplier::export_supplier};

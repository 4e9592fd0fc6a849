//! Records that suppliers and payment providers share.

pub use crate::bindings::supplier::interline::types::errors::{Disposition, Fault};
pub use crate::bindings::supplier::interline::types::money::Money;
pub use crate::bindings::supplier::interline::types::time::{Date, Instant, LocalTime};

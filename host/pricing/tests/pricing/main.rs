//! Pricing with the agency's rule sets run natively, and with rule sets that mean harm.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod baggage;
mod fares;
mod hostile;
mod offers;
mod penalties;

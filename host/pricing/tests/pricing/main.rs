//! Pricing with the agency's rule sets run natively, and with rule sets that mean harm.

mod baggage;
mod fares;
mod hostile;
mod offers;
mod penalties;

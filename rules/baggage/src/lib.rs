//! Baggage allowances where the supplier did not say.

//! What adapters share: bindings, HTTP, exact decimals, faults.

//! Adapter of the Duffel flights API v2.

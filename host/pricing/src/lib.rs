//! Prepares facts, runs rule sets, owns exchange rates.

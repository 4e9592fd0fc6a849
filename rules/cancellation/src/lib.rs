//! Penalty windows by time to departure.

//! The read path as a whole, raced over scripted suppliers.

mod coalescing;
mod freshness;
mod nodes;
mod offers;
mod pages;
mod privacy;
mod repeated;
mod streaming;

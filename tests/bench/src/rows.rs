//! The rows of the table, by what they need.

mod bookings;
mod fill;
mod growth;
mod overload;
mod redis;
mod rules;
mod served;
mod supplier;
mod swap;

use crate::context::Context;
use crate::row::Row;
use anyhow::Result;
use futures::future::LocalBoxFuture;

/// A group of rows that are measured together.
pub struct Group {
    /// Names of its rows.
    pub rows: &'static [&'static str],
    /// Measures them.
    pub measure: for<'a> fn(&'a Context) -> LocalBoxFuture<'a, Result<Vec<Row>>>,
}

macro_rules! groups {
    ($([$($row:literal),*] $measure:path;)*) => {
        /// All of them, in the order of the table.
        pub const GROUPS: &[Group] =
            &[$(Group { rows: &[$($row),*], measure: |context| Box::pin($measure(context)) }),*];
    };
}

groups! {
    ["search-hot", "search-hot-p99", "search-routes", "memory-process"] served::measure;
    ["search-redis", "memory-redis"] redis::measure;
    ["fill-cold", "fill-herd", "fill-herd-calls"] fill::measure;
    ["rules-300"] rules::measure;
    ["supplier-300", "supplier-3mb"] supplier::measure;
    ["growth-offers", "growth-offers-anew"] growth::offers;
    ["growth-suppliers"] growth::suppliers;
    ["growth-rules"] rules::grown;
    ["growth-cores"] growth::cores;
    ["overload-goodput", "overload-bookings"] overload::measure;
    ["bookings-postgresql", "bookings-kafka"] bookings::measure;
    ["swap-p99", "swap-failures"] swap::measure;
}

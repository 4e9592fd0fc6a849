//! Duffel's messages (API v2), as they are. Fields that Duffel may leave out or set to null are options; what is not used is
//! not read, so that new fields change nothing.

pub mod cancellation;
pub mod error;
pub mod offer;
pub mod order;
pub mod request;
pub mod trip;

use serde::Deserialize;
use serde_json::value::RawValue;

/// What every answer is wrapped in.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    /// The object, or the list of them.
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    /// Where the list goes on.
    #[serde(default)]
    pub meta: Option<Meta>,
}

/// Of a list: the cursors.
#[derive(Debug, Default, Deserialize)]
pub struct Meta {
    /// The next page; none on the last.
    #[serde(default)]
    pub after: Option<String>,
}

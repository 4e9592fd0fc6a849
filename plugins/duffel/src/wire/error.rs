//! Errors (<https://duffel.com/docs/api/overview/response-handling>).

use serde::Deserialize;
use serde_json::Value;

/// An answer that failed.
#[derive(Debug, Deserialize)]
pub struct Failure {
    /// At least one.
    pub errors: Vec<Error>,
}

/// One thing that is wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Error {
    /// `validation_error`, `airline_error`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Stable, within the type.
    pub code: Option<String>,
    /// A few words.
    pub title: Option<String>,
    /// A sentence.
    pub message: Option<String>,
    /// The field in question (`{"field", "pointer"}`), or an airline's name.
    pub source: Option<Value>,
}

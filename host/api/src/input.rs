//! Reading requests: every broken rule is found and named at once, and nothing unknown is let through.

pub mod body;
pub mod booking;
pub mod json;
pub mod path;
pub mod query;
pub mod repeat;
pub mod rules;
pub mod search;

use crate::problem::{FieldError, Problem, catalog};
use http::StatusCode;

/// The rules broken so far.
#[derive(Debug, Default)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Names one more.
    pub fn push(&mut self, field: impl Into<String>, rule: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), rule: rule.to_owned(), message: message.into() });
    }

    /// Whether no rule is broken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what was found elsewhere.
    pub fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What was found.
    pub fn list(&self) -> &[FieldError] {
        &self.0
    }

    /// The problem for broken query parameters, if any is.
    pub fn query_problem(self) -> Result<(), Problem> {
        self.problem(StatusCode::BAD_REQUEST)
    }

    /// The problem for a broken body, if it is.
    pub fn body_problem(self) -> Result<(), Problem> {
        self.problem(StatusCode::UNPROCESSABLE_ENTITY)
    }

    fn problem(self, status: StatusCode) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Problem::new(&catalog::VALIDATION).status(status).errors(self.0))
    }
}

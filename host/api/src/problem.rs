//! Errors on the wire: RFC 9457 problem details.
//!
//! Every answer of 4xx and 5xx is one of the kinds in [`catalog`], whose `type` is stable and explained at its own address.

pub mod catalog;

use crate::problem::catalog::Kind;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;
use utoipa::ToSchema;

/// One broken rule of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body (RFC 6901), or the name of a query parameter or header.
    #[schema(examples("/passengers/0/born_on", "departure_date"))]
    pub field: String,
    /// Stable name of the rule that is broken.
    #[schema(examples("required", "age"))]
    pub rule: String,
    /// For people, in English.
    pub message: String,
}

/// An answer that says what went wrong (RFC 9457).
pub struct Problem(Box<Inner>);

struct Inner {
    kind: &'static Kind,
    status: StatusCode,
    detail: Option<String>,
    errors: Vec<FieldError>,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of a kind, with its usual status.
    pub fn new(kind: &'static Kind) -> Self {
        let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let inner = Inner { kind, status, detail: None, errors: Vec::new(), more: Map::new(), headers: Vec::new() };
        Self(Box::new(inner))
    }

    /// What is special about this occurrence, for people. Holds nothing personal.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Answers with another status than the kind's usual one.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// The fields complained about.
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// An extension member. What can't be written as JSON is left out.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.more.insert(name.to_owned(), value);
        }
        self
    }

    /// A header of the answer.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Tells the client to come back after a pause, in whole seconds, rounded up.
    pub fn retry_after(self, pause: Duration) -> Self {
        let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        self.header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The kind.
    pub fn kind(&self) -> &'static Kind {
        self.0.kind
    }

    /// The status that it is answered with.
    pub fn code(&self) -> StatusCode {
        self.0.status
    }

    /// The broken rules.
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The body.
    pub fn body(&self) -> Vec<u8> {
        let inner = &self.0;
        let body = Body {
            r#type: format!("/problems/{}", inner.kind.slug),
            title: inner.kind.title.to_owned(),
            status: inner.status.as_u16(),
            detail: inner.detail.clone(),
            errors: inner.errors.clone(),
            more: inner.more.clone(),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    /// An unexpected failure: logged here, with its cause; the client learns nothing of it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(&catalog::INTERNAL)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({} {} {:?})", self.0.status.as_u16(), self.0.kind.slug, self.0.errors)
    }
}

/// Problem details as RFC 9457 has them, with this API's members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// Stable address of the kind of problem, relative to this API; its explanation is served there.
    #[schema(examples("/problems/validation"))]
    r#type: String,
    /// What the kind means, for people.
    title: String,
    /// The HTTP status again.
    status: u16,
    /// What is special about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// Which fields break which rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// What the kind adds, as its page explains.
    #[serde(flatten)]
    #[schema(additional_properties)]
    more: Map<String, Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body();
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in self.0.headers {
            headers.insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_type_and_its_fields() {
        let error = FieldError { field: "adults".into(), rule: "range".into(), message: "1 to 9".into() };
        let problem = Problem::new(&catalog::VALIDATION).errors(vec![error]).with("extra", 7);
        let body: Value = serde_json::from_slice(&problem.body()).unwrap();
        assert_eq!(body["type"], "/problems/validation");
        assert_eq!(body["status"], 422);
        assert_eq!(body["errors"][0]["field"], "adults");
        assert_eq!(body["extra"], 7);
        assert!(body.get("detail").is_none());
    }

    #[test]
    fn a_pause_is_told_in_whole_seconds_and_never_too_short() {
        let header = |millis| {
            let response =
                Problem::new(&catalog::RATE_LIMITED).retry_after(Duration::from_millis(millis)).into_response();
            response.headers()[RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap()
        };
        assert_eq!([header(0), header(1), header(1000), header(1001)], [1, 1, 1, 2]);
    }
}

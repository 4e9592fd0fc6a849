//! The body as a whole: kind, size, JSON.

use crate::problem::{Problem, catalog};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Largest body taken, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// A JSON body.
pub struct Json {
    /// What was sent.
    pub value: Value,
}

impl Json {
    /// Hash of the meaning of the body: the order of members and white space do not change it.
    pub fn hash(&self) -> [u8; 32] {
        let mut value = self.value.clone();
        value.sort_all_objects();
        Sha256::digest(value.to_string()).into()
    }
}

/// Reads a body within the limit.
pub async fn read(request: Request) -> Result<Bytes, Problem> {
    let limit = request.extensions().get::<BodyLimit>().map_or(256 * 1024, |limit| limit.0);
    let too_large = || Problem::new(&catalog::PAYLOAD_TOO_LARGE).detail(format!("at most {limit} bytes"));
    match Limited::new(request.into_body(), limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::new(&catalog::MALFORMED_BODY).detail("the body ended early")),
    }
}

/// A JSON body that may be left out; then it is null.
pub struct Optional {
    /// What was sent.
    pub value: Value,
}

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let declared = is_json(&request);
        let bytes = read(request).await?;
        if !declared {
            return Err(Problem::new(&catalog::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(Self { value: parse(&bytes)? })
    }
}

impl<S: Send + Sync> FromRequest<S> for Optional {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let declared = is_json(&request);
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return Ok(Self { value: Value::Null });
        }
        if !declared {
            return Err(Problem::new(&catalog::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(Self { value: parse(&bytes)? })
    }
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        // serde_json's own words can quote the body.
        let place = format!("line {}, column {}", error.line(), error.column());
        Problem::new(&catalog::MALFORMED_BODY).detail(format!("not JSON at {place}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn take(kind: &str, body: &'static str, limit: usize) -> Result<Value, &'static str> {
        let request = Request::builder().header(CONTENT_TYPE, kind).extension(BodyLimit(limit)).body(Body::from(body));
        Json::from_request(request.unwrap(), &()).await.map(|json| json.value).map_err(|problem| problem.kind().slug)
    }

    #[tokio::test]
    async fn what_is_not_small_json_is_refused_by_kind() {
        assert_eq!(take("text/plain", "{}", 9).await, Err("unsupported-media-type"));
        assert_eq!(take("", "{}", 9).await, Err("unsupported-media-type"));
        assert_eq!(take("application/json", "{", 9).await, Err("malformed-body"));
        assert_eq!(take("application/json", "[1,2,3,4,5]", 9).await, Err("payload-too-large"));
        assert!(take("Application/JSON; charset=utf-8", "[]", 9).await.is_ok());
    }

    #[test]
    fn the_hash_is_of_the_meaning() {
        let hash = |text: &str| Json { value: serde_json::from_str(text).unwrap() }.hash();
        assert_eq!(hash(r#"{"a":1,"b":[2]}"#), hash(r#"{ "b": [2], "a": 1 }"#));
        assert_ne!(hash(r#"{"a":1}"#), hash(r#"{"a":2}"#));
    }
}

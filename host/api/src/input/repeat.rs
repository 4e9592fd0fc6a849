//! Requests that may be repeated without being done twice.

use super::body::Json;
use crate::problem::{Problem, catalog};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponseParts, ResponseParts};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use interline_booking::Idempotency;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use utoipa::IntoParams;

/// The `Idempotency-Key` header.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// Names this request: repeated with the same key and body it is answered again, and not done again. A fresh UUID for
    /// each new request of the user does well.
    #[param(
        rename = "Idempotency-Key",
        min_length = 8,
        max_length = 128,
        pattern = "^[!-~]{8,128}$",
        example = "5f0f5a1e-7a53-4a0c-9b6f-0b1a2c3d4e5f"
    )]
    key: String,
}

impl IdempotencyKey {
    /// What the write path keeps: the key, and what it stands for.
    pub fn of(self, path: &str, body: &Json) -> Idempotency {
        let mut hash = Sha256::new();
        hash.update(path);
        hash.update([0]);
        hash.update(body.hash());
        Idempotency { key: self.key, hash: hash.finalize().into() }
    }
}

/// Tells by a header that an earlier request with the same key was answered this.
pub struct Replayed(pub bool);

impl Replayed {
    /// The header: `true`, or not there.
    pub const HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");
}

impl IntoResponseParts for Replayed {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        if self.0 {
            parts.headers_mut().insert(Self::HEADER, HeaderValue::from_static("true"));
        }
        Ok(parts)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let good = (8..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !good {
            let detail = "the header `Idempotency-Key` is 8 to 128 visible ASCII characters";
            return Err(Problem::new(&catalog::IDEMPOTENCY_KEY_REQUIRED).detail(detail));
        }
        Ok(Self { key: key.to_owned() })
    }
}

//! Recorded replies in the place of the far side.

use crate::egress::{Call, drain};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::VecDeque;
use wasmtime_wasi_http::{Error, WasiBody};

/// A reply of a far side, recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedReply {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Bytes,
}

/// A request that the component made while it was replayed. Secrets in it are placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenRequest {
    /// HTTP method.
    pub method: String,
    /// As the component named it.
    pub url: String,
    /// As text.
    pub body: String,
}

/// Replies for the requests of one call, in order; the last one again for those beyond.
#[derive(Default)]
pub(crate) struct Recorded {
    replies: Mutex<VecDeque<RecordedReply>>,
    seen: Mutex<Vec<SeenRequest>>,
    printed: Mutex<String>,
}

const SEEN_BODY: usize = 4 * 1024 * 1024;

impl Recorded {
    pub(crate) fn new(replies: Vec<RecordedReply>) -> Self {
        Self { replies: Mutex::new(replies.into()), ..Self::default() }
    }

    pub(crate) fn seen(&self) -> Vec<SeenRequest> {
        self.seen.lock().clone()
    }

    pub(crate) fn printed(&self) -> String {
        self.printed.lock().clone()
    }

    pub(super) fn note_printed(&self, printed: &str) {
        printed.clone_into(&mut self.printed.lock());
    }

    pub(super) async fn send(&self, call: &Call, request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
        let (parts, body) = request.into_parts();
        let Some(reply) = self.next() else {
            drain(body).await;
            return Err(Error::ConnectionTerminated);
        };
        let _ = call.leaves(&parts.method);
        let body = Limited::new(body, SEEN_BODY).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        call.count_out(body.len());
        self.seen.lock().push(SeenRequest {
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        call.count_in(reply.body.len());
        response(reply).ok_or(Error::HttpProtocolError)
    }

    fn next(&self) -> Option<RecordedReply> {
        let mut replies = self.replies.lock();
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    }
}

fn response(reply: RecordedReply) -> Option<Response<WasiBody>> {
    let body = Full::new(reply.body).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).ok()?;
    for (name, value) in &reply.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        response.headers_mut().append(name, HeaderValue::from_str(value).ok()?);
    }
    Some(response)
}

//! HTTP as adapters use it: a request is built as plain data, [`Transport`] carries it, the answer is plain data too.
//!
//! ```
//! use interline_plugin_sdk::{fault::Effect, http::{Method, Request, Response, Script, Transport}, supplier::Fault};
//!
//! /// Native code, tested natively: the transport is an argument.
//! fn fetch(transport: &dyn Transport) -> Result<serde_json::Value, Fault> {
//!     let request = Request::new(Method::Get, "https://api.example.com/air/orders/ord_1")
//!         .header("accept", "application/json")
//!         .bearer("access-token"); // the secret's name: the host puts its value in as the request leaves
//!     let response = transport.send(request)?; // a failure on the way is a fault already
//!     response.json()
//! }
//!
//! let script = Script::default();
//! script.reply(Response::new(200, r#"{"id":"ord_1"}"#));
//! assert_eq!(fetch(&script).unwrap()["id"], "ord_1");
//! assert_eq!(script.sent()[0].url, "https://api.example.com/air/orders/ord_1");
//! ```
//!
//! A request that creates or pays says so: `.effect(Effect::Once)`. From then on every way to lose its answer (a timeout, a
//! cut connection, a body that can't be read) becomes `outcome-unknown` by itself, while a request that never left (no
//! connection, refused by the host's egress policy) stays safe to retry.

use crate::fault::{self, Effect};
use crate::host::Form;
use crate::types::{Disposition, Fault};
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::VecDeque;

mod gzip;
mod retry;
#[cfg(not(target_family = "wasm"))]
#[path = "http/native.rs"]
mod wasi;
#[cfg(target_family = "wasm")]
mod wasi;

pub use retry::retry_after_ms;
pub use wasi::Wasi;

/// Bodies beyond this are not read, packed or unpacked. The manifest's `max_reply_kb` may make it less.
pub const LARGEST_BODY: usize = 32 * 1024 * 1024;

/// HTTP methods that suppliers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, acts, and (in SOAP) everything.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

/// A header's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Plain text.
    Text(String),
    /// `prefix`, and behind it the named secret, put in by the host.
    Secret {
        /// What stands before it (`"Bearer "`).
        prefix: &'static str,
        /// The secret's name in the manifest.
        name: String,
        /// As it is, or Base64.
        base64: bool,
    },
}

/// A request, not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Absolute; the host is one of the manifest's.
    pub url: String,
    /// Lower-case names.
    pub headers: Vec<(&'static str, Value)>,
    /// Empty for none.
    pub body: Vec<u8>,
    /// What a lost answer means.
    pub effect: Effect,
}

impl Request {
    /// A request without a body; reading until [`Request::effect`] says otherwise.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Vec::new(), effect: Effect::Repeatable }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Value::Text(value.into())));
        self
    }

    /// `Authorization: Bearer` and the named secret.
    pub fn bearer(self, secret: &str) -> Self {
        self.secret_header("authorization", "Bearer ", secret, Form::Plain)
    }

    /// `Authorization: Basic` and the named secret (`user:password`).
    pub fn basic(self, secret: &str) -> Self {
        self.secret_header("authorization", "Basic ", secret, Form::Base64)
    }

    /// A header with a secret behind `prefix`.
    pub fn secret_header(mut self, header: &'static str, prefix: &'static str, secret: &str, form: Form) -> Self {
        let value = Value::Secret { prefix, name: secret.to_owned(), base64: matches!(form, Form::Base64) };
        self.headers.push((header, value));
        self
    }

    /// A body and its type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.body = body.into();
        request
    }

    /// What a lost answer to it means.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// A plain header's value.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(n, value)| match value {
            Value::Text(text) if *n == name => Some(text.as_str()),
            _ => None,
        })
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Unpacked.
    pub body: Vec<u8>,
    /// Of the request that it answers.
    pub effect: Effect,
}

impl Response {
    /// An answer without headers, as tests make them.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), effect: Effect::Repeatable }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON. What can't be read is a fault that heeds the request's effect.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Fault> {
        let text = std::str::from_utf8(&self.body).map_err(|why| fault::unreadable(self.effect, why))?;
        serde_json::from_str(text).map_err(|why| fault::unreadable(self.effect, why))
    }

    /// The body as text; bytes that are not UTF-8 are taken for Latin-1.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        match std::str::from_utf8(&self.body) {
            Ok(text) => text.into(),
            Err(_) => self.body.iter().map(|b| char::from(*b)).collect::<String>().into(),
        }
    }

    /// The delay that `Retry-After` (seconds or a date) names, in milliseconds.
    pub fn retry_after_ms(&self) -> Option<u32> {
        self.header("retry-after").and_then(|value| retry::retry_after_ms(value, crate::time::now()))
    }

    /// What the status alone says; see [`fault::from_status`].
    pub fn status_fault(&self, message: impl Into<String>) -> Fault {
        fault::from_status(self.status, self.effect, self.retry_after_ms(), message)
    }
}

/// What carries requests. In a component that is [`Wasi`], in tests a [`Script`].
pub trait Transport {
    /// Sends, and waits for the whole answer. Any status is an answer; a failure on the way is a fault that heeds the
    /// request's effect.
    fn send(&self, request: Request) -> Result<Response, Fault>;
}

/// How far a request got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It never left.
    NotSent,
    /// The host forbids it: not in the manifest, or not granted.
    Forbidden,
    /// It may have arrived.
    MaybeSent,
}

impl Progress {
    /// The fault for a request that failed on its way.
    pub fn fault(self, effect: Effect, message: impl Into<String>) -> Fault {
        let disposition = match self {
            Progress::NotSent => Disposition::RetryAfter(fault::RETRY_MS),
            Progress::Forbidden => Disposition::NotAuthorised,
            Progress::MaybeSent => effect.lost(fault::RETRY_MS),
        };
        fault::coded(disposition, "transport", message)
    }
}

/// A transport for tests: answers in order, and keeps what was sent.
#[derive(Debug, Default)]
pub struct Script {
    replies: RefCell<VecDeque<Result<Response, Progress>>>,
    sent: RefCell<Vec<Request>>,
}

impl Script {
    /// A script of these answers.
    pub fn of(replies: impl IntoIterator<Item = Response>) -> Self {
        let script = Self::default();
        replies.into_iter().for_each(|reply| script.reply(reply));
        script
    }

    /// Adds an answer.
    pub fn reply(&self, response: Response) {
        self.replies.borrow_mut().push_back(Ok(response));
    }

    /// Adds a failure on the way.
    pub fn fail(&self, progress: Progress) {
        self.replies.borrow_mut().push_back(Err(progress));
    }

    /// What was sent until now.
    pub fn sent(&self) -> Vec<Request> {
        self.sent.borrow().clone()
    }
}

impl Transport for Script {
    fn send(&self, request: Request) -> Result<Response, Fault> {
        let effect = request.effect;
        self.sent.borrow_mut().push(request);
        match self.replies.borrow_mut().pop_front() {
            Some(Ok(response)) => Ok(Response { effect, ..response }),
            Some(Err(progress)) => Err(progress.fault(effect, "as the script has it")),
            None => Err(Progress::NotSent.fault(effect, "the script has no further answer")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_creating_request_whose_answer_is_lost_has_an_unknown_outcome() {
        let ask = |progress, effect| {
            let script = Script::default();
            script.fail(progress);
            let request = Request::new(Method::Post, "https://x/").effect(effect);
            script.send(request).expect_err("fails").disposition
        };
        assert_eq!(ask(Progress::MaybeSent, Effect::Once), Disposition::OutcomeUnknown);
        assert!(matches!(ask(Progress::MaybeSent, Effect::Repeatable), Disposition::RetryAfter(_)));
        assert!(matches!(ask(Progress::NotSent, Effect::Once), Disposition::RetryAfter(_)));
        assert_eq!(ask(Progress::Forbidden, Effect::Once), Disposition::NotAuthorised);
    }

    #[test]
    fn garbage_after_a_creating_request_has_an_unknown_outcome() {
        let script = Script::of([Response::new(200, "<html>")]);
        let response = script.send(Request::new(Method::Post, "https://x/").effect(Effect::Once)).expect("answers");
        let fault = response.json::<serde_json::Value>().expect_err("garbage");
        assert_eq!(fault.disposition, Disposition::OutcomeUnknown);
    }

    #[test]
    fn a_body_that_is_not_utf8_is_latin_1() {
        assert_eq!(Response::new(200, vec![b'S', 0xE3, b'o']).text(), "São");
    }
}

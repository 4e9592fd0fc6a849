//! Talking to Stripe: form-encoded out, JSON in.

use crate::errors;
use interline_plugin_sdk::fault::Effect;
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::{Method, Request, Response, Transport};
use interline_plugin_sdk::supplier::Fault;

const BASE: &str = "https://api.stripe.com/v1/";
/// The secret that the manifest names.
const KEY: &str = "secret-key";
/// The version that the mapping was written for; the account's default may be any.
pub const VERSION: &str = "2025-03-31.basil";

/// Reads.
pub fn get(transport: &dyn Transport, path: &str, query: &[(&str, &str)]) -> Result<Response, Fault> {
    let mut url = path.to_owned();
    if !query.is_empty() {
        url = format!("{path}?{}", encode(query));
    }
    send(transport, request(Method::Get, &url))
}

/// Creates or acts. With a key the same call may be made again, whatever became of the first; so may a cancellation.
pub fn post(
    transport: &dyn Transport,
    path: &str,
    form: &[(&str, &str)],
    idempotency_key: Option<&str>,
) -> Result<Response, Fault> {
    let mut request = request(Method::Post, path).effect(Effect::Repeatable);
    if let Some(key) = idempotency_key {
        request = request.header("idempotency-key", key);
    }
    send(transport, request.body("application/x-www-form-urlencoded", encode(form)))
}

fn request(method: Method, path: &str) -> Request {
    let version = host::config("version").unwrap_or_else(|| VERSION.to_owned());
    Request::new(method, format!("{BASE}{path}")).header("stripe-version", version).bearer(KEY)
}

fn send(transport: &dyn Transport, request: Request) -> Result<Response, Fault> {
    let response = transport.send(request)?;
    match errors::fault(&response) {
        Some(fault) => Err(fault),
        None => Ok(response),
    }
}

fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// An id within a path.
pub fn path_segment(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

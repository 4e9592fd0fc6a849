//! Talking to Duffel: headers, wrapping, and telling answers from errors.

use crate::errors;
use crate::wire;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::{Method, Request, Response, Transport};
use interline_plugin_sdk::json;
use interline_plugin_sdk::supplier::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The host that the manifest names.
const BASE: &str = "https://api.duffel.com/air/";
/// The secret that the manifest names.
const TOKEN: &str = "access-token";

/// Reads.
pub fn get(transport: &dyn Transport, path: &str) -> Result<Response, Fault> {
    send(transport, request(Method::Get, path))
}

/// Creates or acts; `effect` says what a lost answer means.
pub fn post<T: Serialize>(
    transport: &dyn Transport,
    path: &str,
    effect: Effect,
    data: Option<T>,
) -> Result<Response, Fault> {
    let mut request = request(Method::Post, path).effect(effect);
    if let Some(data) = data {
        let body = serde_json::to_vec(&wire::request::Envelope { data })
            .map_err(|why| fault::rejected(format!("no such request: {why}")))?;
        request = request.body("application/json", body);
    }
    send(transport, request)
}

fn request(method: Method, path: &str) -> Request {
    Request::new(method, format!("{BASE}{path}"))
        .header("accept", "application/json")
        .header("duffel-version", host::config("version").unwrap_or_else(|| "v2".to_owned()))
        .bearer(TOKEN)
}

/// Any answer that is an error by its status or by its body is a fault.
fn send(transport: &dyn Transport, request: Request) -> Result<Response, Fault> {
    let response = transport.send(request)?;
    match errors::fault(&response) {
        Some(fault) => Err(fault),
        None => Ok(response),
    }
}

/// The text of what stands in `data`; a body without the wrapping is taken as it is.
pub fn data(response: &Response) -> Result<&str, Fault> {
    let text = std::str::from_utf8(&response.body).map_err(|why| fault::unreadable(response.effect, why))?;
    let envelope: wire::Envelope<'_> =
        serde_json::from_str(text).map_err(|why| fault::unreadable(response.effect, why))?;
    Ok(envelope.data.map_or(text, |data| data.get()))
}

/// The object in `data`. In a replayed reply it may be the first of a list.
pub fn object<T: DeserializeOwned>(response: &Response) -> Result<T, Fault> {
    let data = data(response)?;
    let unreadable = |why: serde_json::Error| fault::unreadable(response.effect, why);
    if data.starts_with('[') && host::replaying() {
        let list: Vec<&serde_json::value::RawValue> = serde_json::from_str(data).map_err(unreadable)?;
        if let Some(first) = list.first() {
            return json::parse(first.get()).map_err(unreadable);
        }
    }
    json::parse(data).map_err(unreadable)
}

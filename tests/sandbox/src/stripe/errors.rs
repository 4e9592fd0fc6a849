//! Stripe's errors: `{"error": {"type", "code", "message", "param"}}`.

use http::Method;
use serde_json::{Value, json};

use crate::wire::Reply;

/// A refusal.
#[derive(Debug)]
pub(super) struct Error {
    pub status: u16,
    pub body: Value,
    /// Whether an idempotency key keeps it: the endpoint had begun to work.
    pub kept: bool,
    /// Events that follow even so: a declined card is told of.
    pub events: Vec<(&'static str, Value)>,
}

impl Error {
    fn new(status: u16, kind: &str, code: Option<&str>, message: &str) -> Self {
        let mut error = json!({ "type": kind, "message": message });
        if let Some(code) = code {
            error["code"] = code.into();
            error["doc_url"] = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into();
        }
        Error { status, body: json!({ "error": error }), kept: false, events: Vec::new() }
    }

    fn param(mut self, name: &str) -> Self {
        self.body["error"]["param"] = name.into();
        self
    }

    /// Adds a field to the error object.
    pub fn field(mut self, name: &str, value: Value) -> Self {
        self.body["error"][name] = value;
        self
    }

    /// It happened while working, and so belongs to its idempotency key.
    pub fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    pub fn reply(self) -> Reply {
        Reply::json(self.status, &self.body)
    }
}

const INVALID: &str = "invalid_request_error";

pub(super) fn no_key() -> Error {
    Error::new(401, INVALID, None, "You did not provide an API key. Provide it in the Authorization header.")
}

pub(super) fn wrong_key() -> Error {
    Error::new(401, INVALID, Some("api_key_invalid"), "Invalid API Key provided.")
}

pub(super) fn secret_key_needed() -> Error {
    let message = "This API call cannot be made with a publishable API key. Use a secret API key.";
    Error::new(401, INVALID, Some("secret_key_required"), message)
}

pub(super) fn unknown_url(method: &Method, path: &str) -> Error {
    Error::new(404, INVALID, None, &format!("Unrecognized request URL ({method}: {path})."))
}

pub(super) fn required(name: &str) -> Error {
    Error::new(400, INVALID, Some("parameter_missing"), &format!("Missing required param: {name}.")).param(name)
}

pub(super) fn unknown_parameter(name: &str) -> Error {
    Error::new(400, INVALID, Some("parameter_unknown"), &format!("Received unknown parameter: {name}")).param(name)
}

pub(super) fn not_an_integer(name: &str, value: &str) -> Error {
    Error::new(400, INVALID, Some("parameter_invalid_integer"), &format!("Invalid integer: {value}")).param(name)
}

pub(super) fn invalid(name: &str, message: &str) -> Error {
    Error::new(400, INVALID, None, message).param(name)
}

pub(super) fn coded(code: &str, name: &str, message: &str) -> Error {
    Error::new(400, INVALID, Some(code), message).param(name)
}

pub(super) fn missing(what: &str, id: &str, name: &str) -> Error {
    Error::new(404, INVALID, Some("resource_missing"), &format!("No such {what}: '{id}'")).param(name)
}

pub(super) fn wrong_state(message: &str, intent: Value) -> Error {
    Error::new(400, INVALID, Some("payment_intent_unexpected_state"), message).field("payment_intent", intent).kept()
}

pub(super) fn key_of_other_request(key: &str) -> Error {
    let message = format!(
        "Keys for idempotent requests can only be used with the same parameters they were first used with. \
         Try using a key other than '{key}' if you meant to execute a different request."
    );
    Error::new(400, "idempotency_error", None, &message)
}

pub(super) fn key_in_use(key: &str) -> Error {
    let message = format!("There is currently another in-progress request using this idempotency key ('{key}').");
    Error::new(409, "idempotency_error", Some("idempotency_key_in_use"), &message)
}

pub(super) fn card(decline: &str, message: &str, intent: Value) -> Error {
    Error::new(402, "card_error", Some("card_declined"), message)
        .field("decline_code", decline.into())
        .field("payment_intent", intent)
        .kept()
}

pub(super) fn of_server(status: u16) -> Error {
    if status == 429 {
        return Error::new(429, INVALID, Some("rate_limit"), "Request rate limit exceeded.");
    }
    Error::new(status, "api_error", None, "An unknown error occurred on our side. You may retry with the same key.")
}

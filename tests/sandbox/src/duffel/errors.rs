//! Duffel's errors: `errors[]` with type, title, code and source, and `meta` with status and request id.

use serde_json::{Value, json};

use crate::wire::Reply;
use crate::world::World;

const DOCUMENTATION: &str = "https://duffel.com/docs/api/overview/response-handling";

/// One or more errors of one call.
#[derive(Debug)]
pub(super) struct Errors {
    status: u16,
    errors: Vec<Value>,
}

impl Errors {
    fn one(status: u16, kind: &str, code: &str, title: &str, message: &str) -> Self {
        Errors { status, errors: vec![error(kind, code, title, message)] }
    }

    pub fn reply(self, world: &World) -> Reply {
        let request_id = world.id("F", 19);
        let body = json!({ "errors": self.errors, "meta": { "status": self.status, "request_id": request_id } });
        Reply::json(self.status, &body).with("x-request-id", request_id)
    }
}

fn error(kind: &str, code: &str, title: &str, message: &str) -> Value {
    json!({ "type": kind, "code": code, "title": title, "message": message, "documentation_url": DOCUMENTATION })
}

pub(super) fn missing_token() -> Errors {
    Errors::one(
        401,
        "authentication_error",
        "missing_authorization_header",
        "Missing authorization header",
        "The 'Authorization' header needs to be set and contain a valid API token.",
    )
}

pub(super) fn wrong_token() -> Errors {
    Errors::one(
        401,
        "authentication_error",
        "access_token_not_found",
        "Access token not found",
        "The access token used is not recognized by our system",
    )
}

pub(super) fn missing_version() -> Errors {
    Errors::one(
        400,
        "invalid_request_error",
        "missing_version_header",
        "Missing version header",
        "The 'Duffel-Version' header needs to be set to a valid API version.",
    )
}

pub(super) fn unsupported_version() -> Errors {
    Errors::one(
        400,
        "invalid_request_error",
        "unsupported_version",
        "Unsupported version",
        "The version set to the 'Duffel-Version' header is no longer supported by the API.",
    )
}

pub(super) fn unsupported_format() -> Errors {
    Errors::one(
        415,
        "invalid_request_error",
        "unsupported_format",
        "Unsupported format",
        "The API only supports 'application/json' as the content type of a request.",
    )
}

pub(super) fn malformed() -> Errors {
    Errors::one(
        400,
        "invalid_request_error",
        "bad_request",
        "Bad request",
        "The body isn't a JSON document with a 'data' object.",
    )
}

pub(super) fn not_found() -> Errors {
    Errors::one(
        404,
        "invalid_request_error",
        "not_found",
        "Not found",
        "The resource you are trying to access does not exist.",
    )
}

pub(super) fn linked_not_found(field: &str) -> Errors {
    Errors::one(
        422,
        "invalid_request_error",
        "linked_record_not_found",
        "Linked record not found",
        &format!("The record referred to by '{field}' does not exist."),
    )
}

/// The thing is in no state for that.
pub(super) fn state(code: &str, title: &str, message: &str) -> Errors {
    Errors::one(422, "invalid_state_error", code, title, message)
}

pub(super) fn offer_gone() -> Errors {
    state(
        "offer_no_longer_available",
        "Offer no longer available",
        "The offer you selected is no longer available. Select another, or search again for the latest ones.",
    )
}

pub(super) fn offer_expired() -> Errors {
    state("offer_expired", "Offer expired", "The offer you selected has expired. Search again for new ones.")
}

pub(super) fn already_cancelled() -> Errors {
    state("already_cancelled", "Order already cancelled", "The order has been cancelled already.")
}

pub(super) fn airline_busy() -> Errors {
    Errors::one(
        502,
        "airline_error",
        "airline_internal",
        "Internal airline error",
        "The airline is working on this booking elsewhere; nothing was changed.",
    )
}

/// Fields that are wrong, gathered so that all are told at once.
#[derive(Debug, Default)]
pub(super) struct Wrong(Vec<Value>);

impl Wrong {
    pub fn add(&mut self, code: &str, title: &str, pointer: &str, message: &str) {
        let field = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        let mut wrong = error("validation_error", code, title, &format!("Field '{field}' {message}"));
        wrong["source"] = json!({ "field": field, "pointer": pointer });
        self.0.push(wrong);
    }

    pub fn missing(&mut self, pointer: &str) {
        self.add("validation_required", "Required field", pointer, "can't be blank");
    }

    pub fn invalid(&mut self, pointer: &str, message: &str) {
        self.add("validation_format", "Invalid format", pointer, message);
    }

    pub fn check(self) -> Result<(), Errors> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_errors()) }
    }

    pub fn into_errors(self) -> Errors {
        Errors { status: 422, errors: self.0 }
    }
}

/// An error of the server or of its rate limit.
pub(crate) fn refusal(world: &World, status: u16) -> Reply {
    let errors = if status == 429 {
        Errors::one(
            429,
            "rate_limit_error",
            "rate_limit_exceeded",
            "Rate limit exceeded",
            "Too many requests hit the API too quickly. Retry after the time in the 'ratelimit-reset' header.",
        )
    } else {
        Errors::one(
            status,
            "api_error",
            "internal_server_error",
            "Internal server error",
            "Something went wrong on our side. Attach the 'request_id' when you write to support.",
        )
    };
    super::limits(errors.reply(world), 0)
}

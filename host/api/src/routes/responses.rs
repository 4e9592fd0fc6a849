//! Answers that many routes have, as the document declares them.

use crate::problem::Body;
use utoipa::{IntoResponses, ToSchema};

/// What any route behind an API key may answer.
#[derive(IntoResponses)]
pub enum Guarded {
    /// The body, the path or the headers can't be read, or query parameters break rules: `errors` names them.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(#[to_schema] Body),
    /// The API key or the user's token is missing or not valid.
    #[response(status = 401, content_type = "application/problem+json",
        headers(("WWW-Authenticate" = String, description = "How to prove who you are")))]
    Unauthorized(#[to_schema] Body),
    /// The API key lacks the scope.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] Body),
    /// There is nothing at this address.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] Body),
    /// The address does not answer to this method.
    #[response(status = 405, content_type = "application/problem+json",
        headers(("Allow" = String, description = "Methods that it answers to")))]
    MethodNotAllowed(#[to_schema] Body),
    /// The head of the request is too large.
    #[response(status = 431, content_type = "application/problem+json")]
    HeadersTooLarge(#[to_schema] Body),
    /// Too many requests of this API key or address.
    #[response(status = 429, content_type = "application/problem+json",
        headers(
            ("Retry-After" = u64, description = "Seconds to wait"),
            ("RateLimit" = String, description = "What is left: `\"key\";r=REQUESTS;t=SECONDS`"),
            ("RateLimit-Policy" = String, description = "The policy: `\"key\";q=REQUESTS;w=SECONDS`"),
        ))]
    TooManyRequests(#[to_schema] Body),
    /// Something went wrong here.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(#[to_schema] Body),
    /// The gateway, a supplier or a payment provider can't answer now.
    #[response(status = 503, content_type = "application/problem+json",
        headers(("Retry-After" = u64, description = "Seconds to wait")))]
    Unavailable(#[to_schema] Body),
    /// The answer took too long.
    #[response(status = 504, content_type = "application/problem+json")]
    Timeout(#[to_schema] Body),
}

/// A server-sent event (the HTML standard, 9.2). Comments, which keep the connection alive, are none.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes answers")]
pub struct StreamEvent {
    /// Its kind.
    event: String,
    /// JSON, as the kind has it.
    data: String,
    /// To resume after.
    #[schema(nullable = false)]
    id: Option<String>,
}

/// What any route that takes a body may answer besides.
#[derive(IntoResponses)]
pub enum WithBody {
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Body),
    /// The body is not JSON by its `Content-Type`.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(#[to_schema] Body),
    /// The body breaks rules: `errors` names them.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(#[to_schema] Body),
}

/// What a route may answer that moves a booking on.
#[derive(IntoResponses)]
pub enum Moves {
    /// The booking, quote or supplier does not allow it now.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] Body),
    /// What it was to be made from has ended.
    #[response(status = 410, content_type = "application/problem+json")]
    Gone(#[to_schema] Body),
}

//! What payment providers tell.

use super::offers::database;
use crate::input::body;
use crate::input::path::Part;
use crate::problem::{Body, Problem, catalog};
use crate::state::Api;
use axum::extract::{Request, State};
use http::StatusCode;
use interline_booking::ReceiveError;
use std::time::Duration;

/// Take in a payment provider's webhook.
///
/// Only the provider's signature is believed. Once this answers, nothing of the event can be lost; the same event may come
/// any number of times, in any order.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{provider}",
    tag = "Providers",
    params(("provider" = String, Path, description = "Name of the payment provider", min_length = 1)),
    request_body(content = String, content_type = "application/json", description = "As the provider defines it"),
    responses(
        (status = 204, description = "Taken in"),
        (status = 400, description = "Forged, or not readable", body = Body, content_type = "application/problem+json"),
        (status = 404, description = "No such provider", body = Body, content_type = "application/problem+json"),
        (status = 405, description = "Not by this method", body = Body, content_type = "application/problem+json",
            headers(("Allow" = String))),
        (status = 413, description = "Too large", body = Body, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests of this address", body = Body, content_type = "application/problem+json",
            headers(("Retry-After" = u64))),
        (status = 500, description = "Something went wrong here", body = Body, content_type = "application/problem+json"),
        (status = 503, description = "Deliver it again later", body = Body, content_type = "application/problem+json",
            headers(("Retry-After" = u64))),
        (status = 504, description = "Deliver it again later", body = Body, content_type = "application/problem+json"),
    ),
)]
pub async fn receive(State(api): State<Api>, Part(provider): Part, request: Request) -> Result<StatusCode, Problem> {
    let text = |value: &http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
    let headers: Vec<_> = headers.collect();
    let bytes = body::read(request).await?;
    api.booking().receive_webhook(&provider, headers, bytes).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

fn problem(error: ReceiveError) -> Problem {
    match error {
        ReceiveError::UnknownProvider(_) => {
            Problem::new(&catalog::NOT_FOUND).detail("there is no such payment provider")
        }
        ReceiveError::Forged => Problem::new(&catalog::WEBHOOK_FORGED),
        ReceiveError::Malformed => Problem::new(&catalog::WEBHOOK_UNREADABLE),
        ReceiveError::Unavailable(fault) => {
            tracing::error!(code = fault.code, "a webhook cannot be read now: {}", fault.message);
            Problem::new(&catalog::UNAVAILABLE).retry_after(Duration::from_secs(5))
        }
        ReceiveError::Database(error) => database(error),
        ReceiveError::Internal(reason) => Problem::internal(reason),
    }
}

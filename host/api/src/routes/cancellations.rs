//! Cancelling a booking: what it gives back, then doing it.

use super::bookings::problem;
use super::responses::{Guarded, Moves, WithBody};
use crate::auth::access::Account;
use crate::input::Errors;
use crate::input::body::Json;
use crate::input::booking::cancellation;
use crate::input::path::BookingId;
use crate::input::repeat::{IdempotencyKey, Replayed};
use crate::problem::Problem;
use crate::state::Api;
use axum::extract::State;
use http::StatusCode;
use interline_booking::{Booking, CancellationQuote};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a cancellation is made by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct CancellationBody {
    /// `id` of a cancellation quote of this booking.
    cancellation_quote_id: Uuid,
}

/// Ask what cancelling would give back. It changes nothing.
#[utoipa::path(
    post,
    path = "/v1/bookings/{id}/cancellation-quotes",
    tag = "Booking",
    params(BookingId),
    responses((status = 201, description = "What cancelling would give back", body = CancellationQuote), Guarded, Moves),
)]
pub async fn quote(
    State(api): State<Api>,
    account: Account,
    BookingId { id }: BookingId,
) -> Result<(StatusCode, axum::Json<CancellationQuote>), Problem> {
    let quote = api.booking().quote_cancellation(account.caller, id).await.map_err(problem)?;
    Ok((StatusCode::CREATED, axum::Json(quote)))
}

/// Cancel a booking by a cancellation quote. The booking, and its events, tell how it goes on.
#[utoipa::path(
    post,
    path = "/v1/bookings/{id}/cancellations",
    tag = "Booking",
    params(BookingId, IdempotencyKey),
    request_body = CancellationBody,
    responses(
        (status = 202, description = "The booking", body = Booking, headers(
            ("Idempotency-Replayed" = bool, description = "`true` where the same request was answered so before; else not there"),
        )),
        Guarded, WithBody, Moves,
    ),
)]
pub async fn cancel(
    State(api): State<Api>,
    account: Account,
    BookingId { id }: BookingId,
    key: IdempotencyKey,
    body: Json,
) -> Result<(StatusCode, Replayed, axum::Json<Booking>), Problem> {
    let mut errors = Errors::default();
    let quote = cancellation(&body.value, &mut errors);
    errors.body_problem()?;
    let quote = quote.ok_or_else(|| Problem::internal("a good body made no cancellation"))?;
    let idempotency = key.of(&format!("/v1/bookings/{id}/cancellations"), &body);
    let booking = api.booking().cancel(account.caller, id, quote, idempotency).await.map_err(problem)?;
    Ok((StatusCode::ACCEPTED, Replayed(booking.replayed), axum::Json(booking.body)))
}

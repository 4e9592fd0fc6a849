//! Paying for a booking.

use super::bookings::problem;
use super::responses::{Guarded, Moves, WithBody};
use crate::auth::access::Account;
use crate::input::Errors;
use crate::input::body::Json;
use crate::input::booking::new_payment;
use crate::input::path::BookingId;
use crate::input::repeat::{IdempotencyKey, Replayed};
use crate::problem::Problem;
use crate::state::Api;
use axum::extract::State;
use http::StatusCode;
use interline_booking::{NewPayment, Payment};

/// Begin a payment of a booking.
///
/// Hand `client_secret` to the payment provider's own form; the traveller's card never comes here. A booking has one live
/// payment: beginning another answers, or ends, the one before.
#[utoipa::path(
    post,
    path = "/v1/bookings/{id}/payments",
    tag = "Booking",
    params(BookingId, IdempotencyKey),
    request_body = NewPayment,
    responses(
        (status = 201, description = "The payment", body = Payment, headers(
            ("Idempotency-Replayed" = bool, description = "`true` where the same request was answered so before; else not there"),
        )),
        Guarded, WithBody, Moves,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    account: Account,
    BookingId { id }: BookingId,
    key: IdempotencyKey,
    body: Json,
) -> Result<(StatusCode, Replayed, axum::Json<Payment>), Problem> {
    let mut errors = Errors::default();
    let new = new_payment(&body.value, &mut errors);
    errors.body_problem()?;
    let new = new.ok_or_else(|| Problem::internal("a good body made no payment"))?;
    let idempotency = key.of(&format!("/v1/bookings/{id}/payments"), &body);
    let payment = api.booking().create_payment(account.caller, id, new, idempotency).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Replayed(payment.replayed), axum::Json(payment.body)))
}

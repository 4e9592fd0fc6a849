//! Making and reading bookings.

use super::offers::database;
use super::responses::{Guarded, Moves, WithBody};
use crate::auth::access::Account;
use crate::input::Errors;
use crate::input::body::Json;
use crate::input::booking::new_booking;
use crate::input::path::BookingId;
use crate::input::query::Query;
use crate::input::repeat::{IdempotencyKey, Replayed};
use crate::problem::{FieldError, Problem, catalog};
use crate::state::Api;
use axum::extract::{RawQuery, State};
use http::header::LOCATION;
use http::{HeaderName, StatusCode};
use interline_booking::{Booking, BookingError, BookingFilter, BookingPage, NewBooking};
use interline_domain::booking::Status;
use std::time::Duration;

/// Make a booking from a quote.
///
/// Passengers come in the quote's order. Nothing is ordered at the supplier until it is paid.
#[utoipa::path(
    post,
    path = "/v1/bookings",
    tag = "Booking",
    params(IdempotencyKey),
    request_body = NewBooking,
    responses(
        (status = 201, description = "The booking", body = Booking, headers(
            ("Location" = String, description = "Its address"),
            ("Idempotency-Replayed" = bool, description = "`true` where the same request was answered so before; else not there"),
        )),
        Guarded, WithBody, Moves,
    ),
)]
pub async fn create(
    State(api): State<Api>,
    account: Account,
    key: IdempotencyKey,
    body: Json,
) -> Result<(StatusCode, Replayed, [(HeaderName, String); 1], axum::Json<Booking>), Problem> {
    let mut errors = Errors::default();
    let new = new_booking(&body.value, &mut errors);
    errors.body_problem()?;
    let new = new.ok_or_else(|| Problem::internal("a good body made no booking"))?;
    let idempotency = key.of("/v1/bookings", &body);
    let booking = api.booking().create_booking(account.caller, new, idempotency).await.map_err(problem)?;
    let location = format!("/v1/bookings/{}", booking.body.id);
    Ok((StatusCode::CREATED, Replayed(booking.replayed), [(LOCATION, location)], axum::Json(booking.body)))
}

/// List the user's bookings, newest first.
#[utoipa::path(
    get,
    path = "/v1/bookings",
    tag = "Booking",
    params(
        ("status" = Option<String>, Query, nullable = false, description = "Only those in this status, like `TICKETED`"),
        ("limit" = Option<u32>, Query, nullable = false, minimum = 1, maximum = 100, description = "Bookings a page; 20 if not given"),
        ("cursor" = Option<String>, Query, nullable = false, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, description = "A page of bookings", body = BookingPage), Guarded),
)]
pub async fn list(
    State(api): State<Api>,
    account: Account,
    RawQuery(raw): RawQuery,
) -> Result<axum::Json<BookingPage>, Problem> {
    let mut errors = Errors::default();
    let query = Query::read(raw.as_deref(), &["status", "limit", "cursor"], &mut errors);
    let status: Option<Status> =
        query.optional("status", "choice", "is a booking status, like `TICKETED`", &mut errors);
    let limit = query.number("limit", 1..=100, &mut errors).unwrap_or(20);
    errors.query_problem()?;
    let page = api.booking().bookings(account.caller, BookingFilter { status }, query.text("cursor"), limit);
    Ok(axum::Json(page.await.map_err(|error| match error {
        // There is no body to point into.
        BookingError::Invalid(fields) => invalid(fields).status(StatusCode::BAD_REQUEST),
        error => problem(error),
    })?))
}

/// Read a booking.
#[utoipa::path(
    get,
    path = "/v1/bookings/{id}",
    tag = "Booking",
    params(BookingId),
    responses((status = 200, description = "The booking", body = Booking), Guarded),
)]
pub async fn read(
    State(api): State<Api>,
    account: Account,
    BookingId { id }: BookingId,
) -> Result<axum::Json<Booking>, Problem> {
    Ok(axum::Json(api.booking().booking(account.caller, id).await.map_err(problem)?))
}

fn invalid(fields: Vec<interline_booking::InvalidField>) -> Problem {
    let errors =
        fields.into_iter().map(|field| FieldError { field: field.field, rule: field.rule, message: field.message });
    Problem::new(&catalog::VALIDATION).errors(errors.collect())
}

/// What went wrong on the write path, as the client is told.
pub fn problem(error: BookingError) -> Problem {
    match error {
        BookingError::NotFound("quote") => Problem::new(&catalog::QUOTE_NOT_FOUND),
        BookingError::NotFound(what) => Problem::new(&catalog::NOT_FOUND).detail(format!("there is no such {what}")),
        BookingError::QuoteExpired => Problem::new(&catalog::QUOTE_EXPIRED),
        BookingError::QuoteUsed => Problem::new(&catalog::QUOTE_USED),
        BookingError::Invalid(fields) => invalid(fields),
        BookingError::IdempotencyMismatch => Problem::new(&catalog::IDEMPOTENCY_KEY_REUSED),
        BookingError::Conflict => Problem::new(&catalog::IDEMPOTENCY_IN_PROGRESS).retry_after(Duration::from_secs(1)),
        BookingError::WrongStatus(status) => {
            Problem::new(&catalog::CONFLICT).with("booking_status", status).detail(format!("the booking is {status}"))
        }
        error @ BookingError::MoneyGoesBack => Problem::new(&catalog::CONFLICT).detail(error.to_string()),
        BookingError::PaymentUnderWay => Problem::new(&catalog::CONFLICT).detail("another payment is under way"),
        BookingError::UnknownProvider(_) => {
            let message = "is the name of a payment provider that is configured".to_owned();
            let error = FieldError { field: "/provider".into(), rule: "choice".into(), message };
            Problem::new(&catalog::VALIDATION).errors(vec![error])
        }
        BookingError::Refused(fault) => {
            tracing::warn!(code = fault.code, disposition = fault.disposition.name(), "refused: {}", fault.message);
            Problem::new(&catalog::REFUSED_BY_SUPPLIER)
        }
        BookingError::Unavailable { retry_after } => {
            Problem::new(&catalog::PROVIDER_UNAVAILABLE).retry_after(retry_after)
        }
        BookingError::Database(error) => database(error),
        BookingError::Internal(reason) => Problem::internal(reason),
    }
}

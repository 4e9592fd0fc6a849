//! Parts of paths.

use crate::problem::{Problem, catalog};
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use utoipa::IntoParams;
use uuid::Uuid;

/// The booking that a path names. What is no UUID names none.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct BookingId {
    /// Key of the booking.
    pub id: Uuid,
}

/// The one part of a path that varies, as text. What is no UTF-8 names nothing.
#[derive(Debug, Clone)]
pub struct Part(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = |_| Problem::new(&catalog::NOT_FOUND);
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(missing)?;
        Ok(Self(text))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BookingId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = |_| Problem::new(&catalog::NOT_FOUND).detail("there is no such booking");
        let Path(id) = Path::<Uuid>::from_request_parts(parts, state).await.map_err(missing)?;
        Ok(Self { id })
    }
}

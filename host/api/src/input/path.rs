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

impl<S: Send + Sync> FromRequestParts<S> for BookingId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = |_| Problem::new(&catalog::NOT_FOUND).detail("there is no such booking");
        let Path(id) = Path::<Uuid>::from_request_parts(parts, state).await.map_err(missing)?;
        Ok(Self { id })
    }
}

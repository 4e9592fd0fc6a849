//! Verifying an offer: the live price, and a quote that holds it.

use super::responses::{Guarded, Moves, WithBody};
use crate::auth::access::Client;
use crate::input::Errors;
use crate::input::body::Optional;
use crate::input::json::Object;
use crate::input::path::Part;
use crate::problem::{Problem, catalog};
use crate::state::Api;
use axum::Json;
use axum::extract::State;
use interline_booking::{ApiKeyId, OfferLookupError, Verified, VerifyError, VerifyRequest};
use interline_domain::money::{Currency, Money};
use serde::Deserialize;
use serde_json::Value;
use std::cell::RefCell;
use std::time::Duration;
use utoipa::ToSchema;

/// What a verification may be asked with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct VerifyBody {
    /// The price that the traveller has accepted in place of the one shown: `new` of an answer `price_changed`.
    accept: Option<AcceptBody>,
}

/// A price.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct AcceptBody {
    /// Decimal of the major unit.
    #[schema(example = "1234.50", pattern = "^[0-9]{1,12}(\\.[0-9]{1,4})?$")]
    amount: String,
    /// Minor units, as the answer has them; may be left out.
    units: Option<i64>,
    /// ISO 4217.
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: String,
}

/// Ask the supplier for the live price of an offer.
///
/// `confirmed` comes with a quote, whose price holds until its end. `price_changed` tells the old and the new price: show
/// both, and verify again with `accept` set to the new one. `changed_in_substance` tells what differs from what was shown.
/// Sold out, expired and unknown are problems.
#[utoipa::path(
    post,
    path = "/v1/offers/{offer_id}/verify",
    tag = "Booking",
    params(("offer_id" = String, Path, description = "As a search gave it", min_length = 1)),
    request_body(content = Option<VerifyBody>, description = "May be left out"),
    responses((status = 200, description = "What became of the offer", body = Verified), Guarded, WithBody, Moves),
)]
pub async fn verify(
    State(api): State<Api>,
    client: Client,
    Part(offer_id): Part,
    body: Optional,
) -> Result<Json<Verified>, Problem> {
    let accept = read(&body.value)?;
    let request = VerifyRequest { offer_id, api_key: ApiKeyId(client.0.id), accept };
    let verified = api.booking().verify(&request).await.map_err(problem)?;
    Ok(Json(verified))
}

fn read(value: &Value) -> Result<Option<Money>, Problem> {
    if value.is_null() {
        return Ok(None);
    }
    let errors = RefCell::new(Errors::default());
    let accepted = Object::of(value, "", &errors).and_then(|root| {
        let accepted = root.optional_object("accept").and_then(money);
        root.close();
        accepted
    });
    errors.into_inner().body_problem()?;
    Ok(accepted)
}

/// An amount as our own answers write it, so that `new` can be sent back as it came.
fn money(object: Object<'_>) -> Option<Money> {
    let currency: Option<Currency> = object.parsed("currency", "currency", "is an ISO 4217 currency code");
    let units = object.optional_number("units", 0..=i64::MAX as u64).and_then(|units| i64::try_from(units).ok());
    let text = object.optional_text("amount");
    let money = currency.and_then(|currency| match (units, text) {
        (Some(units), None) => Some(Money::new(units, currency)),
        (units, Some(text)) => {
            let money = Money::from_decimal_str(text, currency).ok();
            let money = money.filter(|money| money.units >= 0 && units.is_none_or(|units| units == money.units));
            if money.is_none() {
                object.error("amount", "amount", "is a decimal amount of the currency, and the same as `units`");
            }
            money
        }
        (None, None) => {
            object.error("amount", "required", "is required");
            None
        }
    });
    object.close();
    money
}

fn problem(error: VerifyError) -> Problem {
    match error {
        VerifyError::Offer(OfferLookupError::Unknown) => Problem::new(&catalog::OFFER_INVALID),
        VerifyError::Offer(OfferLookupError::Expired) | VerifyError::OfferExpired => {
            Problem::new(&catalog::OFFER_EXPIRED)
        }
        VerifyError::Offer(OfferLookupError::Gone) => Problem::new(&catalog::OFFER_GONE),
        VerifyError::SoldOut => Problem::new(&catalog::SOLD_OUT),
        VerifyError::Refused(fault) => {
            tracing::warn!(code = fault.code, "a supplier refuses to price an offer: {}", fault.message);
            Problem::new(&catalog::REFUSED_BY_SUPPLIER)
        }
        VerifyError::Unknown { retry_after } => Problem::new(&catalog::SUPPLIER_UNAVAILABLE).retry_after(retry_after),
        VerifyError::Offer(OfferLookupError::Unavailable(_)) => {
            Problem::new(&catalog::SUPPLIER_UNAVAILABLE).retry_after(Duration::from_secs(2))
        }
        error @ VerifyError::Pricing(_) => {
            tracing::error!(%error, "an offer cannot be priced");
            Problem::new(&catalog::UNAVAILABLE).retry_after(Duration::from_secs(5))
        }
        VerifyError::Database(error) => database(error),
        VerifyError::Internal(reason) => Problem::internal(reason),
    }
}

/// A database that can't be reached is worth another try; what else it says is a mistake of ours.
pub fn database(error: sqlx::Error) -> Problem {
    let outage = match &error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(told) => told.code().is_some_and(|code| tells_of_outage(&code)),
        _ => false,
    };
    if !outage {
        return Problem::internal(error);
    }
    tracing::error!(%error, "the database cannot be reached");
    Problem::new(&catalog::UNAVAILABLE).retry_after(Duration::from_secs(2))
}

/// SQLSTATE of a connection that failed (08), of a server that is full (53), ends or only starts (57P).
fn tells_of_outage(code: &str) -> bool {
    ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_or_starts_is_an_outage_and_a_broken_constraint_is_not() {
        for code in ["57P01", "57P02", "57P03", "53300", "08006"] {
            assert!(tells_of_outage(code), "{code}");
        }
        for code in ["23505", "42601", "57014"] {
            assert!(!tells_of_outage(code), "{code}");
        }
    }
}

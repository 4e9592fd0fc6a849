//! What the API hands in.

use crate::identity::ApiKeyId;
use interline_domain::booking::Status;
use interline_domain::money::Money;
use interline_domain::order::{DocumentKind, Gender};
use interline_domain::passengers::PassengerKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

/// An offer to be priced live.
#[derive(Debug, Clone)]
pub struct VerifyRequest {
    /// As the search gave it.
    pub offer_id: String,
    /// The frontend that asks; the quote is for its users.
    pub api_key: ApiKeyId,
    /// The price that the traveller has accepted in place of the one shown.
    pub accept: Option<Money>,
}

/// A booking to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBooking {
    /// From verifying an offer; makes one booking.
    pub quote_id: Uuid,
    /// In the order of the search's passengers: adults, children by age, infants.
    pub passengers: Vec<PassengerInput>,
    /// How the travellers are reached.
    pub contact: ContactInput,
}

/// A traveller. `Debug` shows nothing of the person.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassengerInput {
    /// `adult`, `child` or `infant`, as searched for.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "adult")]
    pub kind: PassengerKind,
    /// `mr`, `ms`, `mrs`, `miss`, `dr`.
    #[serde(default)]
    pub title: Option<String>,
    /// As in the travel document, in Latin letters.
    #[schema(example = "Budi")]
    pub given_name: String,
    /// As in the travel document, in Latin letters.
    #[schema(example = "Santoso")]
    pub family_name: String,
    /// Birth date.
    #[schema(value_type = String, format = Date, example = "1990-04-12")]
    pub born_on: Date,
    /// `female`, `male` or `unspecified`.
    #[schema(value_type = String, example = "male")]
    pub gender: Gender,
    /// Needed on international routes.
    #[serde(default)]
    pub document: Option<DocumentInput>,
    /// For an infant: the index of the adult on whose lap it travels. Without it, the first adult that has none.
    #[serde(default)]
    pub lap_of: Option<u8>,
}

impl fmt::Debug for PassengerInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PassengerInput({})", self.kind.iata_code())
    }
}

/// A travel document. `Debug` shows nothing of it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentInput {
    /// `passport` or `identity_card`.
    #[schema(value_type = String, example = "passport")]
    pub kind: DocumentKind,
    /// Letters and digits.
    pub number: String,
    /// ISO 3166 alpha-2.
    #[schema(example = "ID")]
    pub issuing_country: String,
    /// ISO 3166 alpha-2.
    #[schema(example = "ID")]
    pub nationality: String,
    /// Last day of validity.
    #[schema(value_type = String, format = Date, example = "2031-05-01")]
    pub expires_on: Date,
}

impl fmt::Debug for DocumentInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocumentInput")
    }
}

/// How the travellers are reached. `Debug` shows nothing of it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactInput {
    /// RFC 5321 address: the e-ticket goes there.
    #[schema(example = "budi@example.com")]
    pub email: String,
    /// E.164.
    #[schema(example = "+628123456789")]
    pub phone: String,
}

impl fmt::Debug for ContactInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContactInput")
    }
}

/// A payment to begin.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// Name of the payment provider.
    #[schema(example = "stripe")]
    pub provider: String,
}

/// Which of a user's bookings are listed.
#[derive(Debug, Clone, Default)]
pub struct BookingFilter {
    /// Only those in this status.
    pub status: Option<Status>,
}

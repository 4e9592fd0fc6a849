//! Who travels: the rules that a booking's passengers must keep, and how they are stored.

use crate::crypt::BookingKey;
use crate::error::InvalidField;
use crate::failure::Failure;
use crate::input::{ContactInput, DocumentInput, PassengerInput};
use crate::view::BookedPassenger;
use interline_domain::order::{Contact, Document, Gender, Traveller};
use interline_domain::passengers::PassengerKind;
use interline_domain::places;
use interline_domain::trip::Trip;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TITLES: [&str; 5] = ["mr", "ms", "mrs", "miss", "dr"];

/// A passenger in the `passengers` column. What is not needed to serve the traveller by name is sealed.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "type")]
    kind: String,
    title: Option<String>,
    given_name: String,
    family_name: String,
    has_document: bool,
    lap_of: Option<u8>,
    private: Value,
}

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Private {
    kind: PassengerKind,
    born_on: Date,
    gender: Gender,
    document: Option<Document>,
}

/// Collects broken rules.
struct Checks(Vec<InvalidField>);

impl Checks {
    fn that(&mut self, holds: bool, field: String, rule: &str, message: &str) {
        if !holds {
            self.0.push(InvalidField { field, rule: rule.to_owned(), message: message.to_owned() });
        }
    }
}

/// Whether a route crosses a border, so that travellers need documents. Unknown places are taken for abroad.
pub(crate) fn documents_required(trip: &Trip) -> bool {
    let mut countries = trip.slices().iter().flat_map(|slice| [slice.origin, slice.destination]);
    let first = countries.next().and_then(|place| country(place.as_str()));
    first.is_none() || countries.any(|place| country(place.as_str()) != first)
}

fn country(place: &str) -> Option<&'static str> {
    let of_airport = places::airport(place).map(|airport| airport.country);
    of_airport.or_else(|| places::metro_area(place).map(|metro| metro.country))
}

/// Every rule that the passengers and the contact break. An empty answer: none.
pub(crate) fn check(trip: &Trip, passengers: &[PassengerInput], contact: &ContactInput) -> Vec<InvalidField> {
    let mut checks = Checks(Vec::new());
    let expected = trip.passengers.passengers();
    checks.that(
        passengers.len() == expected.len(),
        "/passengers".into(),
        "as_searched",
        "the passengers must be those of the search: adults, then children by age, then infants",
    );
    let last_day = trip.slices().last().map_or(trip.departure_date(), |slice| slice.departure_date);
    let needs_documents = documents_required(trip);
    for (index, (passenger, searched)) in passengers.iter().zip(&expected).enumerate() {
        let at = |field: &str| format!("/passengers/{index}/{field}");
        checks.that(passenger.kind == searched.kind, at("type"), "as_searched", "the search had another type here");
        let (given, family) = (&passenger.given_name, &passenger.family_name);
        let message = "1 to 50 Latin letters, spaces, hyphens or apostrophes, beginning with a letter";
        checks.that(is_name(given), at("given_name"), "name", message);
        checks.that(is_name(family), at("family_name"), "name", message);
        let title = passenger.title.as_deref();
        checks.that(
            title.is_none_or(|title| TITLES.contains(&title)),
            at("title"),
            "title",
            "one of mr, ms, mrs, miss, dr",
        );
        check_age(&mut checks, at("born_on"), passenger, searched.age, trip.departure_date(), last_day);
        match &passenger.document {
            Some(document) => check_document(&mut checks, index, document, last_day),
            None => checks.that(
                !needs_documents,
                at("document"),
                "document_required",
                "the route crosses a border: a travel document is needed",
            ),
        }
    }
    check_laps(&mut checks, passengers);
    let email = contact.email.parse::<lettre::Address>();
    checks.that(
        email.is_ok() && contact.email.len() <= 254,
        "/contact/email".into(),
        "email",
        "an e-mail address as RFC 5321 has it",
    );
    checks.that(is_phone(&contact.phone), "/contact/phone".into(), "phone", "E.164: + and 8 to 15 digits");
    checks.0
}

fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_alphabetic() && is_latin(c) || matches!(c, ' ' | '-' | '\'' | '.');
    name.chars().count() <= 50
        && name.chars().next().is_some_and(|c| c.is_alphabetic() && is_latin(c))
        && name.chars().all(inner)
}

/// Basic Latin to Latin Extended-B: what a carrier's system can transliterate.
const fn is_latin(c: char) -> bool {
    (c as u32) < 0x250
}

fn is_phone(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Full years at a date; negative before birth.
fn age_on(born: Date, day: Date) -> i16 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    day.year() - born.year() - i16::from(!had_birthday)
}

fn check_age(
    checks: &mut Checks,
    field: String,
    passenger: &PassengerInput,
    searched: Option<u8>,
    first: Date,
    last: Date,
) {
    let age = age_on(passenger.born_on, first);
    let fits = match passenger.kind {
        PassengerKind::Adult => (12..=120).contains(&age),
        PassengerKind::Child => (2..=11).contains(&age),
        // On the lap for the whole journey.
        PassengerKind::Infant => age >= 0 && age_on(passenger.born_on, last) < 2,
    };
    let message =
        "at the first day of travel adults are 12 or older, children 2 to 11; infants are under 2 all the way";
    checks.that(fits, field.clone(), "age_of_type", message);
    if passenger.kind == PassengerKind::Child && fits {
        let same = searched.is_none_or(|searched| i16::from(searched) == age);
        checks.that(
            same,
            field,
            "age_as_searched",
            "the search had another age for this child: the fare depends on it",
        );
    }
}

fn check_document(checks: &mut Checks, index: usize, document: &DocumentInput, last_day: Date) {
    let at = |field: &str| format!("/passengers/{index}/document/{field}");
    let number = &document.number;
    checks.that(
        (3..=20).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric()),
        at("number"),
        "document_number",
        "3 to 20 letters and digits",
    );
    for (field, country) in [("issuing_country", &document.issuing_country), ("nationality", &document.nationality)] {
        let is_code = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        checks.that(is_code, at(field), "country", "an ISO 3166 alpha-2 code");
    }
    checks.that(document.expires_on >= last_day, at("expires_on"), "document_valid", "valid on the last day of travel");
}

fn check_laps(checks: &mut Checks, passengers: &[PassengerInput]) {
    let mut taken = Vec::new();
    for (index, passenger) in passengers.iter().enumerate() {
        let Some(lap) = passenger.lap_of else { continue };
        let is_infant = passenger.kind == PassengerKind::Infant;
        let of_adult = passengers.get(usize::from(lap)).is_some_and(|of| of.kind == PassengerKind::Adult);
        let is_free = !taken.contains(&lap);
        taken.push(lap);
        checks.that(
            is_infant && of_adult && is_free,
            format!("/passengers/{index}/lap_of"),
            "lap",
            "an infant travels on the lap of an adult, each adult with one infant at most",
        );
    }
}

/// Gives each infant without one the first free lap.
fn laps(passengers: &[PassengerInput]) -> Vec<Option<u8>> {
    let mut taken: Vec<u8> = passengers.iter().filter_map(|passenger| passenger.lap_of).collect();
    let adults = || passengers.iter().zip(0_u8..).filter(|(of, _)| of.kind == PassengerKind::Adult);
    passengers
        .iter()
        .map(|passenger| {
            if passenger.kind != PassengerKind::Infant || passenger.lap_of.is_some() {
                return passenger.lap_of;
            }
            let free = adults().map(|(_, index)| index).find(|index| !taken.contains(index))?;
            taken.push(free);
            Some(free)
        })
        .collect()
}

/// For the `passengers` column.
pub(crate) fn store(key: &BookingKey, passengers: &[PassengerInput]) -> Result<Value, Failure> {
    let stored: Vec<Stored> = passengers
        .iter()
        .zip(laps(passengers))
        .map(|(passenger, lap_of)| {
            let document = passenger.document.as_ref().map(|document| Document {
                kind: document.kind,
                number: document.number.clone(),
                issuing_country: document.issuing_country.clone(),
                nationality: document.nationality.clone(),
                expires_on: document.expires_on,
            });
            let private =
                Private { kind: passenger.kind, born_on: passenger.born_on, gender: passenger.gender, document };
            Ok(Stored {
                kind: passenger.kind.iata_code().to_owned(),
                title: passenger.title.clone(),
                given_name: passenger.given_name.trim().to_owned(),
                family_name: passenger.family_name.trim().to_owned(),
                has_document: passenger.document.is_some(),
                lap_of,
                private: key.seal("passenger", &serde_json::to_vec(&private)?)?,
            })
        })
        .collect::<Result<_, Failure>>()?;
    Ok(serde_json::to_value(stored)?)
}

/// As a supplier is told.
pub(crate) fn travellers(key: &BookingKey, stored: &Value) -> Result<Vec<Traveller>, Failure> {
    let stored: Vec<Stored> = serde_json::from_value(stored.clone())?;
    stored
        .into_iter()
        .map(|passenger| {
            let private: Private = serde_json::from_slice(&key.open("passenger", &passenger.private)?)?;
            Ok(Traveller {
                kind: private.kind,
                title: passenger.title,
                given_name: passenger.given_name,
                family_name: passenger.family_name,
                born_on: private.born_on,
                gender: private.gender,
                document: private.document,
                lap_of: passenger.lap_of,
            })
        })
        .collect()
}

/// For the `contact_details` column.
pub(crate) fn store_contact(contact: &ContactInput) -> Result<Value, Failure> {
    Ok(serde_json::to_value(Contact { email: contact.email.clone(), phone: contact.phone.clone() })?)
}

/// As a supplier is told.
pub(crate) fn contact(stored: &Value) -> Result<Contact, Failure> {
    Ok(serde_json::from_value(stored.clone())?)
}

/// As a frontend sees them.
pub(crate) fn view(stored: &Value) -> Result<Vec<BookedPassenger>, Failure> {
    let stored: Vec<Stored> = serde_json::from_value(stored.clone())?;
    let shown = stored.into_iter().map(|passenger| BookedPassenger {
        name: format!("{} {}", passenger.given_name, passenger.family_name),
        kind: passenger.kind,
        title: passenger.title,
        has_document: passenger.has_document,
    });
    Ok(shown.collect())
}

/// The same passengers, nameless.
pub(crate) fn erased(stored: &Value) -> Result<Value, Failure> {
    let mut stored: Vec<Stored> = serde_json::from_value(stored.clone())?;
    for passenger in &mut stored {
        passenger.title = None;
        passenger.given_name = "Erased".to_owned();
        passenger.family_name = "Erased".to_owned();
        passenger.has_document = false;
    }
    Ok(serde_json::to_value(stored)?)
}

#[cfg(test)]
mod tests;

//! The people on an order, held against the offer's passengers.

use interline_domain::places;
use jiff::civil::Date;
use serde_json::Value;

use super::errors::Wrong;
use crate::books::Traveller;
use crate::inventory::PassengerKind;
use crate::shelf::Asked;

const TITLES: &[&str] = &["mr", "ms", "mrs", "miss", "dr"];

/// Duffel's name of a passenger type.
pub(super) fn type_name(kind: PassengerKind) -> &'static str {
    match kind {
        PassengerKind::Adult => "adult",
        PassengerKind::Child => "child",
        PassengerKind::Infant => "infant_without_seat",
    }
}

/// The type that an age travels as.
pub(super) fn kind_of_age(age: i64) -> PassengerKind {
    match age {
        ..2 => PassengerKind::Infant,
        2..12 => PassengerKind::Child,
        _ => PassengerKind::Adult,
    }
}

/// Whole years on a day.
fn age_on(born: Date, day: Date) -> i64 {
    let years = i64::from(day.year()) - i64::from(born.year());
    let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
    years - i64::from(before_birthday)
}

/// Names travel on tickets: Latin letters, spaces, hyphens and apostrophes, at most 20.
fn name_is_fine(name: &str) -> bool {
    let allowed = |letter: char| {
        letter == ' ' || letter == '-' || letter == '\'' || (letter.is_alphabetic() && letter <= '\u{17f}')
    };
    (1..=20).contains(&name.chars().count()) && name.chars().all(allowed)
}

fn phone_is_fine(phone: &str) -> bool {
    phone
        .strip_prefix('+')
        .is_some_and(|digits| (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The travellers of an order; what is wrong with them is added to `wrong`.
pub(super) fn travellers(
    given: &Value,
    asked: &[Asked],
    travel: (Date, Date),
    documents_required: bool,
    wrong: &mut Wrong,
) -> Vec<Traveller> {
    let Some(list) = given.as_array().filter(|list| !list.is_empty()) else {
        wrong.missing("/passengers");
        return Vec::new();
    };
    let mut travellers = Vec::new();
    for (index, passenger) in list.iter().enumerate() {
        let at = |field: &str| format!("/passengers/{index}/{field}");
        let text = |field: &str| passenger[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let mut required = |field: &str| {
            if text(field).is_none() {
                wrong.missing(&at(field));
            }
            text(field).unwrap_or_default()
        };
        let id = required("id");
        let (given_name, family_name) = (required("given_name"), required("family_name"));
        let (born_on, title, gender) = (required("born_on"), required("title"), required("gender"));
        let (email, phone) = (required("email"), required("phone_number"));
        for (field, name) in [("given_name", &given_name), ("family_name", &family_name)] {
            if !name.is_empty() && !name_is_fine(name) {
                wrong.invalid(&at(field), "must be 1 to 20 Latin letters, spaces, hyphens or apostrophes");
            }
        }
        if !title.is_empty() && !TITLES.contains(&title.as_str()) {
            wrong.add("validation_inclusion", "Invalid value", &at("title"), "must be one of mr, ms, mrs, miss, dr");
        }
        if !gender.is_empty() && !matches!(gender.as_str(), "m" | "f") {
            wrong.add("validation_inclusion", "Invalid value", &at("gender"), "must be one of m, f");
        }
        if !phone.is_empty() && !phone_is_fine(&phone) {
            wrong.add("invalid_phone_number", "Invalid phone number", &at("phone_number"), "must be in E.164 format");
        }
        if !email.is_empty() && !email.contains('@') {
            wrong.add("invalid_email", "Invalid e-mail", &at("email"), "must be an e-mail address");
        }
        let Some(as_asked) = asked.iter().find(|asked| asked.id == id) else {
            if !id.is_empty() {
                wrong.add("validation_inclusion", "Invalid value", &at("id"), "must be a passenger of the offer");
            }
            continue;
        };
        match born_on.parse::<Date>() {
            Err(_) if born_on.is_empty() => {}
            Err(_) => wrong.invalid(&at("born_on"), "must be a date"),
            Ok(born) => {
                let fits = [travel.0, travel.1].iter().any(|day| kind_of_age(age_on(born, *day)) == as_asked.kind);
                if !fits {
                    wrong.add(
                        "invalid_passenger_age",
                        "Invalid age",
                        &at("born_on"),
                        "doesn't match the passenger's type on the day of travel",
                    );
                }
            }
        }
        document(&passenger["identity_documents"], documents_required, index, wrong);
        travellers.push(Traveller {
            id,
            kind: as_asked.kind,
            title: Some(title),
            given_name,
            family_name,
            born_on: Some(born_on),
            gender: Some(gender),
            email: Some(email),
            phone: Some(phone),
            infant: text("infant_passenger_id"),
        });
    }
    if travellers.len() != asked.len() || asked.iter().any(|asked| travellers.iter().all(|one| one.id != asked.id)) {
        wrong.add(
            "validation_length",
            "Invalid length",
            "/passengers",
            "must be the passengers of the offer, each once",
        );
    }
    infants(&travellers, wrong);
    travellers
}

fn document(given: &Value, required: bool, passenger: usize, wrong: &mut Wrong) {
    let list = given.as_array().map_or(&[][..], Vec::as_slice);
    let at = |rest: &str| format!("/passengers/{passenger}/identity_documents{rest}");
    if list.is_empty() && required {
        wrong.missing(&at(""));
    }
    for (index, document) in list.iter().enumerate() {
        for field in ["unique_identifier", "issuing_country_code", "expires_on", "type"] {
            if document[field].as_str().is_none_or(str::is_empty) {
                wrong.missing(&at(&format!("/{index}/{field}")));
            }
        }
        if document["type"].as_str().is_some_and(|kind| kind != "passport") {
            let message = "must be one of the offer's supported types: passport";
            wrong.add("validation_inclusion", "Invalid value", &at(&format!("/{index}/type")), message);
        }
    }
}

/// Every infant sits on one adult's lap.
fn infants(travellers: &[Traveller], wrong: &mut Wrong) {
    for infant in travellers.iter().filter(|one| one.kind == PassengerKind::Infant) {
        let laps = travellers
            .iter()
            .filter(|one| one.kind == PassengerKind::Adult && one.infant.as_deref() == Some(infant.id.as_str()));
        if laps.count() != 1 {
            wrong.add(
                "validation_required",
                "Required field",
                "/passengers/infant_passenger_id",
                "must name every infant exactly once, on an adult",
            );
        }
    }
}

/// Whether the journey's countries ask for a passport.
pub(super) fn documents_required(countries: &[&str]) -> bool {
    let crosses = countries.windows(2).any(|pair| pair[0] != pair[1]);
    crosses && countries.iter().any(|country| matches!(*country, "US" | "CN" | "IN"))
}

/// Whether a code is an airport or city.
pub(super) fn is_place(code: &str) -> bool {
    places::is_place(code)
}

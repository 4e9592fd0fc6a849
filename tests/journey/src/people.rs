//! Travellers and trips to test with.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

/// A day far enough ahead that no "departure is soon" rule applies.
pub fn day(ahead: i64) -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date().saturating_add((60 + ahead).days())
}

/// A trip for these passengers: slices as (origin, destination, date).
pub fn trip(slices: &[(&str, &str, Date)], party: &Party) -> Value {
    let slices: Vec<_> = slices
        .iter()
        .map(|(origin, destination, date)| {
            json!({"origin": origin, "destination": destination, "departure_date": date.to_string()})
        })
        .collect();
    json!({
        "slices": slices,
        "cabin": "economy",
        "passengers": {"adults": party.adults, "children": party.children, "infants": party.infants},
    })
}

/// Who travels.
pub struct Party {
    /// How many.
    pub adults: u8,
    /// Their ages.
    pub children: Vec<u8>,
    /// How many.
    pub infants: u8,
}

impl Party {
    /// One adult.
    pub fn one() -> Self {
        Self { adults: 1, children: Vec::new(), infants: 0 }
    }

    /// Two adults, a child and an infant.
    pub fn family() -> Self {
        Self { adults: 2, children: vec![7], infants: 1 }
    }

    /// The people themselves, with documents, of the right age when they travel.
    pub fn passengers(&self, travel: Date) -> Value {
        let born = |age: u8| travel.saturating_sub(i64::from(age).years()).saturating_sub(30.days());
        let adults = (0..self.adults).map(|index| person("adult", ADULTS[usize::from(index) % 4], born(35 + index)));
        let children = self.children.iter().map(|&age| person("child", "Sari", born(age)));
        let infants = (0..self.infants).map(|_| person("infant", "Bayu", born(0)));
        adults.chain(children).chain(infants).collect()
    }
}

const ADULTS: [&str; 4] = ["Rina", "Agus", "Dewi", "Joko"];

fn person(kind: &str, name: &str, born: Date) -> Value {
    json!({
        "type": kind,
        "title": if kind == "adult" { "ms" } else { "miss" },
        "given_name": name,
        "family_name": "Wijaya",
        "born_on": born.to_string(),
        "gender": "female",
        "document": {
            "kind": "passport",
            "number": format!("X{}4711", born.year()),
            "issuing_country": "ID",
            "nationality": "ID",
            "expires_on": day(2000).to_string(),
        },
    })
}

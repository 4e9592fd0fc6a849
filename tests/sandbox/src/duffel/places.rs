//! Airports, cities, airlines and aircraft as Duffel writes them.

use interline_domain::airlines;
use interline_domain::places::{self, Airport};
use serde_json::{Value, json};

use crate::dice::Dice;

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The ids of airlines and aircraft are the same in every answer.
fn fixed_id(prefix: &str, of: &str) -> String {
    format!("{prefix}00009VME7D{}", Dice::new(7).with(prefix).with(of).word(LETTERS, 12))
}

fn city(code: &str, name: &str, country: &str) -> Value {
    json!({
        "type": "city",
        "id": format!("cit_{}_{}", code.to_lowercase(), country.to_lowercase()),
        "name": name,
        "iata_code": code,
        "iata_city_code": code,
        "iata_country_code": country,
        "icao_code": null,
        "latitude": null,
        "longitude": null,
        "time_zone": null,
        "city_name": null,
    })
}

/// A `Place` of type `airport`.
pub(super) fn airport(airport: &Airport) -> Value {
    let city_code = places::city_of(airport.code).unwrap_or(airport.code);
    json!({
        "type": "airport",
        "id": format!("arp_{}_{}", airport.code.to_lowercase(), airport.country.to_lowercase()),
        "name": airport.name,
        "iata_code": airport.code,
        "iata_city_code": city_code,
        "iata_country_code": airport.country,
        "icao_code": null,
        "latitude": airport.latitude,
        "longitude": airport.longitude,
        "time_zone": airport.time_zone,
        "city_name": airport.city,
        "city": city(city_code, airport.city, airport.country),
        "airports": null,
    })
}

/// What was asked for: a city with its airports, else an airport. Answers its type too.
pub(super) fn place(code: &str) -> (&'static str, Value) {
    match places::metro_area(code) {
        Some(metro) => {
            let mut place = city(metro.code, metro.name, metro.country);
            place["airports"] = places::airports_of(code).into_iter().map(self::airport).collect();
            ("city", place)
        }
        None => ("airport", places::airport(code).map_or(Value::Null, self::airport)),
    }
}

/// An `Airline`.
pub(super) fn airline(code: &str) -> Value {
    let art = |kind: &str| format!("https://assets.duffel.com/img/airlines/for-light-background/{kind}/{code}.svg");
    json!({
        "id": fixed_id("arl_", code),
        "iata_code": code,
        "name": airlines::airline(code).map_or(code, |airline| airline.name),
        "logo_symbol_url": art("full-color-logo"),
        "logo_lockup_url": art("full-color-lockup"),
        "conditions_of_carriage_url": null,
    })
}

/// An `Aircraft`.
pub(super) fn aircraft((code, name): (&str, &str)) -> Value {
    json!({ "id": fixed_id("arc_", code), "iata_code": code, "name": name })
}

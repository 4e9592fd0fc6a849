//! Filters, from either kind of search.

use crate::input::Errors;
use crate::input::json::Object;
use crate::input::query::Query;
use interline_domain::money::{Currency, Money};
use interline_domain::trip::Trip;
use interline_search::{ClockWindow, Filters, SliceWindow};
use serde_json::Value;
use std::str::FromStr;

const AIRLINES: &str = "are two-character IATA airline designators, upper case";
const AIRPORTS: &str = "are three-character IATA airport codes, upper case";
const PRICE: &str = "is a decimal amount of the currency shown, like 1250.00";
const WINDOW: &str = "is a span of local time like 06:00-12:00, or `*` for any; one for each slice";

/// A code of `N` upper-case letters and digits.
struct Code<const N: usize>(String);

impl<const N: usize> FromStr for Code<N> {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let good = text.len() == N && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        good.then(|| Self(text.to_owned())).ok_or(())
    }
}

/// A window, or `*`.
struct Window(Option<ClockWindow>);

impl FromStr for Window {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "*" {
            return Ok(Self(None));
        }
        let (from, until) = text.split_once('-').ok_or(())?;
        Ok(Self(Some(ClockWindow { from: minute(from)?, until: minute(until)? })))
    }
}

/// Minute of the day, of `HH:MM`.
fn minute(text: &str) -> Result<u16, ()> {
    let bytes = text.as_bytes();
    if bytes.len() != 5 || bytes[2] != b':' {
        return Err(());
    }
    let number = |part: Option<&str>| {
        let part = part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).ok_or(())?;
        part.parse::<u16>().map_err(|_| ())
    };
    let (hour, minute) = (number(text.get(..2))?, number(text.get(3..))?);
    if hour > 23 || minute > 59 {
        return Err(());
    }
    Ok(hour * 60 + minute)
}

fn price(text: &str, currency: Currency) -> Option<i64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let money = plain.then(|| Money::from_decimal_str(text, currency).ok())?;
    money.map(|money| money.units)
}

fn windows(windows: Vec<Window>) -> Vec<SliceWindow> {
    let numbered = windows.into_iter().take(Trip::MAX_SLICES).zip(0_u8..);
    numbered.filter_map(|(window, slice)| window.0.map(|window| SliceWindow { slice, window })).collect()
}

/// The filters of a query string.
pub fn from_query(query: &Query, slices: usize, currency: Currency, errors: &mut Errors) -> Filters {
    let airlines = |name, errors: &mut Errors| codes::<2>(query.list(name, "codes", AIRLINES, errors));
    let airports = |name, errors: &mut Errors| codes::<3>(query.list(name, "codes", AIRPORTS, errors));
    let times = |name: &str, errors: &mut Errors| {
        let given = query.list::<Window>(name, "window", WINDOW, errors);
        if given.len() > slices {
            errors.push(name, "window", WINDOW);
        }
        windows(given)
    };
    let amount = |name: &str, errors: &mut Errors| {
        let units = price(query.text(name)?, currency);
        if units.is_none() {
            errors.push(name, "amount", PRICE);
        }
        units
    };
    Filters {
        max_stops: query.number("max_stops", 0..=9, errors).map(|stops| stops as u8),
        airlines: airlines("airlines", errors),
        airlines_excluded: airlines("exclude_airlines", errors),
        connections: airports("connections", errors),
        connections_excluded: airports("exclude_connections", errors),
        departures: times("departure_window", errors),
        arrivals: times("arrival_window", errors),
        max_duration_minutes: query.number("max_duration", 1..=10_000, errors),
        min_price: amount("min_price", errors),
        max_price: amount("max_price", errors),
        baggage_included: query.flag("baggage", errors).unwrap_or(false),
        refundable: query.flag("refundable", errors).unwrap_or(false),
    }
}

/// The filters of a body.
pub fn from_body(filters: Object<'_>, slices: usize, currency: Currency) -> Filters {
    let times = |name| {
        let given = list::<Window>(&filters, name, "window", WINDOW);
        if given.len() > slices {
            filters.error(name, "window", WINDOW);
        }
        windows(given)
    };
    let amount = |name| {
        let units = price(filters.optional_text(name)?, currency);
        if units.is_none() {
            filters.error(name, "amount", PRICE);
        }
        units
    };
    let found = Filters {
        max_stops: filters.optional_number("max_stops", 0..=9).map(|stops| stops as u8),
        airlines: codes::<2>(list(&filters, "airlines", "codes", AIRLINES)),
        airlines_excluded: codes::<2>(list(&filters, "exclude_airlines", "codes", AIRLINES)),
        connections: codes::<3>(list(&filters, "connections", "codes", AIRPORTS)),
        connections_excluded: codes::<3>(list(&filters, "exclude_connections", "codes", AIRPORTS)),
        departures: times("departure_windows"),
        arrivals: times("arrival_windows"),
        max_duration_minutes: filters.optional_number("max_duration", 1..=10_000).map(|minutes| minutes as u32),
        min_price: amount("min_price"),
        max_price: amount("max_price"),
        baggage_included: filters.optional_flag("baggage").unwrap_or(false),
        refundable: filters.optional_flag("refundable").unwrap_or(false),
    };
    filters.close();
    found
}

fn codes<const N: usize>(codes: Vec<Code<N>>) -> Vec<String> {
    // Sorted, so that the same filters are equal however they were written.
    let mut codes: Vec<_> = codes.into_iter().map(|code| code.0).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn list<T: FromStr>(object: &Object<'_>, name: &'static str, rule: &str, message: &str) -> Vec<T> {
    let Some(value) = object.optional(name) else { return Vec::new() };
    let parse = |element: &Value| element.as_str()?.parse().ok();
    let values: Option<Vec<T>> = value.as_array().and_then(|elements| elements.iter().map(parse).collect());
    values.unwrap_or_else(|| {
        object.error(name, rule, message);
        Vec::new()
    })
}

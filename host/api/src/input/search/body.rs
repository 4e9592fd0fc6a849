//! The body of a multi-city search.

use super::{Asked, CABINS, CURRENCY, DATE, PLACE, SORTS, SliceAsked, filters, named};
use crate::input::Errors;
use crate::input::json::Object;
use interline_domain::money::Currency;
use interline_domain::trip::Trip;
use interline_search::{Filters, SearchRequest};
use serde::Deserialize;
use serde_json::Value;
use std::cell::RefCell;
use utoipa::ToSchema;

/// A search of one to six slices, as its document shows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct SearchBody {
    /// In order of travel.
    #[schema(min_items = 1, max_items = 6)]
    slices: Vec<SliceBody>,
    /// Who travels; one adult if not given.
    passengers: Option<PassengersBody>,
    /// `economy` if not given.
    #[schema(inline)]
    cabin: Option<super::params::CabinParam>,
    /// ISO 4217 code of the currency to show prices in; the API key's own if not given.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// What to leave out.
    filters: Option<FiltersBody>,
    /// `price` if not given.
    #[schema(inline)]
    sort: Option<super::params::SortParam>,
    /// Offers a page; 50 if not given.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// Other fares shown of each offer, cheapest first; 50 if not given, and 0 for the cheapest alone.
    #[schema(minimum = 0, maximum = 50)]
    alternatives: Option<u8>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// One leg.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct SliceBody {
    /// IATA airport or city code.
    #[schema(example = "CGK", pattern = "^[A-Z0-9]{3}$")]
    origin: String,
    /// IATA airport or city code.
    #[schema(example = "NRT", pattern = "^[A-Z0-9]{3}$")]
    destination: String,
    /// Local date at the origin.
    #[schema(example = "2027-01-20", format = Date)]
    departure_date: String,
}

/// Who travels.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct PassengersBody {
    /// People of 12 and over; 1 if not given.
    #[schema(minimum = 1, maximum = 9)]
    adults: Option<u8>,
    /// Ages of the children, on the first day of travel.
    #[schema(max_items = 8, example = json!([7, 9]))]
    children: Option<Vec<u16>>,
    /// Children under 2, each on the lap of an adult.
    #[schema(minimum = 0, maximum = 9)]
    infants: Option<u8>,
}

/// Filters; all of them must pass.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read field by field")]
pub struct FiltersBody {
    /// Most stops of each slice.
    #[schema(minimum = 0, maximum = 9)]
    max_stops: Option<u8>,
    /// Marketing carriers that sell every flight.
    airlines: Option<Vec<String>>,
    /// Marketing carriers that sell none of the flights.
    exclude_airlines: Option<Vec<String>>,
    /// Airports at one of which each connection is made.
    connections: Option<Vec<String>>,
    /// Airports at which no connection is made.
    exclude_connections: Option<Vec<String>>,
    /// Local times of departure, slice by slice: `06:00-12:00`, or `*` for any.
    departure_windows: Option<Vec<String>>,
    /// Local times of arrival, likewise.
    arrival_windows: Option<Vec<String>>,
    /// Longest travel time of each slice, in minutes.
    #[schema(minimum = 1, maximum = 10000)]
    max_duration: Option<u32>,
    /// Least price for all passengers, as a decimal of the currency shown.
    min_price: Option<String>,
    /// Highest price for all passengers, likewise.
    max_price: Option<String>,
    /// Only fares with a checked bag for everyone.
    baggage: Option<bool>,
    /// Only fares that give money back before departure.
    refundable: Option<bool>,
}

/// What a body asks for, as far as it can be read.
pub(super) fn read(value: &Value, market: Currency, errors: &RefCell<Errors>) -> Option<(Asked, Filters)> {
    let root = Object::of(value, "", errors)?;
    let mut asked = Asked::default();
    let slices = root.objects("slices");
    let count = slices.as_ref().map_or(1, Vec::len);
    let slices = slices.unwrap_or_default();
    if count == 0 || count > Trip::MAX_SLICES {
        root.error("slices", "count", format!("are 1 to {}", Trip::MAX_SLICES));
    }
    asked.slices = slices.into_iter().take(Trip::MAX_SLICES).map(slice).collect();
    asked.adults = Some(1);
    if let Some(passengers) = root.optional_object("passengers") {
        read_passengers(passengers, &mut asked);
    }
    let mut noted = Errors::default();
    asked.cabin = named(root.optional_text("cabin"), "/cabin", CABINS, &mut noted);
    asked.sort = named(root.optional_text("sort"), "/sort", SORTS, &mut noted);
    errors.borrow_mut().absorb(noted);
    asked.currency = root.optional_parsed("currency", "currency", CURRENCY);
    let limit = root.optional_number("limit", 1..=u64::from(SearchRequest::MAX_LIMIT));
    asked.limit = limit.and_then(|limit| u16::try_from(limit).ok());
    let alternatives = root.optional_number("alternatives", 0..=u64::from(SearchRequest::MAX_ALTERNATIVES));
    asked.alternatives = alternatives.and_then(|most| u8::try_from(most).ok());
    asked.cursor = root.optional_text("cursor").map(str::to_owned);
    let filters = root.optional_object("filters");
    let currency = asked.currency.unwrap_or(market);
    let filters = filters.map(|filters| filters::from_body(filters, asked.slices.len(), currency)).unwrap_or_default();
    root.close();
    Some((asked, filters))
}

fn slice(object: Object<'_>) -> SliceAsked {
    let slice = SliceAsked {
        origin: object.parsed("origin", "place", PLACE),
        destination: object.parsed("destination", "place", PLACE),
        date: object.parsed("departure_date", "date", DATE),
        destination_field: object.pointer("destination"),
        date_field: object.pointer("departure_date"),
    };
    object.close();
    slice
}

fn read_passengers(object: Object<'_>, asked: &mut Asked) {
    if object.optional("adults").is_some() {
        asked.adults = object.optional_number("adults", 1..=9).map(|count| count as u8);
    }
    asked.infants = object.optional_number("infants", 0..=9).unwrap_or(0) as u8;
    if let Some(value) = object.optional("children") {
        let age = |value: &Value| value.as_u64().and_then(|age| u8::try_from(age).ok());
        let ages: Option<Vec<u8>> = value.as_array().and_then(|ages| ages.iter().map(age).collect());
        match ages {
            Some(ages) => asked.child_ages = ages,
            None => object.error("children", "ages", "are ages in years, like [7, 9]"),
        }
    }
    object.close();
}

//! Searches: what a query string or a body asks for, as the read path wants it.

mod body;
mod filters;
mod params;

pub use body::{FiltersBody, PassengersBody, SearchBody, SliceBody};
pub use params::SearchParams;

use super::Errors;
use super::query::Query;
use crate::auth::key::Market;
use interline_domain::money::Currency;
use interline_domain::passengers::{PassengerMix, PassengerMixError};
use interline_domain::places;
use interline_domain::trip::{Cabin, PlaceCode, SliceQuery, SupplierScope, Trip, TripError};
use interline_pricing::{Pricing, PricingContext};
use interline_search::{SearchRequest, Sort};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// Airlines open their flights for sale about a year ahead.
const DAYS_AHEAD: i64 = 365;
const DEFAULT_LIMIT: u16 = 50;
const CABINS: &str = "is `economy`, `premium_economy`, `business` or `first`";
const SORTS: &str = "is `price`, `duration`, `departure` or `arrival`";
const PLACE: &str = "is an IATA airport or city code, upper case";
const DATE: &str = "is a date like 2027-01-20";
const CURRENCY: &str = "is an ISO 4217 currency code that prices can be shown in";

/// What a search is made in: the key's market, the rates, the time.
pub struct Setting<'a> {
    /// What the API key sells as.
    pub market: &'a Market,
    /// Names the rates in force.
    pub pricing: &'a Pricing,
    /// Now.
    pub now: Timestamp,
}

/// What is asked for, as far as it could be read.
#[derive(Default)]
struct Asked {
    slices: Vec<SliceAsked>,
    adults: Option<u8>,
    child_ages: Vec<u8>,
    infants: u8,
    cabin: Option<Cabin>,
    currency: Option<Currency>,
    sort: Option<Sort>,
    limit: Option<u16>,
    alternatives: Option<u8>,
    cursor: Option<String>,
}

/// One leg, with the names of its fields.
struct SliceAsked {
    origin: Option<PlaceCode>,
    destination: Option<PlaceCode>,
    date: Option<Date>,
    destination_field: String,
    date_field: String,
}

/// Names of the fields that passenger rules complain about.
struct PassengerFields {
    adults: &'static str,
    children: &'static str,
    infants: &'static str,
}

/// Reads a query string; every broken rule is named in `errors`, and there is a request only if none is.
pub fn read_query(raw: Option<&str>, setting: &Setting<'_>, errors: &mut Errors) -> Option<SearchRequest> {
    let query = Query::read(raw, params::NAMES, errors);
    let mut asked = Asked::default();
    let origin = query.required("origin", "place", PLACE, errors);
    let destination = query.required("destination", "place", PLACE, errors);
    let date = query.required("departure_date", "date", DATE, errors);
    asked.slices.push(SliceAsked {
        origin,
        destination,
        date,
        destination_field: "destination".into(),
        date_field: "departure_date".into(),
    });
    if query.text("return_date").is_some() {
        let date = query.optional("return_date", "date", DATE, errors);
        asked.slices.push(SliceAsked {
            origin: destination,
            destination: origin,
            date,
            destination_field: "origin".into(),
            date_field: "return_date".into(),
        });
    }
    asked.adults = match query.text("adults") {
        Some(_) => query.number("adults", 1..=9, errors).map(|count| count as u8),
        None => Some(1),
    };
    asked.child_ages = query.list("children", "ages", "are ages in years, like `7,9`", errors);
    asked.infants = query.number("infants", 0..=9, errors).unwrap_or(0) as u8;
    asked.cabin = named(query.text("cabin"), "cabin", CABINS, errors).or(Some(Cabin::Economy));
    asked.currency = query.optional("currency", "currency", CURRENCY, errors);
    asked.sort = named(query.text("sort"), "sort", SORTS, errors);
    let bounds = 1..=u32::from(SearchRequest::MAX_LIMIT);
    asked.limit = query.number("limit", bounds, errors).and_then(|limit| u16::try_from(limit).ok());
    let bounds = 0..=u32::from(SearchRequest::MAX_ALTERNATIVES);
    asked.alternatives = query.number("alternatives", bounds, errors).and_then(|most| u8::try_from(most).ok());
    asked.cursor = query.text("cursor").map(str::to_owned);
    let currency = asked.currency.unwrap_or(setting.market.currency);
    let filters = filters::from_query(&query, asked.slices.len(), currency, errors);
    let fields = PassengerFields { adults: "adults", children: "children", infants: "infants" };
    let mut request = finish(asked, setting, &fields, "currency", errors)?;
    request.filters = filters;
    Some(request)
}

/// Reads a body; likewise.
pub fn read_body(value: &Value, setting: &Setting<'_>, errors: &mut Errors) -> Option<SearchRequest> {
    let found = std::cell::RefCell::new(std::mem::take(errors));
    let read = body::read(value, setting.market.currency, &found);
    *errors = found.into_inner();
    let (asked, filters) = read?;
    let fields = PassengerFields {
        adults: "/passengers/adults",
        children: "/passengers/children",
        infants: "/passengers/infants",
    };
    let mut request = finish(asked, setting, &fields, "/currency", errors)?;
    request.filters = filters;
    Some(request)
}

/// The rules that need more than one field, or the time.
fn finish(
    asked: Asked,
    setting: &Setting<'_>,
    fields: &PassengerFields,
    currency_field: &str,
    errors: &mut Errors,
) -> Option<SearchRequest> {
    for slice in &asked.slices {
        check_date(slice, setting.now, errors);
    }
    let currency = asked.currency.unwrap_or(setting.market.currency);
    let rates = setting.pricing.rates();
    if rates.rate(currency, currency).is_none() {
        let known: Vec<_> = rates.currencies().map(|currency| currency.to_string()).collect();
        errors.push(currency_field, "currency", format!("prices can be shown in: {}", known.join(", ")));
    }
    let passengers = passengers(asked.adults, asked.child_ages, asked.infants, fields, errors);
    let trip = trip(&asked.slices, passengers, asked.cabin.unwrap_or(Cabin::Economy), errors)?;
    if !errors.is_empty() {
        return None;
    }
    let market = setting.market;
    Some(SearchRequest {
        trip,
        // Asked in the market's currency whatever is displayed: another display currency costs no supplier call.
        scope: SupplierScope {
            credential_set: market.credential_set.clone(),
            point_of_sale: market.point_of_sale.clone(),
            currency: Some(market.currency),
        },
        context: PricingContext {
            point_of_sale: market.point_of_sale.clone(),
            channel: market.channel.clone(),
            customer_segment: market.customer_segment.clone(),
            display_currency: currency,
            rates: rates.version().clone(),
        },
        filters: Default::default(),
        sort: asked.sort.unwrap_or_default(),
        limit: asked.limit.unwrap_or(DEFAULT_LIMIT),
        alternatives: asked.alternatives.unwrap_or(SearchRequest::MAX_ALTERNATIVES),
        cursor: asked.cursor,
    })
}

fn check_date(slice: &SliceAsked, now: Timestamp, errors: &mut Errors) {
    let (Some(origin), Some(date)) = (slice.origin, slice.date) else { return };
    let zone = places::airports_of(origin.as_str()).first().and_then(|airport| airport.zone());
    let today = zone.unwrap_or(&TimeZone::UTC).to_datetime(now).date();
    if date < today {
        errors.push(&slice.date_field, "past", "is today or later, where the flight leaves");
    } else if date > today.saturating_add(DAYS_AHEAD.days()) {
        errors.push(&slice.date_field, "too_far", format!("is within {DAYS_AHEAD} days"));
    }
}

fn passengers(
    adults: Option<u8>,
    child_ages: Vec<u8>,
    infants: u8,
    fields: &PassengerFields,
    errors: &mut Errors,
) -> Option<PassengerMix> {
    let mix = PassengerMix::new(adults?, child_ages, infants);
    if let Err(error) = &mix {
        let (field, rule) = match error {
            PassengerMixError::NoAdult => (fields.adults, "adult"),
            PassengerMixError::TooMany => (fields.adults, "seats"),
            PassengerMixError::InfantWithoutAdult => (fields.infants, "infant_per_adult"),
            PassengerMixError::ChildAge => (fields.children, "ages"),
        };
        errors.push(field, rule, error.to_string());
    }
    mix.ok()
}

fn trip(asked: &[SliceAsked], passengers: Option<PassengerMix>, cabin: Cabin, errors: &mut Errors) -> Option<Trip> {
    if asked.is_empty() {
        // Named already, by who looked for them.
        return None;
    }
    let slice = |slice: &SliceAsked| {
        Some(SliceQuery { origin: slice.origin?, destination: slice.destination?, departure_date: slice.date? })
    };
    let slices: Vec<_> = asked.iter().map(slice).collect::<Option<_>>()?;
    // A mix that could not be read must not hide what is wrong with the slices.
    let anybody = PassengerMix::new(1, Vec::new(), 0).ok();
    let trip = Trip::new(slices, passengers.or(anybody)?, cabin);
    if let Err(error) = &trip {
        let (field, rule) = match error {
            TripError::SliceCount => ("/slices", "count"),
            TripError::SamePlace(index) => (asked[*index].destination_field.as_str(), "same_place"),
            TripError::DateOrder(index) => (asked[*index].date_field.as_str(), "date_order"),
        };
        errors.push(field, rule, error.to_string());
    }
    trip.ok()
}

/// A value by its name in JSON.
fn named<T: serde::de::DeserializeOwned>(
    text: Option<&str>,
    field: &str,
    message: &str,
    errors: &mut Errors,
) -> Option<T> {
    let value = serde_json::from_value(Value::from(text?)).ok();
    if value.is_none() {
        errors.push(field, "choice", message);
    }
    value
}

#[cfg(test)]
pub(crate) mod tests;

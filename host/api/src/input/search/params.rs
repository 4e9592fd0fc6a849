//! The parameters of a search by query string, as the document shows them.

use utoipa::IntoParams;

/// Names that are known.
pub const NAMES: &[&str] = &[
    "origin",
    "destination",
    "departure_date",
    "return_date",
    "cabin",
    "adults",
    "children",
    "infants",
    "currency",
    "max_stops",
    "airlines",
    "exclude_airlines",
    "connections",
    "exclude_connections",
    "departure_window",
    "arrival_window",
    "max_duration",
    "min_price",
    "max_price",
    "baggage",
    "refundable",
    "sort",
    "limit",
    "alternatives",
    "cursor",
];

/// Parameters of a one-way or return search. They are read by hand, so that one answer names all that is wrong.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; a test holds it against `NAMES`")]
pub struct SearchParams {
    /// IATA airport or city code.
    #[param(example = "CGK", pattern = "^[A-Z0-9]{3}$")]
    origin: String,
    /// IATA airport or city code.
    #[param(example = "NRT", pattern = "^[A-Z0-9]{3}$")]
    destination: String,
    /// Local date at the origin, from today to a year ahead.
    #[param(example = "2027-01-20", format = Date)]
    departure_date: String,
    /// Local date of the way back; none: one way.
    #[param(nullable = false, format = Date)]
    return_date: Option<String>,
    /// `economy` (if not given), `premium_economy`, `business` or `first`.
    #[param(nullable = false, inline)]
    cabin: Option<CabinParam>,
    /// People of 12 and over; 1 if not given.
    #[param(nullable = false, minimum = 1, maximum = 9, example = 1)]
    adults: Option<u8>,
    /// Ages of the children, 2 to 11, on the first day of travel: `7,9`.
    #[param(nullable = false, pattern = "^([2-9]|10|11)(,([2-9]|10|11)){0,7}$")]
    children: Option<String>,
    /// Children under 2, each on the lap of an adult.
    #[param(nullable = false, minimum = 0, maximum = 9)]
    infants: Option<u8>,
    /// ISO 4217 code of the currency to show prices in; the API key's own if not given.
    #[param(nullable = false, pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Most stops of each slice.
    #[param(nullable = false, minimum = 0, maximum = 9)]
    max_stops: Option<u8>,
    /// Marketing carriers that sell every flight: `GA,JL`.
    #[param(nullable = false, pattern = "^[A-Z0-9]{2}(,[A-Z0-9]{2})*$")]
    airlines: Option<String>,
    /// Marketing carriers that sell none of the flights.
    #[param(nullable = false, pattern = "^[A-Z0-9]{2}(,[A-Z0-9]{2})*$")]
    exclude_airlines: Option<String>,
    /// Airports at one of which each connection is made.
    #[param(nullable = false, pattern = "^[A-Z0-9]{3}(,[A-Z0-9]{3})*$")]
    connections: Option<String>,
    /// Airports at which no connection is made.
    #[param(nullable = false, pattern = "^[A-Z0-9]{3}(,[A-Z0-9]{3})*$")]
    exclude_connections: Option<String>,
    /// Local times of departure, one window for each slice: `06:00-12:00`, `06:00-12:00,18:00-02:00`, `*,18:00-23:59`.
    #[param(nullable = false)]
    departure_window: Option<String>,
    /// Local times of arrival, likewise.
    #[param(nullable = false)]
    arrival_window: Option<String>,
    /// Longest travel time of each slice, in minutes.
    #[param(nullable = false, minimum = 1, maximum = 10000)]
    max_duration: Option<u32>,
    /// Least price for all passengers, as a decimal of the currency shown.
    #[param(nullable = false, pattern = "^[0-9]{1,12}(\\.[0-9]{1,4})?$")]
    min_price: Option<String>,
    /// Highest price for all passengers, likewise.
    #[param(nullable = false, pattern = "^[0-9]{1,12}(\\.[0-9]{1,4})?$")]
    max_price: Option<String>,
    /// Only fares with a checked bag for everyone.
    #[param(nullable = false)]
    baggage: Option<bool>,
    /// Only fares that give money back before departure.
    #[param(nullable = false)]
    refundable: Option<bool>,
    /// `price` (if not given), `duration`, `departure` or `arrival`.
    #[param(nullable = false, inline)]
    sort: Option<SortParam>,
    /// Offers a page; 50 if not given.
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// Other fares shown of each offer, cheapest first; 50 if not given, and 0 for the cheapest alone.
    #[param(nullable = false, minimum = 0, maximum = 50)]
    alternatives: Option<u8>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    cursor: Option<String>,
}

/// Cabins, by name.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CabinParam {
    /// Y.
    Economy,
    /// W.
    PremiumEconomy,
    /// C, J.
    Business,
    /// F.
    First,
}

/// Orders, by name.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortParam {
    /// Cheapest first.
    Price,
    /// Shortest first.
    Duration,
    /// Earliest first.
    Departure,
    /// Earliest first.
    Arrival,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_the_parameters_that_are_read() {
        let documented = SearchParams::into_params(|| None);
        let documented: Vec<_> = documented.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(documented, NAMES);
    }
}

use super::*;
use interline_pricing::RateTable;
use interline_runtime::{BaggageRules, CancellationRules, FareRules, RuleSets};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

struct NoRules;

impl RuleSets for NoRules {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        None
    }
    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        None
    }
    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        None
    }
}

fn market() -> Market {
    Market {
        point_of_sale: "ID".into(),
        channel: "web".into(),
        customer_segment: "retail".into(),
        currency: "EUR".parse().unwrap(),
        credential_set: "main".into(),
    }
}

fn with_setting<T>(use_it: impl FnOnce(&Setting<'_>) -> T) -> T {
    let pricing = Pricing::new(Arc::new(NoRules), RateTable::sandbox().unwrap());
    let market = market();
    use_it(&Setting { market: &market, pricing: &pricing, now: "2026-11-23T12:00:00Z".parse().unwrap() })
}

/// A request, and what is wrong with it.
pub(crate) fn query(raw: &str) -> (Option<SearchRequest>, Vec<String>) {
    with_setting(|setting| {
        let mut errors = Errors::default();
        let request = read_query(Some(raw), setting, &mut errors);
        let found = errors.list().iter().map(|error| format!("{} {}", error.field, error.rule)).collect();
        (request, found)
    })
}

fn body(value: &Value) -> (Option<SearchRequest>, Vec<String>) {
    with_setting(|setting| {
        let mut errors = Errors::default();
        let request = read_body(value, setting, &mut errors);
        let found = errors.list().iter().map(|error| format!("{} {}", error.field, error.rule)).collect();
        (request, found)
    })
}

const GOOD: &str = "origin=CGK&destination=NRT&departure_date=2027-01-20&adults=2&children=9,7&infants=1";

#[test]
fn a_query_and_a_body_that_ask_the_same_are_the_same_search() {
    let filters =
        "&max_stops=1&airlines=JL,GA&departure_window=06:00-12:00,*&max_price=1250.50&baggage=true&sort=duration";
    let (by_query, errors) = query(&format!("{GOOD}&return_date=2027-01-27{filters}"));
    assert_eq!(errors, [""; 0]);
    let (by_body, errors) = body(&json!({
        "slices": [
            {"origin": "CGK", "destination": "NRT", "departure_date": "2027-01-20"},
            {"origin": "NRT", "destination": "CGK", "departure_date": "2027-01-27"},
        ],
        "passengers": {"adults": 2, "children": [7, 9], "infants": 1},
        "filters": {
            "max_stops": 1, "airlines": ["GA", "JL"], "departure_windows": ["06:00-12:00", "*"], "max_price": "1250.50",
            "baggage": true,
        },
        "sort": "duration",
    }));
    assert_eq!(errors, [""; 0]);
    assert_eq!(by_query, by_body);
    let request = by_query.unwrap();
    assert_eq!(request.trip.slices().len(), 2);
    assert_eq!(request.filters.max_price, Some(125_050));
    assert_eq!(
        request.filters.departures,
        [interline_search::SliceWindow { slice: 0, window: interline_search::ClockWindow { from: 360, until: 720 } }]
    );
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let (request, errors) = query(
        "origin=ZZZ&departure_date=2020-01-01x&adults=0&children=1,x&infants=-1&cabin=cattle&limit=0&alternatives=51&sort=best&max_price=1e3\
         &departure_window=6-12&airlines=garuda&max_stops=-1&baggage=yes&currency=EURO&colour=red",
    );
    assert!(request.is_none());
    let expected = [
        "colour unknown",
        "origin place",
        "destination required",
        "departure_date date",
        "adults range",
        "children ages",
        "infants range",
        "cabin choice",
        "currency currency",
        "sort choice",
        "limit range",
        "alternatives range",
        "max_stops range",
        "airlines codes",
        "departure_window window",
        "max_price amount",
        "baggage format",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn rules_that_span_fields_are_checked() {
    let broken = |change: &str, expected: &str| {
        let (request, errors) = query(&format!("{change}&adults=1"));
        assert!(request.is_none());
        assert_eq!(errors, [expected], "{change}");
    };
    broken("origin=CGK&destination=CGK&departure_date=2027-01-20", "destination same_place");
    broken("origin=CGK&destination=NRT&departure_date=2027-01-20&return_date=2027-01-19", "return_date date_order");
    broken("origin=CGK&destination=NRT&departure_date=2026-11-22", "departure_date past");
    broken("origin=CGK&destination=NRT&departure_date=2028-01-20", "departure_date too_far");
    broken("origin=CGK&destination=NRT&departure_date=2027-01-20&infants=2", "infants infant_per_adult");
    broken("origin=CGK&destination=NRT&departure_date=2027-01-20&children=12", "children ages");
    broken("origin=CGK&destination=NRT&departure_date=2027-01-20&children=5,5,5,5,5,5,5,5,5", "adults seats");
    broken("origin=CGK&destination=NRT&departure_date=2027-01-20&currency=SSP", "currency currency");
    broken("origin=CGK&destination=NRT&departure_date=2027-01-20&arrival_window=*,*", "arrival_window window");
}

#[test]
fn today_is_today_where_the_flight_leaves() {
    // Noon in Greenwich on the 23rd is the 24th in Auckland.
    assert_eq!(query("origin=AKL&destination=NRT&departure_date=2026-11-23").1, ["departure_date past"]);
    assert!(query("origin=AKL&destination=NRT&departure_date=2026-11-24").0.is_some());
    assert!(query("origin=LAX&destination=NRT&departure_date=2026-11-23").0.is_some());
}

#[test]
fn a_body_of_any_shape_is_answered_field_by_field() {
    for value in [json!(null), json!([]), json!("x")] {
        assert_eq!(body(&value).1, [" type"]);
    }
    assert_eq!(body(&json!({})).1, ["/slices required"]);
    assert_eq!(body(&json!({"slices": []})).1, ["/slices count"]);
    let (_, errors) =
        body(&json!({"slices": [{"origin": 1, "x": 2}], "passengers": [], "filters": {"airlines": "GA"}, "y": 1}));
    let expected = [
        "/slices/0/origin type",
        "/slices/0/destination required",
        "/slices/0/departure_date required",
        "/slices/0/x unknown",
        "/passengers type",
        "/filters/airlines codes",
        "/y unknown",
    ];
    assert_eq!(errors, expected);
}

proptest! {
    #[test]
    fn no_query_is_too_odd_to_be_answered(raw in "[a-z_]{0,12}(=[ -~]{0,12}&[a-z_]{1,12}){0,6}") {
        let (request, errors) = query(&raw);
        prop_assert_eq!(request.is_none(), !errors.is_empty());
    }

    #[test]
    fn a_search_is_either_whole_or_complained_about(
        adults in 0..12_u8, children in prop::collection::vec(0..14_u8, 0..5), infants in 0..4_u8, day in 1..60_u8,
    ) {
        let ages = children.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        let children = if ages.is_empty() { String::new() } else { format!("&children={ages}") };
        let raw = format!("origin=CGK&destination=NRT&departure_date=2027-01-{day:02}&adults={adults}{children}&infants={infants}");
        let (request, errors) = query(&raw);
        prop_assert_eq!(request.is_none(), !errors.is_empty());
        if let Some(request) = request {
            prop_assert!(request.trip.passengers.infants() <= request.trip.passengers.adults());
            prop_assert!(request.trip.passengers.seats() <= 9);
        }
    }
}

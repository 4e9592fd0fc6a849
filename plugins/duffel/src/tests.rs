//! The operations over scripted answers of Duffel; the answers are in `fixtures/`, of invented airlines.

mod booking;
mod cancelling;
mod mutated;
mod shopping;
mod variants;

use interline_plugin_sdk::http::Response;
use interline_plugin_sdk::supplier::{Money, Passenger, PassengerType};

fn fixture(name: &str) -> Response {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Response::new(200, std::fs::read(path).expect("a fixture"))
}

/// A fixture with one text in the place of another.
fn altered(name: &str, from: &str, to: &str) -> Response {
    let fixture = fixture(name);
    let text = fixture.text().into_owned();
    assert!(text.contains(from), "{from}");
    Response::new(200, text.replace(from, to))
}

fn refusal(status: u16, kind: &str, code: &str) -> Response {
    let body = serde_json::json!({"errors": [{"type": kind, "code": code, "title": "No", "message": "not so"}]});
    Response::new(status, body.to_string())
}

fn euro(units: i64) -> Money {
    Money { units, currency: "EUR".to_owned(), exponent: 2 }
}

/// Two adults, a child and an infant.
fn family() -> Vec<Passenger> {
    let one = |kind, age| Passenger { kind, age };
    vec![
        one(PassengerType::Adult, None),
        one(PassengerType::Adult, None),
        one(PassengerType::Child, Some(9)),
        one(PassengerType::Infant, Some(1)),
    ]
}

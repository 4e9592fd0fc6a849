//! The operations over scripted answers; the answers are in `fixtures/`, of invented airlines.

mod booking;
mod cancelling;
mod mutated;
mod shopping;
mod variants;

use interline_plugin_sdk::http::{Response, Script};
use interline_plugin_sdk::supplier::{Money, OrderRef, Passenger, PassengerType};
use interline_plugin_sdk::xml::{self, Element, Tree};

fn fixture(name: &str) -> Response {
    let path = format!("{}/fixtures/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    Response::new(200, std::fs::read(path).expect("a fixture"))
}

/// A fixture with one text in the place of another.
fn altered(name: &str, from: &str, to: &str) -> Response {
    let fixture = fixture(name);
    let text = fixture.text().into_owned();
    assert!(text.contains(from), "{from}");
    Response::new(200, text.replace(from, to))
}

fn refusal(code: &str, words: &str) -> Response {
    let error = format!("<Error><Code>{code}</Code><DescText>{words}</DescText><TypeCode>BUSINESS</TypeCode></Error>");
    Response::new(200, format!("<x:IATA_OrderViewRS xmlns:x=\"u\">{error}</x:IATA_OrderViewRS>"))
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

fn reference() -> OrderRef {
    let token = crate::token::OrderToken {
        owner: Some("XQ".to_owned()),
        pax: (0..4).map(crate::mapping::party::own_id).collect(),
    };
    OrderRef { id: "XQ1".to_owned(), token: serde_json::to_vec(&token).expect("a token"), timeout_ms: 5_000 }
}

/// What was sent, by message.
fn sent(script: &Script) -> Vec<Tree> {
    script.sent().iter().map(|request| xml::parse(&String::from_utf8_lossy(&request.body)).expect("XML")).collect()
}

fn names(script: &Script) -> Vec<String> {
    sent(script).iter().map(|message| message.name().to_owned()).collect()
}

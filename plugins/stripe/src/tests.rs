//! The operations over scripted answers of Stripe; the answers are in `fixtures/`.

mod events;
mod payments;

use interline_plugin_sdk::http::Response;
use interline_plugin_sdk::payment::Money;

fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a fixture")
}

fn fixture(name: &str) -> Response {
    Response::new(200, bytes(name))
}

fn refusal(status: u16, kind: &str, code: &str) -> Response {
    let body = serde_json::json!({"error": {"type": kind, "code": code, "message": "No.", "param": "payment_intent"}});
    Response::new(status, body.to_string())
}

fn euro(units: i64) -> Money {
    Money { units, currency: "EUR".to_owned(), exponent: 2 }
}

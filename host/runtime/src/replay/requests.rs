//! Requests for replays: made up where nothing is given.

use super::readable;
use crate::payment::{PaymentRequest, RefundRequest};
use crate::supplier::{CancelRequest, FindRequest, OrderRef, OrderRequest, PriceRequest, SearchRequest, TicketRequest};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(super) struct Requests {
    given: Value,
}

impl Requests {
    pub(super) fn new(given: Value) -> Self {
        Self { given }
    }

    pub(super) fn search(&self) -> Result<SearchRequest, serde_json::Error> {
        self.over(json!({
            "trip": {
                "slices": [{ "origin": "CGK", "destination": "NRT", "departure_date": "2027-01-20" }],
                "passengers": { "adults": 1, "child_ages": [], "infants": 0 },
                "cabin": "economy",
            },
            "currency": null,
            "point_of_sale": null,
            "timeout": timeout(),
            "max_offers": 10_000,
        }))
    }

    pub(super) fn price(&self) -> Result<PriceRequest, serde_json::Error> {
        self.over(json!({
            "offer_id": "replayed-offer",
            "token": "",
            "passengers": [{ "kind": "adult", "age": null }],
            "timeout": timeout(),
        }))
    }

    pub(super) fn create(&self) -> Result<OrderRequest, serde_json::Error> {
        self.over(json!({
            "client_reference": "replayed-reference",
            "offer_id": "replayed-offer",
            "token": "",
            "expected_total": money(),
            "travellers": [{
                "kind": "adult",
                "title": "ms",
                "given_name": "Rita",
                "family_name": "Replay",
                "born_on": "1990-01-31",
                "gender": "female",
                "document": null,
                "lap_of": null,
            }],
            "contact": { "email": "rita.replay@example.com", "phone": "+6281234567890" },
            "timeout": timeout(),
        }))
    }

    pub(super) fn order(&self) -> Result<OrderRef, serde_json::Error> {
        self.over(order())
    }

    pub(super) fn find(&self) -> Result<FindRequest, serde_json::Error> {
        self.over(json!({
            "client_reference": "replayed-reference",
            "order_id": null,
            "family_name": "Replay",
            "given_name": "Rita",
            "origin": "CGK",
            "departure_date": "2027-01-20",
            "first_tried_at": "2026-12-01T00:00:00Z",
            "timeout": timeout(),
        }))
    }

    pub(super) fn issue(&self) -> Result<TicketRequest, serde_json::Error> {
        self.over(json!({
            "client_reference": "replayed-reference",
            "order": order(),
            "travellers": 1,
            "expected_total": money(),
        }))
    }

    pub(super) fn cancel(&self) -> Result<CancelRequest, serde_json::Error> {
        self.over(json!({ "client_reference": "replayed-reference", "order": order(), "quote": "" }))
    }

    pub(super) fn payment(&self) -> Result<PaymentRequest, serde_json::Error> {
        self.over(json!({
            "client_reference": "replayed-reference",
            "amount": money(),
            "description": "Replayed payment",
            "booking_id": "replayed-booking",
            "payment_id": "replayed-payment",
        }))
    }

    pub(super) fn refund(&self) -> Result<RefundRequest, serde_json::Error> {
        self.over(json!({
            "client_reference": "replayed-reference",
            "payment": "replayed-payment",
            "amount": money(),
            "booking_id": "replayed-booking",
        }))
    }

    /// An id alone: `{"id": "…"}` or a string.
    pub(super) fn id(&self) -> String {
        let given = self.given.as_str().or_else(|| self.given.get("id").and_then(Value::as_str));
        given.unwrap_or("replayed-id").to_owned()
    }

    fn over<T: DeserializeOwned>(&self, mut made_up: Value) -> Result<T, serde_json::Error> {
        overlay(&mut made_up, &self.given);
        serde_json::from_value(with_bytes(made_up))
    }
}

fn timeout() -> Value {
    json!({ "secs": 30, "nanos": 0 })
}

fn money() -> Value {
    json!({ "units": 100_000, "currency": "USD" })
}

fn order() -> Value {
    json!({ "id": "replayed-order", "token": "", "timeout": timeout() })
}

/// What is given, over what is made up: field by field in objects, whole otherwise.
fn overlay(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                overlay(under.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (under, over) => under.clone_from(over),
    }
}

/// Text in the place of bytes becomes bytes.
fn with_bytes(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, field)| match field {
                    Value::String(text) if readable::BYTES.contains(&name.as_str()) => {
                        let bytes = readable::bytes(&text).into_iter().map(Value::from).collect();
                        (name, Value::Array(bytes))
                    }
                    field => (name, with_bytes(field)),
                })
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_can_be_made_up() {
        let requests = Requests::new(Value::Null);
        requests.search().unwrap();
        requests.price().unwrap();
        requests.create().unwrap();
        requests.order().unwrap();
        requests.find().unwrap();
        requests.issue().unwrap();
        requests.cancel().unwrap();
        requests.payment().unwrap();
        requests.refund().unwrap();
    }

    #[test]
    fn what_is_given_goes_over_what_is_made_up() {
        let given = json!({ "order": { "token": "{\"a\":1}" }, "travellers": 3 });
        let request = Requests::new(given).issue().unwrap();
        assert_eq!(request.order.token, b"{\"a\":1}");
        assert_eq!((request.order.id.as_str(), request.travellers), ("replayed-order", 3));
    }
}

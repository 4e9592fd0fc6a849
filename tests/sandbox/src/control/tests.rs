use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::visitor::Visitor;

#[tokio::test]
async fn calls_are_counted_and_a_reset_forgets_them() {
    let visitor = Visitor::arrive().await;
    visitor.duffel("GET", "/air/orders", Value::Null).await.unwrap();
    visitor.stripe("GET", "/v1/payment_intents", "", "").await.unwrap();
    let calls = visitor.control("GET", "/calls", Value::Null).await.json();
    assert_eq!(calls, json!({ "duffel": { "orders.list": 1 }, "stripe": { "payment_intents.list": 1 } }));
    assert_eq!(visitor.control("DELETE", "", Value::Null).await.status, 204);
    assert_eq!(visitor.control("GET", "/calls", Value::Null).await.json(), json!({}));
    assert_eq!(visitor.control("GET", "/orders", Value::Null).await.json(), json!({ "orders": [] }));
    assert_eq!(visitor.control("GET", "/payments", Value::Null).await.json(), json!({ "payments": [] }));
}

#[tokio::test]
async fn a_wrong_fault_is_refused_by_its_field() {
    let visitor = Visitor::arrive().await;
    let field_of = async |fault: Value| {
        let answer = visitor.control("PUT", "/faults", json!({ "faults": [fault] })).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        answer.json()["error"]["field"].as_str().unwrap().to_owned()
    };
    let cut = json!({ "kind": "cut" });
    assert_eq!(field_of(json!({ "fault": cut })).await, "faults[0].supplier");
    assert_eq!(field_of(json!({ "supplier": "duffel", "fault": cut, "tmes": 1 })).await, "faults[0].tmes");
    assert_eq!(
        field_of(json!({ "supplier": "duffel", "operation": "buy", "fault": cut })).await,
        "faults[0].operation"
    );
    let status = json!({ "supplier": "duffel", "fault": { "kind": "status", "status": 200 } });
    assert_eq!(field_of(status).await, "faults[0].fault.status");
}

#[tokio::test]
async fn faults_of_the_line_strike_as_ordered() {
    let visitor = Visitor::arrive().await;
    let strike = async |fault: Value| {
        let fault = json!({ "faults": [{ "supplier": "duffel", "fault": fault, "times": 1 }] });
        let set = visitor.control("PUT", "/faults", fault).await;
        assert_eq!(set.status, 200, "{}", set.text());
        let begun = Instant::now();
        let struck = visitor.duffel("GET", "/air/orders", Value::Null).await;
        let took = begun.elapsed();
        assert_eq!(visitor.duffel("GET", "/air/orders", Value::Null).await.unwrap().status, 200, "once is enough");
        (struck, took)
    };
    assert_eq!(strike(json!({ "kind": "status", "status": 503 })).await.0.unwrap().status, 503);
    let limited = strike(json!({ "kind": "rate_limited", "retry_after_s": 7 })).await.0.unwrap();
    assert_eq!((limited.status, limited.headers["retry-after"].to_str().unwrap()), (429, "7"));
    assert!(strike(json!({ "kind": "cut" })).await.0.is_none());
    let garbled = strike(json!({ "kind": "malformed" })).await.0.unwrap();
    assert!(serde_json::from_slice::<Value>(&garbled.body).is_err());
    let (late, took) = strike(json!({ "kind": "latency", "after": { "fixed_ms": 120 } })).await;
    assert!(late.is_some() && took >= Duration::from_millis(120));
    let (slow, took) = strike(json!({ "kind": "slow_drip", "total_ms": 120 })).await;
    assert!(slow.is_some() && took >= Duration::from_millis(100));
    let faults = visitor.control("GET", "/faults", Value::Null).await.json();
    assert_eq!(faults["faults"][0]["fired"], 1);
}

#[tokio::test]
async fn webhooks_are_set_field_by_field() {
    let visitor = Visitor::arrive().await;
    let set = visitor.control("PUT", "/webhooks", json!({ "copies": 5 })).await.json();
    assert_eq!((&set["copies"], &set["suppress"]), (&json!(5), &json!(false)));
    let wrong = visitor.control("PUT", "/webhooks", json!({ "url": "nowhere" })).await;
    assert_eq!(wrong.json()["error"]["field"], "url");
}

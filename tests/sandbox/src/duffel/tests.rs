use serde_json::{Value, json};

use crate::faults::{Fault, Kind};
use crate::supplier::Supplier;
use crate::visitor::Visitor;

async fn search(visitor: &Visitor, passengers: Value) -> Value {
    let body = json!({ "data": {
        "slices": [{ "origin": "CGK", "destination": "NRT", "departure_date": "2027-01-20" }],
        "passengers": passengers,
        "cabin_class": "economy",
    }});
    let answer = visitor.duffel("POST", "/air/offer_requests?return_offers=true", body).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["data"].clone()
}

fn traveller(passenger: &Value, born_on: &str) -> Value {
    json!({
        "id": passenger["id"], "title": "ms", "given_name": "Ada", "family_name": "Wiranto", "gender": "f",
        "born_on": born_on, "email": "ada@example.com", "phone_number": "+6281234567890",
    })
}

fn order_of(offer: &Value, kind: &str, travellers: Vec<Value>) -> Value {
    let mut data = json!({
        "type": kind,
        "selected_offers": [offer["id"]],
        "passengers": travellers,
        "metadata": { "client_reference": "ref-1" },
    });
    if kind == "instant" {
        data["payments"] =
            json!([{ "type": "balance", "amount": offer["total_amount"], "currency": offer["total_currency"] }]);
    }
    json!({ "data": data })
}

fn adult_order(offer: &Value) -> Value {
    order_of(offer, "instant", vec![traveller(&offer["passengers"][0], "1990-05-01")])
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["code"].as_str().unwrap()
}

async fn one_offer(visitor: &Visitor) -> Value {
    search(visitor, json!([{ "type": "adult" }])).await["offers"][0].clone()
}

#[tokio::test]
async fn an_order_made_is_an_order_retrieved() {
    let visitor = Visitor::arrive().await;
    let offer = one_offer(&visitor).await;
    let made = visitor.duffel("POST", "/air/orders", adult_order(&offer)).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json()["data"].clone();
    let path = format!("/air/orders/{}", made["id"].as_str().unwrap());
    let mut got = visitor.duffel("GET", &path, Value::Null).await.unwrap().json()["data"].clone();
    got["synced_at"] = made["synced_at"].clone();
    assert_eq!(made, got);
    assert_eq!(made["documents"].as_array().unwrap().len(), 1);
    assert_eq!(made["documents"][0]["unique_identifier"].as_str().unwrap().len(), 13);
    assert_eq!(made["metadata"]["client_reference"], "ref-1");
    let listed = visitor.duffel("GET", "/air/orders?limit=1", Value::Null).await.unwrap().json();
    assert_eq!(listed["data"][0]["id"], made["id"]);
    let books = visitor.sandbox.control().orders();
    assert_eq!(books[0].client_reference.as_deref(), Some("ref-1"));
    assert_eq!(books[0].times_paid, 1);
}

#[tokio::test]
async fn a_family_travels_on_one_hold_order_paid_later() {
    let visitor = Visitor::arrive().await;
    let family = json!([{ "type": "adult" }, { "type": "adult" }, { "age": 7 }, { "age": 1 }]);
    let found = search(&visitor, family).await;
    let holdable = |offer: &&Value| offer["payment_requirements"]["requires_instant_payment"] == false;
    let offer = found["offers"].as_array().unwrap().iter().find(holdable).unwrap();
    let births = ["1990-05-01", "1988-02-03", "2019-06-01", "2026-01-05"];
    let mut travellers: Vec<Value> =
        births.iter().enumerate().map(|(index, born)| traveller(&offer["passengers"][index], born)).collect();
    let refused = visitor.duffel("POST", "/air/orders", order_of(offer, "hold", travellers.clone())).await.unwrap();
    assert_eq!(refused.status, 422, "the infant sits on nobody's lap");
    travellers[0]["infant_passenger_id"] = offer["passengers"][3]["id"].clone();
    let held = visitor.duffel("POST", "/air/orders", order_of(offer, "hold", travellers)).await.unwrap();
    assert_eq!(held.status, 201, "{}", held.text());
    let held = held.json()["data"].clone();
    assert_eq!(held["payment_status"]["awaiting_payment"], true);
    assert_eq!(held["documents"], json!([]));
    let pay = |amount: Value| {
        let payment = json!({ "type": "balance", "amount": amount, "currency": held["total_currency"] });
        json!({ "data": { "order_id": held["id"], "payment": payment } })
    };
    let wrong = visitor.duffel("POST", "/air/payments", pay(json!("1.00"))).await.unwrap().json();
    assert_eq!(code(&wrong), "payment_amount_does_not_match_order_amount");
    let paid = visitor.duffel("POST", "/air/payments", pay(held["total_amount"].clone())).await.unwrap();
    assert_eq!(paid.status, 201, "{}", paid.text());
    let again = visitor.duffel("POST", "/air/payments", pay(held["total_amount"].clone())).await.unwrap().json();
    assert_eq!(code(&again), "already_paid");
    assert_eq!(visitor.sandbox.control().orders()[0].tickets.len(), 4);
}

#[tokio::test]
async fn a_cancelled_order_gives_back_what_its_fare_allows() {
    let visitor = Visitor::arrive().await;
    let found = search(&visitor, json!([{ "type": "adult" }])).await;
    let flexible = |offer: &&Value| offer["conditions"]["refund_before_departure"]["penalty_amount"] == "0.00";
    let offer = found["offers"].as_array().unwrap().iter().find(flexible).unwrap();
    let order = visitor.duffel("POST", "/air/orders", adult_order(offer)).await.unwrap().json()["data"].clone();
    let ask = json!({ "data": { "order_id": order["id"] } });
    let quote = visitor.duffel("POST", "/air/order_cancellations", ask.clone()).await.unwrap().json()["data"].clone();
    assert_eq!(quote["refund_amount"], order["total_amount"]);
    assert_eq!(quote["confirmed_at"], Value::Null);
    let path = format!("/air/order_cancellations/{}/actions/confirm", quote["id"].as_str().unwrap());
    let confirmed = visitor.duffel("POST", &path, Value::Null).await.unwrap();
    assert_eq!(confirmed.status, 200);
    assert!(confirmed.json()["data"]["confirmed_at"].is_string());
    let again = visitor.duffel("POST", "/air/order_cancellations", ask).await.unwrap().json();
    assert_eq!(code(&again), "already_cancelled");
    assert_eq!(visitor.sandbox.control().orders()[0].refunded.as_deref(), order["total_amount"].as_str());
}

#[tokio::test]
async fn one_offer_makes_one_order() {
    let visitor = Visitor::arrive().await;
    let offer = one_offer(&visitor).await;
    let (one, other) = tokio::join!(
        visitor.duffel("POST", "/air/orders", adult_order(&offer)),
        visitor.duffel("POST", "/air/orders", adult_order(&offer)),
    );
    let mut statuses = [one.unwrap().status, other.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
    assert_eq!(visitor.sandbox.control().orders().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_leaves_an_order_behind() {
    let visitor = Visitor::arrive().await;
    let offer = one_offer(&visitor).await;
    visitor.sandbox.control().add_fault(Fault::at(Supplier::Duffel, Kind::LostAnswer {}).times(1));
    assert!(visitor.duffel("POST", "/air/orders", adult_order(&offer)).await.is_none());
    let listed = visitor.duffel("GET", "/air/orders", Value::Null).await.unwrap().json();
    assert_eq!(listed["data"][0]["metadata"]["client_reference"], "ref-1");
    let path = "/air/orders?created_at%5Bafter%5D=2100-01-01T00:00:00Z";
    let later = visitor.duffel("GET", path, Value::Null).await.unwrap().json();
    assert_eq!(later["data"], json!([]));
    assert_eq!(visitor.sandbox.control().calls_of(Supplier::Duffel, "orders.create"), 1);
}

#[tokio::test]
async fn a_risen_price_stays_risen() {
    let visitor = Visitor::arrive().await;
    let offer = one_offer(&visitor).await;
    let path = format!("/air/offers/{}", offer["id"].as_str().unwrap());
    visitor.sandbox.control().add_fault(Fault::at(Supplier::Duffel, Kind::PriceChange { percent: 10 }).times(1));
    let risen = visitor.duffel("GET", &path, Value::Null).await.unwrap().json()["data"].clone();
    assert_ne!(risen["total_amount"], offer["total_amount"]);
    let same = visitor.duffel("GET", &path, Value::Null).await.unwrap().json()["data"].clone();
    assert_eq!(same["total_amount"], risen["total_amount"]);
    let refused = visitor.duffel("POST", "/air/orders", adult_order(&offer)).await.unwrap().json();
    assert_eq!(code(&refused), "payment_amount_does_not_match_order_amount");
    assert_eq!(visitor.duffel("POST", "/air/orders", adult_order(&risen)).await.unwrap().status, 201);
}

#[tokio::test]
async fn sold_out_is_sold_out_for_good() {
    let visitor = Visitor::arrive().await;
    let offer = one_offer(&visitor).await;
    let path = format!("/air/offers/{}", offer["id"].as_str().unwrap());
    visitor.sandbox.control().add_fault(Fault::at(Supplier::Duffel, Kind::SoldOutAtTicketing {}).times(1));
    assert_eq!(visitor.duffel("GET", &path, Value::Null).await.unwrap().status, 200);
    for _ in 0..2 {
        let refused = visitor.duffel("POST", "/air/orders", adult_order(&offer)).await.unwrap();
        assert_eq!((refused.status, code(&refused.json())), (422, "offer_no_longer_available"));
    }
    assert_eq!(visitor.sandbox.control().faults()[0].fired, 1);
}

#[tokio::test]
async fn callers_are_held_to_the_protocol() {
    let visitor = Visitor::arrive().await;
    let url = format!("{}/air/orders", visitor.sandbox.url(Supplier::Duffel));
    let no_token = visitor.call("GET", &url, &[("duffel-version", "v2")], "").await.unwrap();
    assert_eq!(no_token.status, 401);
    let token = ("authorization", "Bearer duffel_test_sandbox");
    let no_version = visitor.call("GET", &url, &[token], "").await.unwrap();
    assert_eq!((no_version.status, code(&no_version.json())), (400, "missing_version_header"));
    let empty = visitor.duffel("POST", "/air/offer_requests", json!({ "data": {} })).await.unwrap();
    assert_eq!(empty.status, 422);
    let pointers: Vec<_> =
        empty.json()["errors"].as_array().unwrap().iter().map(|e| e["source"]["pointer"].clone()).collect();
    assert_eq!(pointers, ["/slices", "/passengers"]);
    let wrong = visitor.duffel("GET", "/air/offers/off_0000x", Value::Null).await.unwrap();
    assert_eq!(wrong.status, 404);
    assert!(wrong.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn offers_come_in_pages() {
    let visitor = Visitor::arrive().await;
    let found = search(&visitor, json!([{ "type": "adult" }])).await;
    let all = found["offers"].as_array().unwrap().len();
    let request = found["id"].as_str().unwrap();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/air/offers?offer_request_id={request}&limit=25&sort=total_amount{after}");
        let page = visitor.duffel("GET", &path, Value::Null).await.unwrap().json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|offer| offer["id"].clone()));
        match page["meta"]["after"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => break,
        }
    }
    seen.sort_by_key(|id| id.to_string());
    seen.dedup();
    assert_eq!(seen.len(), all);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it() {
    let visitor = Visitor::arrive().await;
    let url = format!("{}/air/offer_requests", visitor.sandbox.url(Supplier::Duffel));
    let headers = [
        ("authorization", "Bearer duffel_test_sandbox"),
        ("duffel-version", "v2"),
        ("content-type", "application/json"),
        ("accept-encoding", "gzip"),
    ];
    let body = json!({ "data": {
        "slices": [{ "origin": "LHR", "destination": "JFK", "departure_date": "2027-01-20" }],
        "passengers": [{ "type": "adult" }],
    }});
    let answer = visitor.call("POST", &url, &headers, body.to_string()).await.unwrap();
    assert_eq!(answer.headers["content-encoding"], "gzip");
}

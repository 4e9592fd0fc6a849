use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::webhooks::{Flaw, Plan, sign};
use crate::faults::{Fault, Kind};
use crate::supplier::Supplier;
use crate::visitor::{Answer, Visitor, until};

type Received = Arc<Mutex<Vec<(String, String)>>>;

/// A receiver of webhooks that refuses the first so many; what it took, as signature and body.
async fn receiver(refusals: usize) -> (String, Received) {
    let received = Received::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (into, left) = (Arc::clone(&received), Arc::new(AtomicUsize::new(refusals)));
    let take = move |headers: axum::http::HeaderMap, body: String| async move {
        let refuses = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if refuses {
            return axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        }
        let signature = headers.get("stripe-signature").map(|value| value.to_str().unwrap().to_owned());
        into.lock().push((signature.unwrap_or_default(), body));
        axum::http::StatusCode::OK
    };
    let router = axum::Router::new().route("/hook", axum::routing::post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

async fn visitor_of(url: &str) -> Visitor {
    let config = crate::Config {
        webhook_url: url.to_owned(),
        webhook_first_retry: std::time::Duration::from_millis(5),
        ..crate::Config::on_a_free_port()
    };
    Visitor::with(config).await
}

const INTENT: &str = "amount=12345&currency=eur&automatic_payment_methods[enabled]=true&metadata[booking_id]=b1";

async fn create(visitor: &Visitor, key: &str) -> Value {
    let answer = visitor.stripe("POST", "/v1/payment_intents", INTENT, key).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn confirm(visitor: &Visitor, intent: &Value, method: &str) -> Answer {
    let path = format!("/v1/payment_intents/{}/confirm", intent["id"].as_str().unwrap());
    visitor.stripe("POST", &path, &format!("payment_method={method}"), "").await.unwrap()
}

fn kinds(received: &Received) -> Vec<String> {
    let kind = |(_, body): &(String, String)| serde_json::from_str::<Value>(body).unwrap()["type"].to_string();
    received.lock().iter().map(kind).collect()
}

#[tokio::test]
async fn a_payment_is_made_confirmed_and_refunded() {
    let (url, received) = receiver(0).await;
    let visitor = visitor_of(&url).await;
    let intent = create(&visitor, "k1").await;
    assert_eq!(intent["status"], "requires_payment_method");
    let paid = confirm(&visitor, &intent, "pm_card_visa").await.json();
    assert_eq!((&paid["status"], &paid["amount_received"]), (&json!("succeeded"), &json!(12345)));
    until("the webhooks arrive", || kinds(&received).contains(&"\"payment_intent.succeeded\"".to_owned())).await;
    let form = format!("payment_intent={}&amount=2345", intent["id"].as_str().unwrap());
    let refund = visitor.stripe("POST", "/v1/refunds", &form, "r1").await.unwrap().json();
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("succeeded"), &json!(2345)));
    let path = format!("/v1/payment_intents/{}?expand[]=latest_charge", intent["id"].as_str().unwrap());
    let got = visitor.stripe("GET", &path, "", "").await.unwrap().json();
    assert_eq!(got["latest_charge"]["amount_refunded"], 2345);
    let too_much = form.replace("2345", "99999");
    assert_eq!(visitor.stripe("POST", "/v1/refunds", &too_much, "r2").await.unwrap().status, 400);
    let books = visitor.sandbox.control().payments();
    assert_eq!((books[0].charged, books[0].refunded, books[0].times_charged), (12345, 2345, 1));
    assert_eq!(books[0].refunds[0].client_reference, "r1");
}

#[tokio::test]
async fn a_declined_card_leaves_the_intent_open() {
    let (url, received) = receiver(0).await;
    let visitor = visitor_of(&url).await;
    let intent = create(&visitor, "").await;
    let declined = confirm(&visitor, &intent, "pm_card_chargeDeclined").await;
    assert_eq!((declined.status, &declined.json()["error"]["code"]), (402, &json!("card_declined")));
    until("it is told of", || kinds(&received).contains(&"\"payment_intent.payment_failed\"".to_owned())).await;
    let unknown = confirm(&visitor, &intent, "pm_card_unheard").await;
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (404, &json!("resource_missing")));
    assert_eq!(confirm(&visitor, &intent, "pm_card_visa").await.json()["status"], "succeeded");
    let path = format!("/v1/payment_intents/{}/cancel", intent["id"].as_str().unwrap());
    let late = visitor.stripe("POST", &path, "", "").await.unwrap();
    assert_eq!(late.json()["error"]["payment_intent"]["status"], "succeeded");
}

#[tokio::test]
async fn one_key_makes_one_intent_even_after_a_lost_answer() {
    let visitor = Visitor::arrive().await;
    visitor.sandbox.control().add_fault(Fault::at(Supplier::Stripe, Kind::LostAnswer {}).times(1));
    assert!(visitor.stripe("POST", "/v1/payment_intents", INTENT, "k1").await.is_none());
    let again = visitor.stripe("POST", "/v1/payment_intents", INTENT, "k1").await.unwrap();
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let books = visitor.sandbox.control().payments();
    assert_eq!(books.len(), 1);
    assert_eq!(again.json()["id"], books[0].id.as_str());
    let other = INTENT.replace("12345", "12346");
    let refused = visitor.stripe("POST", "/v1/payment_intents", &other, "k1").await.unwrap();
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (400, &json!("idempotency_error")));
}

#[tokio::test]
async fn a_refused_request_frees_its_key() {
    let visitor = Visitor::arrive().await;
    let wrong = visitor.stripe("POST", "/v1/payment_intents", "amount=1&amonut=2&currency=eur", "k1").await.unwrap();
    assert_eq!(wrong.json()["error"]["param"], "amonut");
    assert_eq!(create(&visitor, "k1").await["status"], "requires_payment_method");
}

#[tokio::test]
async fn a_webhook_is_signed_and_sent_until_it_is_taken() {
    let (url, received) = receiver(2).await;
    let visitor = visitor_of(&url).await;
    create(&visitor, "").await;
    until("it is taken", || received.lock().len() == 1).await;
    let (signature, body) = received.lock()[0].clone();
    let at: i64 = signature.split(',').next().unwrap().trim_start_matches("t=").parse().unwrap();
    assert_eq!(signature, sign("whsec_sandbox", at, &body));
    assert_ne!(signature, sign("whsec_other", at, &body));
    until("all tries are written down", || visitor.sandbox.control().deliveries().len() == 3).await;
    assert_eq!(visitor.sandbox.control().deliveries()[0].attempt, 3);
}

#[tokio::test]
async fn webhooks_can_be_suppressed_doubled_early_and_forged() {
    let (url, received) = receiver(0).await;
    let visitor = visitor_of(&url).await;
    let control = visitor.sandbox.control();
    control.set_webhooks(Plan { suppress: true, ..control.webhooks() });
    let silent = create(&visitor, "").await;
    assert_eq!(control.events().len(), 1);
    control.set_webhooks(Plan { suppress: false, copies: 5, ..control.webhooks() });
    create(&visitor, "").await;
    until("five come", || received.lock().len() == 5).await;
    control.set_webhooks(Plan { copies: 1, before_answer: true, pay_at_once: true, ..control.webhooks() });
    create(&visitor, "").await;
    assert!(kinds(&received).contains(&"\"payment_intent.succeeded\"".to_owned()), "it came before the answer");
    let before = received.lock().len();
    let id = silent["id"].as_str().unwrap();
    assert_eq!(control.forge(id, "payment_intent.succeeded", Flaw::Unsigned).await, Some(200));
    assert_eq!(received.lock()[before].0, "");
    assert!(control.resend(control.events()[0]["id"].as_str().unwrap(), 2));
    until("it comes again", || received.lock().len() == before + 3).await;
}

#[tokio::test]
async fn a_browser_pays_with_the_client_secret_alone() {
    let visitor = Visitor::arrive().await;
    let intent = create(&visitor, "").await;
    let url = format!(
        "{}/v1/payment_intents/{}/confirm",
        visitor.sandbox.url(Supplier::Stripe),
        intent["id"].as_str().unwrap()
    );
    let browser = [("authorization", "Bearer pk_test_sandbox")];
    let without = visitor.call("POST", &url, &browser, "payment_method=pm_card_visa").await.unwrap();
    assert_eq!(without.status, 400);
    let form = format!("payment_method=pm_card_visa&client_secret={}", intent["client_secret"].as_str().unwrap());
    assert_eq!(visitor.call("POST", &url, &browser, form).await.unwrap().json()["status"], "succeeded");
}

#[tokio::test]
async fn slow_payments_and_refunds_settle_later() {
    let visitor = Visitor::arrive().await;
    let intent = create(&visitor, "").await;
    assert_eq!(confirm(&visitor, &intent, "pm_usBankAccount_success").await.json()["status"], "processing");
    until("it is paid", || visitor.sandbox.control().payments()[0].status == "succeeded").await;
    let other = create(&visitor, "").await;
    confirm(&visitor, &other, "pm_card_refundFail").await;
    let form = format!("payment_intent={}", other["id"].as_str().unwrap());
    let refund = visitor.stripe("POST", "/v1/refunds", &form, "").await.unwrap().json();
    assert_eq!(refund["status"], "pending");
    until("it fails", || visitor.sandbox.control().payments()[1].refunds[0].status == "failed").await;
    assert_eq!(visitor.sandbox.control().payments()[1].refunded, 0);
}

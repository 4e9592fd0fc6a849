//! A request repeated with its idempotency key is answered the same, and the answer says that it is a repeat.

use anyhow::{Context, Result, ensure};
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Sends a request twice under one key; the answer.
async fn twice(stack: &Stack, path: &str, body: &Value) -> Result<Value> {
    let key = Uuid::new_v4().to_string();
    let mut answers = Vec::new();
    for replayed in [None, Some("true")] {
        let request = stack.client.request(Method::POST, path).header("Idempotency-Key", &key).json(body);
        let answer = request.send().await?.error_for_status()?;
        let header = answer.headers().get("idempotency-replayed").map(|value| value.to_str()).transpose()?;
        ensure!(header == replayed, "{path}: {header:?} in place of {replayed:?}");
        let status = answer.status();
        answers.push((status, answer.json::<Value>().await?));
    }
    ensure!(answers[0] == answers[1], "{path}: {answers:?}");
    answers.pop().map(|(_, body)| body).context("no answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_whatever_makes_or_moves_something_says_that_it_is_one() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let party = Party::one();
    let quote = stack.client.quote(&trip(&[("CGK", "NRT", day(0))], &party)).await?;
    let contact = json!({"email": "traveller@example.com", "phone": "+628111222333"});
    let new = json!({"quote_id": quote["id"], "passengers": party.passengers(day(0)), "contact": contact});
    let booking = twice(&stack, "/v1/bookings", &new).await?;
    let path = format!("/v1/bookings/{}", booking["id"].as_str().context("no id")?);
    let payment = twice(&stack, &format!("{path}/payments"), &json!({"provider": "stripe"})).await?;
    ensure!(payment["client_secret"].is_string(), "{payment}");
    let quote = stack.client.post(&format!("{path}/cancellation-quotes"), &json!({})).await?.ok()?;
    let cancellation = json!({"cancellation_quote_id": quote["id"]});
    twice(&stack, &format!("{path}/cancellations"), &cancellation).await?;
    Ok(())
}

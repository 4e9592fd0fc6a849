//! A booking's event stream over HTTP: it ends when the booking has come to rest, and goes on from where a client left off.

use anyhow::{Context, Result, ensure};
use interline_journey::stack::{Setup, Stack};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// A stream that has not ended by then does not end.
const PATIENCE: Duration = Duration::from_secs(90);

async fn open(stack: &Stack, booking: &str, after: Option<u64>) -> Result<Response> {
    let mut request = stack.client.request(Method::GET, &format!("/v1/bookings/{booking}/events"));
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after);
    }
    Ok(request.send().await?.error_for_status()?)
}

/// The events of a stream up to its own end, as (id, status).
async fn to_the_end(stream: Response) -> Result<Vec<(u64, String)>> {
    let text = tokio::time::timeout(PATIENCE, stream.text()).await.context("the stream does not end")??;
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| {
        let event: Value = serde_json::from_str(data)?;
        let id = event["id"].as_u64().with_context(|| format!("no id: {event}"))?;
        Ok((id, event["status"].as_str().context("no status")?.to_owned()))
    })
    .collect()
}

fn statuses(events: &[(u64, String)]) -> Vec<&str> {
    events.iter().map(|(_, status)| status.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_booking_at_rest_and_is_resumed_when_it_moves_again() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let id = stack.booked().await?;
    // Open before anything happens, so that the end comes while somebody listens.
    let stream = open(&stack, &id, None).await?;
    let payment = stack.client.pay(&id).await?;
    stack.confirm(&payment).await?;
    let events = to_the_end(stream).await?;
    ensure!(statuses(&events) == ["INIT", "PENDING_PAYMENT", "PENDING_TICKET", "TICKETED"], "{events:?}");
    let resumed = to_the_end(open(&stack, &id, Some(events[1].0)).await?).await?;
    ensure!(resumed == events[2..], "{resumed:?} is not the rest of {events:?}");

    // What `EventSource` asks when the stream has ended, and the answer that makes it stop.
    let last = events[3].0;
    let nothing = open(&stack, &id, Some(last)).await?;
    ensure!(nothing.status() == StatusCode::NO_CONTENT, "{nothing:?}");
    ensure!(nothing.bytes().await?.is_empty());

    let quote = stack.client.post(&format!("/v1/bookings/{id}/cancellation-quotes"), &json!({})).await?.ok()?;
    let cancellation = json!({"cancellation_quote_id": quote["id"]});
    stack.client.post(&format!("/v1/bookings/{id}/cancellations"), &cancellation).await?.ok()?;
    let later = to_the_end(open(&stack, &id, Some(last)).await?).await?;
    let statuses = statuses(&later);
    ensure!(statuses.first() == Some(&"CANCEL_PENDING"), "{later:?}");
    ensure!(matches!(statuses.last(), Some(&("REFUNDED" | "CANCELLED"))), "{later:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_ends_takes_its_streams_with_it_and_says_when_to_come_back() -> Result<()> {
    let mut stack = Stack::start(Setup::with("duffel")).await?;
    let id = stack.booked().await?;
    let stream = open(&stack, &id, None).await?;
    stack.gateway.stop().await?;
    let text = tokio::time::timeout(PATIENCE, stream.text()).await.context("the stream does not end")??;
    let retry = text.lines().find_map(|line| line.strip_prefix("retry: ").or_else(|| line.strip_prefix("retry:")));
    let pause: u64 = retry.context("no pause is told")?.trim().parse()?;
    ensure!((1_000..6_000).contains(&pause), "{pause}");
    Ok(())
}

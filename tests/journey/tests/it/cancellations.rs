//! A ticketed booking is cancelled as it was quoted: at the supplier, in the ledger and at the payment provider, once.

use anyhow::{Context, Result, ensure};
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_sandbox::{Fault, FaultKind, Supplier};
use serde_json::{Value, json};

/// Pays for the cheapest fare that gives money back, and waits for its ticket.
async fn ticketed(stack: &Stack) -> Result<String> {
    let party = Party::one();
    let mut refundable = trip(&[("CGK", "NRT", day(0))], &party);
    refundable["filters"] = json!({"refundable": true});
    let quote = stack.client.quote(&refundable).await?;
    let booking = stack.client.book(&quote, &party.passengers(day(0))).await?;
    let id = booking["id"].as_str().context("the booking has no id")?.to_owned();
    stack.confirm(&stack.client.pay(&id).await?).await?;
    let booking = stack.client.reaches(&id, &["TICKETED", "NEEDS_ATTENTION", "REFUNDED"]).await?;
    ensure!(booking["status"] == "TICKETED", "{booking}\n{}", stack.logs());
    Ok(id)
}

/// Minor units of an amount, whose decimals are always written out.
fn units(amount: &Value) -> Result<i64> {
    let digits = amount["amount"].as_str().with_context(|| format!("no amount: {amount}"))?.replace('.', "");
    Ok(digits.parse()?)
}

async fn quoted(stack: &Stack, id: &str) -> Result<Value> {
    let quote = stack.client.post(&format!("/v1/bookings/{id}/cancellation-quotes"), &Value::Null).await?.ok()?;
    let (charged, _) = stack.moved();
    let (refund, penalty) = (units(&quote["refund"])?, units(&quote["penalty"])?);
    ensure!(refund > 0 && refund + penalty == charged, "{charged} were paid: {quote}");
    Ok(quote)
}

/// The quote's refund went back once, and the supplier has no order left.
async fn cancelled_once(stack: &Stack, id: &str, quote: &Value) -> Result<()> {
    let booking = stack.client.reaches(id, &["REFUNDED", "CANCELLED", "NEEDS_ATTENTION"]).await?;
    ensure!(booking["status"] == "REFUNDED", "{booking}\n{}", stack.logs());
    let refund = units(&quote["refund"])?;
    let payments = stack.sandbox.control().payments();
    let [payment] = payments.as_slice() else { anyhow::bail!("not one payment: {payments:?}") };
    ensure!(payment.refunds.len() == 1 && payment.refunded == refund, "{refund} were quoted: {payment:?}");
    ensure!(stack.ledger(id, "REFUND_COMPLETED").await? == (-refund, 1), "the ledger has another refund");
    let orders = stack.sandbox.control().orders();
    ensure!(orders.len() == 1 && orders[0].cancelled_at.is_some(), "{orders:?}");
    // The agency has the ticket's money back, and not the traveller alone.
    let back = orders[0].refunded.as_deref().context("the supplier gave nothing back")?;
    ensure!(back.parse::<f64>()? > 0.0, "{orders:?}");
    Ok(())
}

async fn cancel(stack: &Stack, id: &str, quote: &Value) -> Result<Value> {
    let path = format!("/v1/bookings/{id}/cancellations");
    let body = json!({"cancellation_quote_id": quote["id"]});
    let answer = stack.client.post_as(&path, &body, "cancel-it-once").await?.ok()?;
    // The same again, and by somebody in a hurry with another key.
    ensure!(stack.client.post_as(&path, &body, "cancel-it-once").await?.ok()?["id"] == answer["id"]);
    let twice = stack.client.post_as(&path, &body, "cancel-it-twice").await?;
    ensure!(twice.status.as_u16() == 409, "a quote was used twice: {twice:?}");
    Ok(answer)
}

async fn quoted_and_cancelled(supplier: &'static str) -> Result<()> {
    let stack = Stack::start(Setup::with(supplier)).await?;
    let id = ticketed(&stack).await?;
    let quote = quoted(&stack, &id).await.map_err(|error| stack.explain(error))?;
    cancel(&stack, &id, &quote).await?;
    cancelled_once(&stack, &id, &quote).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_quoted_comes_back_from_duffel() -> Result<()> {
    quoted_and_cancelled("duffel").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_quoted_comes_back_from_travelport() -> Result<()> {
    quoted_and_cancelled("travelport").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_quoted_comes_back_from_ndc() -> Result<()> {
    quoted_and_cancelled("ndc").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_whose_answer_is_lost_is_neither_forgotten_nor_repeated() -> Result<()> {
    lost("UniversalRecordCancel").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_tickets_whose_answer_is_lost_is_neither_forgotten_nor_repeated() -> Result<()> {
    lost("AirRefund").await
}

/// Cancels at Travelport with one answer lost on the way.
async fn lost(operation: &str) -> Result<()> {
    let stack = Stack::start(Setup::with("travelport")).await?;
    let id = ticketed(&stack).await?;
    let quote = quoted(&stack, &id).await?;
    let lost = Fault::at(Supplier::Travelport, FaultKind::LostAnswer {}).on(operation).times(1);
    stack.sandbox.control().add_fault(lost);
    cancel(&stack, &id, &quote).await?;
    cancelled_once(&stack, &id, &quote).await?;
    let refunds = stack.sandbox.control().calls_of(Supplier::Travelport, "AirRefund");
    ensure!(refunds == 1, "{refunds} refunds were asked for");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_that_is_not_paid_is_cancelled_without_a_refund_and_cannot_be_paid_any_more() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let id = stack.booked().await?;
    let payment = stack.client.pay(&id).await?;
    let quote = stack.client.post(&format!("/v1/bookings/{id}/cancellation-quotes"), &Value::Null).await?.ok()?;
    ensure!(units(&quote["refund"])? == 0 && units(&quote["penalty"])? == 0, "{quote}");
    let answer = cancel(&stack, &id, &quote).await?;
    ensure!(answer["status"] == "CANCELLED", "{answer}");
    ensure!(stack.confirm(&payment).await.is_err(), "a payment of a cancelled booking was taken");
    ensure!(stack.moved() == (0, 0));
    Ok(())
}

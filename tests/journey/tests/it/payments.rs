//! Money moves once, whatever happens to the webhooks.

use anyhow::{Context, Result, ensure};
use interline_journey::stack::{Setup, Stack};
use interline_journey::wait::until;
use interline_sandbox::Supplier;
use interline_sandbox::stripe::webhooks::{Flaw, Plan};

async fn stack() -> Result<Stack> {
    Stack::start(Setup::with("duffel").section("worker", "payment_poll_seconds = 1\nsweep_seconds = 1")).await
}

fn plan(stack: &Stack, change: impl FnOnce(&mut Plan)) {
    let mut plan = stack.sandbox.control().webhooks();
    change(&mut plan);
    stack.sandbox.control().set_webhooks(plan);
}

async fn ticketed_and_charged_once(stack: &Stack, id: &str) -> Result<()> {
    let booking = stack.client.reaches(id, &["TICKETED", "REFUNDED", "NEEDS_ATTENTION"]).await?;
    ensure!(booking["status"] == "TICKETED", "{booking}\n{}", stack.logs());
    let (charged, refunded) = stack.moved();
    ensure!(refunded == 0 && stack.ledger(id, "PAYMENT_SUCCESS").await? == (charged, 1));
    ensure!(stack.sandbox.control().orders().len() == 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_delivered_five_times_at_once_moves_money_once() -> Result<()> {
    let stack = stack().await?;
    plan(&stack, |plan| plan.copies = 5);
    let id = stack.paid().await?;
    ticketed_and_charged_once(&stack, &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_ahead_of_the_answer_is_taken_in() -> Result<()> {
    let stack = stack().await?;
    plan(&stack, |plan| (plan.before_answer, plan.pay_at_once) = (true, true));
    let id = stack.booked().await?;
    stack.client.pay(&id).await?;
    ticketed_and_charged_once(&stack, &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_never_comes_is_found_by_the_sweeper() -> Result<()> {
    let stack = stack().await?;
    plan(&stack, |plan| plan.suppress = true);
    let id = stack.paid().await?;
    ticketed_and_charged_once(&stack, &id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_webhook_is_refused_and_changes_nothing() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let id = stack.booked().await?;
    stack.client.pay(&id).await?;
    let payment = stack.sandbox.control().payments().first().context("no payment")?.id.clone();
    for flaw in [Flaw::WrongSecret, Flaw::Unsigned, Flaw::Stale, Flaw::Tampered] {
        let status = stack.sandbox.control().forge(&payment, "payment_intent.succeeded", flaw).await;
        ensure!(status.is_some_and(|status| (400..500).contains(&status)), "{flaw:?} was answered {status:?}");
    }
    ensure!(stack.client.booking(&id).await?["status"] == "PENDING_PAYMENT");
    ensure!(stack.ledger(&id, "PAYMENT_SUCCESS").await? == (0, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_on_an_expired_booking_refunds_itself() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let id = stack.booked().await?;
    let payment = stack.client.pay(&id).await?;
    sqlx::query("UPDATE bookings SET status = 'EXPIRED', version = version + 1 WHERE id = $1::uuid")
        .bind(&id)
        .execute(&stack.database.pool)
        .await?;
    stack.confirm(&payment).await?;
    stack.client.reaches(&id, &["REFUNDED"]).await.map_err(|error| stack.explain(error))?;
    let (charged, refunded) = stack.moved();
    ensure!(charged > 0 && charged == refunded, "charged {charged}, refunded {refunded}");
    ensure!(stack.ledger(&id, "REFUND_COMPLETED").await? == (-charged, 1));
    ensure!(stack.sandbox.control().orders().is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_success_refunds_itself_and_the_tickets_stay() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let id = stack.paid().await?;
    stack.client.reaches(&id, &["TICKETED"]).await?;
    let control = stack.sandbox.control();
    let first = control.payments().first().context("no payment")?.clone();
    second_success(&stack, &first.metadata, first.amount, &first.currency).await?;
    until("the second payment refunded", || async {
        let payments = stack.sandbox.control().payments();
        let second = payments.iter().find(|payment| payment.id != first.id);
        Ok(match second {
            Some(second) if second.charged > 0 && second.refunded == second.charged => Ok(()),
            other => Err(format!("{other:?}")),
        })
    })
    .await
    .map_err(|error| stack.explain(error))?;
    ensure!(stack.client.booking(&id).await?["status"] == "TICKETED");
    let kept = stack.sandbox.control().payments().into_iter().find(|payment| payment.id == first.id);
    ensure!(kept.is_some_and(|payment| payment.refunded == 0), "the first payment was refunded");
    Ok(())
}

/// A second payment of the same booking, made and paid at the provider behind the gateway's back.
async fn second_success(
    stack: &Stack,
    metadata: &std::collections::BTreeMap<String, String>,
    amount: i64,
    currency: &str,
) -> Result<()> {
    let url = format!("{}/v1/payment_intents", stack.sandbox.url(Supplier::Stripe));
    let mut form = vec![
        ("amount".to_owned(), amount.to_string()),
        ("currency".to_owned(), currency.to_owned()),
        ("confirm".to_owned(), "true".to_owned()),
        ("payment_method".to_owned(), "pm_card_visa".to_owned()),
    ];
    form.extend(metadata.iter().map(|(key, value)| (format!("metadata[{key}]"), value.clone())));
    let request = reqwest::Client::new().post(url).bearer_auth(interline_sandbox::STRIPE_SECRET_KEY).form(&form);
    request.send().await?.error_for_status().context("the second payment")?;
    Ok(())
}

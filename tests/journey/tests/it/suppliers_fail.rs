//! What becomes of a booking when its supplier fails after the traveller has paid.

use anyhow::{Result, ensure};
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use interline_sandbox::{Fault, FaultKind, Supplier};
use serde_json::json;

/// Refunded in full, once: by the ledger, by the provider's books, and at the supplier nothing is left.
async fn refunded_once(stack: &Stack, id: &str) -> Result<()> {
    let booking = stack.client.reaches(id, &["REFUNDED", "TICKETED", "NEEDS_ATTENTION"]).await?;
    ensure!(booking["status"] == "REFUNDED", "{booking}\n{}", stack.logs());
    let payments = stack.sandbox.control().payments();
    let [payment] = payments.as_slice() else { anyhow::bail!("not one payment: {payments:?}") };
    ensure!(payment.refunds.len() == 1 && payment.refunded == payment.charged, "{payment:?}");
    let (paid, _) = stack.ledger(id, "PAYMENT_SUCCESS").await?;
    ensure!(stack.ledger(id, "REFUND_COMPLETED").await? == (-paid, 1), "the ledger does not sum to nothing");
    let left = stack.sandbox.control().orders().into_iter().find(|order| order.cancelled_at.is_none());
    ensure!(left.is_none(), "an order is left: {left:?}");
    Ok(())
}

async fn sold_out(name: &'static str, supplier: Supplier, fault: FaultKind) -> Result<()> {
    let stack = Stack::start(Setup::with(name)).await?;
    stack.sandbox.control().add_fault(Fault::at(supplier, fault));
    let id = stack.paid().await?;
    refunded_once(&stack, &id).await
}

macro_rules! suppliers {
    ($($name:ident: $supplier:ident),*) => { $(mod $name {
        use super::*;

        #[tokio::test(flavor = "multi_thread")]
        async fn sold_out_when_the_order_is_made_is_refunded_once() -> Result<()> {
            sold_out(stringify!($name), Supplier::$supplier, FaultKind::SoldOutAtOrder {}).await
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn sold_out_when_tickets_are_issued_is_refunded_once() -> Result<()> {
            sold_out(stringify!($name), Supplier::$supplier, FaultKind::SoldOutAtTicketing {}).await
        }
    })* };
}

suppliers!(duffel: Duffel, travelport: Travelport, ndc: Ndc);

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_duffel_lists_is_found_and_ticketed_though_its_answer_was_lost() -> Result<()> {
    found_and_ticketed("duffel", Fault::at(Supplier::Duffel, FaultKind::LostAnswer {}).on("orders.create")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_the_traveller_is_found_and_ticketed_though_its_answer_was_lost() -> Result<()> {
    let lost = Fault::at(Supplier::Travelport, FaultKind::LostAnswer {}).on("AirCreateReservation");
    found_and_ticketed("travelport", lost).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_issued_once_though_the_answer_to_issuing_was_lost() -> Result<()> {
    let lost = Fault::at(Supplier::Travelport, FaultKind::LostAnswer {}).on("AirTicketing");
    found_and_ticketed("travelport", lost).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_in_use_elsewhere_is_ticketed_later() -> Result<()> {
    found_and_ticketed("travelport", Fault::at(Supplier::Travelport, FaultKind::PnrBusy {}).on("AirTicketing")).await
}

async fn found_and_ticketed(name: &'static str, fault: Fault) -> Result<()> {
    let stack = Stack::start(Setup::with(name)).await?;
    stack.sandbox.control().add_fault(fault.times(1));
    let id = stack.paid().await?;
    let booking = stack.client.reaches(&id, &["REFUNDED", "TICKETED", "NEEDS_ATTENTION"]).await?;
    ensure!(booking["status"] == "TICKETED", "{booking}\n{}", stack.logs());
    let orders = stack.sandbox.control().orders();
    ensure!(orders.len() == 1 && orders[0].times_paid == 1, "{orders:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_looked_up_waits_for_a_person_and_nothing_is_refunded() -> Result<()> {
    let stack = Stack::start(Setup::with("ndc")).await?;
    stack.sandbox.control().add_fault(Fault::at(Supplier::Ndc, FaultKind::LostAnswer {}).times(1));
    let id = stack.paid().await?;
    let booking = stack.client.reaches(&id, &["REFUNDED", "TICKETED", "NEEDS_ATTENTION"]).await?;
    ensure!(booking["status"] == "NEEDS_ATTENTION", "{booking}\n{}", stack.logs());
    let orders = stack.sandbox.control().orders();
    ensure!(orders.len() == 1, "{orders:?}");
    let (charged, refunded) = stack.moved();
    ensure!(charged > 0 && refunded == 0, "charged {charged}, refunded {refunded}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_that_fails_for_a_while_is_asked_again() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let busy = Fault::at(Supplier::Duffel, FaultKind::RateLimited { retry_after_s: 1 }).on("orders.create").times(2);
    stack.sandbox.control().add_fault(busy);
    let id = stack.paid().await?;
    let booking = stack.client.reaches(&id, &["REFUNDED", "TICKETED", "NEEDS_ATTENTION"]).await?;
    ensure!(booking["status"] == "TICKETED", "{booking}\n{}", stack.logs());
    ensure!(stack.sandbox.control().orders().len() == 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_at_verify_is_told_and_quoted_only_when_accepted() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let page = stack.client.search(&trip(&[("CGK", "NRT", day(0))], &Party::one())).await?;
    let offer = page["offers"][0]["id"].as_str().unwrap_or_default().to_owned();
    stack.sandbox.control().add_fault(Fault::at(Supplier::Duffel, FaultKind::PriceChange { percent: 12 }));
    let changed = stack.client.verify(&offer).await?.ok()?;
    ensure!(changed["result"] == "price_changed" && changed["quote"].is_null(), "{changed}");
    ensure!(changed["old"] != changed["new"]);
    let accept = json!({"accept": changed["new"]});
    let path = format!("/v1/offers/{offer}/verify");
    let confirmed = stack.client.post(&path, &accept).await?.ok()?;
    ensure!(confirmed["result"] == "confirmed", "{confirmed}");
    ensure!(confirmed["quote"]["total"] == changed["new"], "{confirmed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_sold_out_at_verify_is_a_typed_refusal() -> Result<()> {
    let stack = Stack::start(Setup::with("duffel")).await?;
    let page = stack.client.search(&trip(&[("CGK", "NRT", day(0))], &Party::one())).await?;
    let offer = page["offers"][0]["id"].as_str().unwrap_or_default().to_owned();
    stack.sandbox.control().add_fault(Fault::at(Supplier::Duffel, FaultKind::SoldOutAtPrice {}));
    let refused = stack.client.verify(&offer).await?;
    ensure!(refused.status.as_u16() == 409 || refused.status.as_u16() == 410, "{refused:?}");
    ensure!(refused.body["type"].as_str().is_some_and(|kind| kind.contains("sold-out")), "{refused:?}");
    Ok(())
}

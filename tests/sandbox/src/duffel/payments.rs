//! Payments for orders, from the account's balance.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::{self, Errors, Wrong};
use super::orders::Page;
use super::{Paid, render};
use crate::books::{Order, Status};
use crate::faults::Kind;
use crate::money;
use crate::supplier::Supplier;
use crate::wire::{Call, Reply};
use crate::world::World;

/// The payment must be from the balance, in the order's currency, and exact.
pub(super) fn check(payment: &Value, total: i64, currency: money::Currency) -> Result<(), Errors> {
    if payment["type"] != "balance" {
        let mut wrong = Wrong::default();
        wrong.add("validation_inclusion", "Invalid value", "/payment/type", "must be balance");
        return wrong.check();
    }
    if payment["currency"] != currency.code {
        return Err(errors::state(
            "payment_currency_does_not_match_order_currency",
            "Payment currency does not match order currency",
            &format!("The payment must be in {}.", currency.code),
        ));
    }
    if payment["amount"].as_str().and_then(|amount| money::parse(amount, currency.exponent)) != Some(total) {
        return Err(errors::state(
            "payment_amount_does_not_match_order_amount",
            "Payment amount does not match order amount",
            &format!("The payment must be of {}.", currency.decimal(total)),
        ));
    }
    Ok(())
}

/// Writes down that an order was paid for.
pub(super) fn take(world: &World, order: &Order, now: Timestamp) -> Paid {
    let currency = order.product.currency;
    let paid = Paid {
        id: world.id("pay_0000", 18),
        order: order.id.clone(),
        amount: currency.decimal(order.product.total()),
        currency: currency.code,
        made_at: now,
    };
    world.duffel.lock().payments.push(paid.clone());
    paid
}

fn payment_json(paid: &Paid) -> Value {
    json!({
        "id": paid.id,
        "order_id": paid.order,
        "type": "balance",
        "amount": paid.amount,
        "currency": paid.currency,
        "created_at": render::stamp(paid.made_at),
        "live_mode": false,
        "status": "succeeded",
    })
}

/// POST /air/payments
pub(super) fn pay(world: &World, call: &Call, data: &Value) -> Result<Reply, Errors> {
    let mut wrong = Wrong::default();
    let Some(id) = data["order_id"].as_str() else {
        wrong.missing("/order_id");
        wrong.check()?;
        return Err(errors::malformed());
    };
    if !data["payment"].is_object() {
        wrong.missing("/payment");
    }
    wrong.check()?;
    if call.faults.has(&Kind::PnrBusy {}) {
        return Err(errors::airline_busy());
    }
    let now = Timestamp::now();
    let change = call.faults.price_change();
    let gone = call.faults.has(&Kind::SoldOutAtTicketing {});
    let paid = world.books.change(Supplier::Duffel, id, |order| {
        match order.status {
            Status::Ticketed => {
                return Err(errors::state("already_paid", "Order already paid", "The order was paid for already."));
            }
            Status::Cancelled => return Err(errors::already_cancelled()),
            Status::Held => {}
        }
        if gone {
            order.cancel(now);
            return Err(errors::offer_gone());
        }
        if order.pay_by.is_some_and(|pay_by| pay_by <= now) {
            let message = "The time to pay for the order is over.";
            return Err(errors::state("past_payment_required_by_date", "Past payment date", message));
        }
        if let Some(percent) = change {
            order.product = order.product.dearer_by(percent);
            return Err(errors::state("price_changed", "Price changed", "The price of the order has changed."));
        }
        check(&data["payment"], order.product.total(), order.product.currency)?;
        order.issue(now);
        Ok(order.clone())
    });
    let order = paid.ok_or_else(|| errors::linked_not_found("order_id"))??;
    let paid = take(world, &order, now);
    Ok(Reply::json(201, &json!({ "data": payment_json(&paid) })))
}

/// GET /air/payments
pub(super) fn list(world: &World, call: &Call) -> Result<Reply, Errors> {
    let pairs = call.query_pairs();
    let mut wrong = Wrong::default();
    let page = Page::read(&pairs, &mut wrong);
    wrong.check()?;
    let of_order = |paid: &&Paid| pairs.get("order_id").is_none_or(|order| *order == paid.order);
    let payments: Vec<Paid> = world.duffel.lock().payments.iter().rev().filter(of_order).cloned().collect();
    let (cut, meta) = page.cut(&payments);
    Ok(Reply::json(200, &json!({ "data": cut.iter().map(payment_json).collect::<Vec<_>>(), "meta": meta })))
}

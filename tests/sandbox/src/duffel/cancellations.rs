//! Cancelling an order in two steps: a quote, and its confirmation.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::errors::{self, Errors, Wrong};
use super::orders::Page;
use super::{Cancellation, render};
use crate::books::Status;
use crate::faults::Kind;
use crate::supplier::Supplier;
use crate::wire::{Call, Reply};
use crate::world::World;

fn json_of(world: &World, cancellation: &Cancellation) -> Value {
    let order = world.books.find(Supplier::Duffel, |order| order.id == cancellation.order);
    let currency = order.map_or(world.accounts.duffel, |order| order.product.currency);
    json!({
        "id": cancellation.id,
        "order_id": cancellation.order,
        "live_mode": false,
        "refund_amount": currency.decimal(cancellation.refund),
        "refund_currency": currency.code,
        "refund_to": cancellation.refund_to,
        "airline_credits": [],
        "created_at": render::stamp(cancellation.made_at),
        "expires_at": render::stamp(cancellation.expires_at),
        "confirmed_at": cancellation.confirmed_at.map(render::stamp),
    })
}

/// POST /air/order_cancellations
pub(super) fn quote(world: &World, call: &Call, data: &Value) -> Result<Reply, Errors> {
    let mut wrong = Wrong::default();
    if data["order_id"].as_str().is_none_or(str::is_empty) {
        wrong.missing("/order_id");
    }
    wrong.check()?;
    let id = data["order_id"].as_str().unwrap_or_default();
    let order = world.books.find(Supplier::Duffel, |order| order.id == id);
    let order = order.ok_or_else(|| errors::linked_not_found("order_id"))?;
    if call.faults.has(&Kind::PnrBusy {}) {
        return Err(errors::airline_busy());
    }
    let (refund, refund_to) = match order.status {
        Status::Held => (0, "awaiting_payment"),
        Status::Ticketed => (order.product.refundable(), "balance"),
        Status::Cancelled => return Err(errors::already_cancelled()),
    };
    let now = Timestamp::now();
    let cancellation = Cancellation {
        id: world.id("ore_0000", 18),
        order: order.id,
        refund,
        refund_to,
        made_at: now,
        expires_at: now + SignedDuration::from_mins(30),
        confirmed_at: None,
    };
    world.duffel.lock().cancellations.push(cancellation.clone());
    Ok(Reply::json(201, &json!({ "data": json_of(world, &cancellation) })))
}

/// POST /air/order_cancellations/{id}/actions/confirm
pub(super) fn confirm(world: &World, call: &Call, id: &str) -> Result<Reply, Errors> {
    if call.faults.has(&Kind::PnrBusy {}) {
        return Err(errors::airline_busy());
    }
    let now = Timestamp::now();
    let known = find(world, id).ok_or_else(errors::not_found)?;
    if known.confirmed_at.is_some() {
        let message = "The cancellation was confirmed already.";
        return Err(errors::state("order_cancellation_already_confirmed", "Already confirmed", message));
    }
    if known.expires_at <= now {
        let message = "The cancellation has expired. Make another.";
        return Err(errors::state("order_cancellation_expired", "Cancellation expired", message));
    }
    let cancelled = world.books.change(Supplier::Duffel, &known.order, |order| {
        if order.status == Status::Cancelled {
            return Err(errors::already_cancelled());
        }
        order.cancel(now);
        Ok(())
    });
    cancelled.ok_or_else(errors::not_found)??;
    for one in world.duffel.lock().cancellations.iter_mut().filter(|one| one.id == id) {
        one.confirmed_at = Some(now);
    }
    get(world, id)
}

fn find(world: &World, id: &str) -> Option<Cancellation> {
    world.duffel.lock().cancellations.iter().find(|one| one.id == id).cloned()
}

/// GET /air/order_cancellations/{id}
pub(super) fn get(world: &World, id: &str) -> Result<Reply, Errors> {
    let found = find(world, id).ok_or_else(errors::not_found)?;
    Ok(Reply::json(200, &json!({ "data": json_of(world, &found) })))
}

/// GET /air/order_cancellations?order_id=…
pub(super) fn list(world: &World, call: &Call) -> Result<Reply, Errors> {
    let pairs = call.query_pairs();
    let mut wrong = Wrong::default();
    let page = Page::read(&pairs, &mut wrong);
    wrong.check()?;
    let of_order = |one: &&Cancellation| pairs.get("order_id").is_none_or(|order| *order == one.order);
    let found: Vec<Cancellation> = world.duffel.lock().cancellations.iter().rev().filter(of_order).cloned().collect();
    let (cut, meta) = page.cut(&found);
    let data: Vec<Value> = cut.iter().map(|one| json_of(world, one)).collect();
    Ok(Reply::json(200, &json!({ "data": data, "meta": meta })))
}

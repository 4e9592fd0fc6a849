//! Duffel's flights API, version v2: offer requests, offers, orders, payments from balance, cancellations.
//!
//! It looks things up only as the real one does: an order by its id, or in the list by booking reference, offer, payment
//! state or passenger name. Metadata comes back as stored and cannot be searched.

mod cancellations;
mod errors;
mod offers;
mod orders;
mod passengers;
mod payments;
mod places;
mod render;

use http::Method;
use jiff::Timestamp;
use serde_json::Value;

use crate::DUFFEL_TOKEN;
use crate::faults::{Operation, Stage};
use crate::wire::{Call, Reply};
use crate::world::World;
use errors::Errors;
pub(crate) use errors::refusal;

const fn op(name: &'static str, stages: &'static [Stage]) -> Operation {
    Operation { name, stages }
}

/// Every operation that is counted and can be struck.
pub const OPERATIONS: &[Operation] = &[
    op("offer_requests.create", &[Stage::Search]),
    op("offer_requests.get", &[Stage::Retrieve]),
    op("offers.list", &[Stage::Search]),
    op("offers.get", &[Stage::Price]),
    op("orders.create", &[Stage::Order]),
    op("orders.list", &[Stage::Retrieve]),
    op("orders.get", &[Stage::Retrieve]),
    op("payments.create", &[Stage::Ticketing]),
    op("payments.list", &[Stage::Retrieve]),
    op("order_cancellations.create", &[Stage::Cancel]),
    op("order_cancellations.confirm", &[Stage::Cancel]),
    op("order_cancellations.get", &[Stage::Retrieve]),
    op("order_cancellations.list", &[Stage::Retrieve]),
    op("other", &[]),
];

/// A payment that was taken from the balance.
#[derive(Debug, Clone)]
pub(crate) struct Paid {
    pub id: String,
    pub order: String,
    pub amount: String,
    pub currency: &'static str,
    pub made_at: Timestamp,
}

/// A cancellation quoted, and perhaps confirmed.
#[derive(Debug, Clone)]
pub(crate) struct Cancellation {
    pub id: String,
    pub order: String,
    pub refund: i64,
    pub refund_to: &'static str,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
}

/// What this side keeps beside the books and its offers.
#[derive(Debug, Default)]
pub struct Store {
    pub(crate) payments: Vec<Paid>,
    pub(crate) cancellations: Vec<Cancellation>,
}

/// What a call asks for.
pub(crate) fn operation(call: &Call) -> Operation {
    let name = match (&call.method, call.segments().as_slice()) {
        (&Method::POST, ["air", "offer_requests"]) => "offer_requests.create",
        (&Method::GET, ["air", "offer_requests", _]) => "offer_requests.get",
        (&Method::GET, ["air", "offers"]) => "offers.list",
        (&Method::GET, ["air", "offers", _]) => "offers.get",
        (&Method::POST, ["air", "orders"]) => {
            let instant = data(call).is_some_and(|data| data["type"] == "instant");
            let stages: &[Stage] = if instant { &[Stage::Order, Stage::Ticketing] } else { &[Stage::Order] };
            return Operation { name: "orders.create", stages };
        }
        (&Method::GET, ["air", "orders"]) => "orders.list",
        (&Method::GET, ["air", "orders", _]) => "orders.get",
        (&Method::POST, ["air", "payments"]) => "payments.create",
        (&Method::GET, ["air", "payments"]) => "payments.list",
        (&Method::POST, ["air", "order_cancellations"]) => "order_cancellations.create",
        (&Method::POST, ["air", "order_cancellations", _, "actions", "confirm"]) => "order_cancellations.confirm",
        (&Method::GET, ["air", "order_cancellations", _]) => "order_cancellations.get",
        (&Method::GET, ["air", "order_cancellations"]) => "order_cancellations.list",
        _ => "other",
    };
    let stages = OPERATIONS.iter().find(|operation| operation.name == name).map_or(&[][..], |known| known.stages);
    Operation { name, stages }
}

/// The `data` object that every body wraps.
fn data(call: &Call) -> Option<Value> {
    let mut body: Value = serde_json::from_slice(&call.body).ok()?;
    body.get_mut("data").filter(|data| data.is_object()).map(Value::take)
}

/// Answers a call.
pub(crate) fn answer(world: &World, call: &Call) -> Reply {
    match checked(world, call) {
        Ok(reply) => limits(reply.with("x-request-id", world.id("F", 19)), 60),
        Err(errors) => limits(errors.reply(world), 60),
    }
}

/// The rate-limit headers that every answer carries.
fn limits(reply: Reply, remaining: u32) -> Reply {
    let reset = Timestamp::now() + jiff::SignedDuration::from_secs(60);
    reply
        .with("ratelimit-limit", "120")
        .with("ratelimit-remaining", remaining.to_string())
        .with("ratelimit-reset", reset.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

fn checked(world: &World, call: &Call) -> Result<Reply, Errors> {
    match call.bearer() {
        None => return Err(errors::missing_token()),
        Some(DUFFEL_TOKEN) => {}
        Some(_) => return Err(errors::wrong_token()),
    }
    match call.header("duffel-version") {
        None => return Err(errors::missing_version()),
        Some("v2") => {}
        Some(_) => return Err(errors::unsupported_version()),
    }
    let body = || {
        let json = call.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        if !json {
            return Err(errors::unsupported_format());
        }
        data(call).ok_or_else(errors::malformed)
    };
    match (&call.method, call.segments().as_slice()) {
        (&Method::POST, ["air", "offer_requests"]) => offers::request(world, call, &body()?),
        (&Method::GET, ["air", "offer_requests", id]) => offers::requested(world, id),
        (&Method::GET, ["air", "offers"]) => offers::list(world, call),
        (&Method::GET, ["air", "offers", id]) => offers::get(world, call, id),
        (&Method::POST, ["air", "orders"]) => orders::create(world, call, &body()?),
        (&Method::GET, ["air", "orders"]) => orders::list(world, call),
        (&Method::GET, ["air", "orders", id]) => orders::get(world, id),
        (&Method::POST, ["air", "payments"]) => payments::pay(world, call, &body()?),
        (&Method::GET, ["air", "payments"]) => payments::list(world, call),
        (&Method::POST, ["air", "order_cancellations"]) => cancellations::quote(world, call, &body()?),
        (&Method::POST, ["air", "order_cancellations", id, "actions", "confirm"]) => {
            cancellations::confirm(world, call, id)
        }
        (&Method::GET, ["air", "order_cancellations", id]) => cancellations::get(world, id),
        (&Method::GET, ["air", "order_cancellations"]) => cancellations::list(world, call),
        _ => Err(errors::not_found()),
    }
}

#[cfg(test)]
mod tests;

//! Stripe's payments: payment intents, refunds, idempotency keys, signed webhooks.
//!
//! Intents are confirmed as at Stripe, with its test payment methods: `POST /v1/payment_intents/{id}/confirm` with
//! `payment_method=pm_card_visa`, by the secret key, or as a browser by the publishable key and the client secret.

mod cards;
mod errors;
mod form;
mod idempotency;
mod intents;
mod objects;
mod refunds;
pub mod webhooks;

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::faults::{Operation, Stage};
use crate::wire::{Call, Reply};
use crate::world::World;
use crate::{Config, STRIPE_PUBLISHABLE_KEY, STRIPE_SECRET_KEY};
use errors::Error;
use form::Form;
use idempotency::{Claim, Keys};
use objects::{Intent, Refund};
pub use objects::{PaymentView, RefundView};
use webhooks::{Event, Webhooks};

/// How long a bank takes here.
const SETTLES_AFTER: std::time::Duration = std::time::Duration::from_millis(500);

const fn op(name: &'static str, stages: &'static [Stage]) -> Operation {
    Operation { name, stages }
}

/// Every operation that is counted and can be struck.
pub const OPERATIONS: &[Operation] = &[
    op("payment_intents.create", &[Stage::Payment]),
    op("payment_intents.update", &[]),
    op("payment_intents.confirm", &[]),
    op("payment_intents.cancel", &[Stage::Cancel]),
    op("payment_intents.get", &[Stage::Retrieve]),
    op("payment_intents.list", &[Stage::Retrieve]),
    op("refunds.create", &[Stage::Refund]),
    op("refunds.get", &[Stage::Retrieve]),
    op("refunds.list", &[Stage::Retrieve]),
    op("events.get", &[Stage::Retrieve]),
    op("events.list", &[Stage::Retrieve]),
    op("other", &[]),
];

/// Everything that this side keeps.
#[derive(Debug)]
pub struct Stripe {
    state: Mutex<State>,
    keys: Keys,
    /// How events reach the gateway.
    pub webhooks: Webhooks,
}

/// Intents and refunds, by id and in the order made.
#[derive(Debug, Default)]
struct State {
    intents: HashMap<String, Intent>,
    intent_order: Vec<String>,
    refunds: Vec<Refund>,
}

impl Stripe {
    pub(crate) fn new(config: &Config) -> Self {
        Stripe { state: Mutex::default(), keys: Keys::default(), webhooks: Webhooks::new(config) }
    }

    pub(crate) fn reset(&self, config: &Config) {
        *self.state.lock() = State::default();
        self.keys.clear();
        self.webhooks.reset(config);
    }

    /// The book as control tells it, oldest first.
    pub fn payments(&self) -> Vec<PaymentView> {
        let state = self.state.lock();
        let intents = state.intent_order.iter().filter_map(|id| state.intents.get(id));
        intents.map(|intent| PaymentView::new(intent, &state.refunds)).collect()
    }

    /// The payment intent as the API answers it: for events made up by a test.
    pub(crate) fn intent_json(&self, id: &str) -> Option<Value> {
        self.state.lock().intents.get(id).map(|intent| intent.json(&[]))
    }
}

/// An answer, and the events that follow it.
struct Done {
    reply: Value,
    events: Vec<(&'static str, Value)>,
    later: Vec<Later>,
}

/// What is settled a little after the answer.
enum Later {
    /// A payment that takes its time.
    Intent { id: String, well: bool },
    /// A refund that takes its time.
    Refund { id: String, well: bool },
}

impl Done {
    fn quiet(reply: Value) -> Self {
        Done { reply, events: Vec::new(), later: Vec::new() }
    }
}

/// What a call asks for.
pub(crate) fn operation(call: &Call) -> Operation {
    let name = match (&call.method, call.segments().as_slice()) {
        (&Method::POST, ["v1", "payment_intents"]) => "payment_intents.create",
        (&Method::GET, ["v1", "payment_intents"] | ["v1", "payment_intents", "search"]) => "payment_intents.list",
        (&Method::GET, ["v1", "payment_intents", _]) => "payment_intents.get",
        (&Method::POST, ["v1", "payment_intents", _]) => "payment_intents.update",
        (&Method::POST, ["v1", "payment_intents", _, "confirm"]) => "payment_intents.confirm",
        (&Method::POST, ["v1", "payment_intents", _, "cancel"]) => "payment_intents.cancel",
        (&Method::POST, ["v1", "refunds"]) => "refunds.create",
        (&Method::GET, ["v1", "refunds"]) => "refunds.list",
        (&Method::GET, ["v1", "refunds", _]) => "refunds.get",
        (&Method::GET, ["v1", "events"]) => "events.list",
        (&Method::GET, ["v1", "events", _]) => "events.get",
        _ => "other",
    };
    let stages = OPERATIONS.iter().find(|operation| operation.name == name).map_or(&[][..], |known| known.stages);
    Operation { name, stages }
}

/// Answers a call; events go out before or after, as the webhooks are set.
pub(crate) async fn answer(world: &Arc<World>, call: &Call) -> Reply {
    let request_id = world.id("req_", 14);
    let reply = match keyed(world, call, &request_id).await {
        Ok(reply) => reply,
        Err(error) => error.reply(),
    };
    reply.with("request-id", request_id).with("stripe-version", webhooks::API_VERSION)
}

async fn keyed(world: &Arc<World>, call: &Call, request_id: &str) -> Result<Reply, Error> {
    let browser = authorise(call)?;
    let key = call.header("idempotency-key").filter(|_| call.method == Method::POST);
    let claimed = match key {
        None => None,
        Some(key) => match world.stripe.keys.claim(key, &idempotency::fingerprint(call)) {
            Claim::Mine => Some(key),
            Claim::Known(reply) => return Ok(reply.with("idempotent-replayed", "true").with("idempotency-key", key)),
            Claim::Running => return Err(errors::key_in_use(key)),
            Claim::OtherRequest => return Err(errors::key_of_other_request(key)),
        },
    };
    let outcome = carry_out(world, call, browser, key.unwrap_or_default());
    let (reply, kept, events, later) = match outcome {
        Ok(done) => (Reply::json(200, &done.reply), true, done.events, done.later),
        Err(Error { events, kept, status, body }) => (Reply::json(status, &body), kept, events, Vec::new()),
    };
    if let Some(key) = claimed {
        world.stripe.keys.settle(key, kept.then(|| reply.clone()));
    }
    let events: Vec<Event> =
        events.into_iter().map(|(kind, object)| Event::new(world, kind, object, request_id, key)).collect();
    webhooks::send_all(world, events).await;
    for later in later {
        tokio::spawn(settle(Arc::clone(world), later));
    }
    Ok(match claimed {
        Some(key) => reply.with("idempotency-key", key),
        None => reply,
    })
}

async fn settle(world: Arc<World>, later: Later) {
    tokio::time::sleep(SETTLES_AFTER).await;
    let settled = match later {
        Later::Intent { id, well } => intents::settle(&world, &id, well),
        Later::Refund { id, well } => refunds::settle(&world, &id, well),
    };
    if let Some((kind, object)) = settled {
        let event = Event::new(&world, kind, object, "", None);
        webhooks::send_all(&world, vec![event]).await;
    }
}

/// By the secret key, or (true) by the publishable one.
fn authorise(call: &Call) -> Result<bool, Error> {
    let key = call.bearer().map(str::to_owned).or_else(|| call.basic().map(|(user, _)| user));
    match key.as_deref() {
        None => Err(errors::no_key()),
        Some(STRIPE_SECRET_KEY) => Ok(false),
        Some(STRIPE_PUBLISHABLE_KEY) => Ok(true),
        Some(_) => Err(errors::wrong_key()),
    }
}

fn carry_out(world: &World, call: &Call, browser: bool, key: &str) -> Result<Done, Error> {
    let form = Form::parse(if call.method == Method::GET { call.query.as_bytes() } else { &call.body });
    let segments = call.segments();
    if browser && !matches!(segments.as_slice(), ["v1", "payment_intents", _] | ["v1", "payment_intents", _, "confirm"])
    {
        return Err(errors::secret_key_needed());
    }
    match (&call.method, segments.as_slice()) {
        (&Method::POST, ["v1", "payment_intents"]) => intents::create(world, &form, key),
        (&Method::GET, ["v1", "payment_intents"]) => intents::list(world, &form),
        (&Method::GET, ["v1", "payment_intents", "search"]) => intents::search(world, &form),
        (&Method::GET, ["v1", "payment_intents", id]) => intents::get(world, id, &form, browser),
        (&Method::POST, ["v1", "payment_intents", id]) => intents::update(world, id, &form),
        (&Method::POST, ["v1", "payment_intents", id, "confirm"]) => intents::confirm(world, id, &form, browser),
        (&Method::POST, ["v1", "payment_intents", id, "cancel"]) => intents::cancel(world, id, &form),
        (&Method::POST, ["v1", "refunds"]) => refunds::create(world, &form, key),
        (&Method::GET, ["v1", "refunds"]) => refunds::list(world, &form),
        (&Method::GET, ["v1", "refunds", id]) => refunds::get(world, id),
        (&Method::GET, ["v1", "events"]) => Ok(Done::quiet(page(&form, "/v1/events", world.stripe.webhooks.events())?)),
        (&Method::GET, ["v1", "events", id]) => {
            let found = world.stripe.webhooks.event(id).ok_or_else(|| errors::missing("event", id, "id"))?;
            Ok(Done::quiet(found))
        }
        _ => Err(errors::unknown_url(&call.method, &call.path)),
    }
}

/// A cursor page of objects, newest first as given.
fn page(form: &Form, url: &str, all: Vec<Value>) -> Result<Value, Error> {
    let limit = form.integer("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(errors::invalid("limit", "This value must be from 1 to 100."));
    }
    let limit = usize::try_from(limit).unwrap_or(10);
    let from = match form.get("starting_after") {
        None => 0,
        Some(after) => {
            let at = all.iter().position(|object| object["id"] == after);
            at.ok_or_else(|| errors::missing("object", after, "starting_after"))? + 1
        }
    };
    let data: Vec<Value> = all.iter().skip(from).take(limit).cloned().collect();
    let has_more = from + data.len() < all.len();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}

/// An error of the server or of its rate limit.
pub(crate) fn refusal(world: &World, status: u16) -> Reply {
    errors::of_server(status).reply().with("request-id", world.id("req_", 14))
}

#[cfg(test)]
mod tests;

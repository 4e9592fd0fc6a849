//! Events on their way to the gateway: signed, sent, sent again until they are taken.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::World;
use crate::{Config, STRIPE_WEBHOOK_SECRET};

/// Version of the API that events are written in.
pub const API_VERSION: &str = "2025-03-31.basil";
const KEPT: usize = 10_000;
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(20);

/// How events are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// Where to; plain HTTP.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
    /// They are never sent.
    pub suppress: bool,
    /// Each is sent so many times, all at once.
    pub copies: u32,
    /// Each leaves so much later, in milliseconds.
    pub delay_ms: u64,
    /// Each is sent, once, before the call that caused it is answered.
    pub before_answer: bool,
    /// Every payment intent is paid by the very call that makes it.
    pub pay_at_once: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            url: Config::default().webhook_url,
            secret: STRIPE_WEBHOOK_SECRET.to_owned(),
            suppress: false,
            copies: 1,
            delay_ms: 0,
            before_answer: false,
            pay_at_once: false,
        }
    }
}

/// What is wrong with a forged event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Signed with another secret.
    WrongSecret,
    /// Without a signature.
    Unsigned,
    /// Rightly signed, an hour ago.
    Stale,
    /// The body was changed after signing.
    Tampered,
}

/// One try to deliver an event.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Stripe's id of the event.
    pub event: String,
    /// Its type.
    pub kind: String,
    /// Counted from 1.
    pub attempt: u32,
    /// What the receiver answered; none when it couldn't be reached.
    pub status: Option<u16>,
    /// When.
    pub at: Timestamp,
}

/// An event, ready to go.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub id: String,
    pub body: Value,
}

impl Event {
    pub fn new(world: &World, kind: &str, object: Value, request: &str, key: Option<&str>) -> Self {
        let id = world.id("evt_", 24);
        let body = json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": Timestamp::now().as_second(),
            "data": { "object": object },
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": request, "idempotency_key": key },
            "type": kind,
        });
        Event { id, body }
    }
}

/// Events, deliveries and the way they are sent.
#[derive(Debug)]
pub struct Webhooks {
    plan: Mutex<Plan>,
    events: Mutex<VecDeque<Value>>,
    deliveries: Mutex<VecDeque<Delivery>>,
    /// Counts resets, so that what was under way before one is dropped.
    generation: AtomicU64,
    client: Client<HttpConnector, Full<Bytes>>,
}

fn configured(config: &Config) -> Plan {
    Plan { url: config.webhook_url.clone(), ..Plan::default() }
}

fn keep<T>(list: &Mutex<VecDeque<T>>, entry: T) {
    let mut list = list.lock();
    list.push_front(entry);
    list.truncate(KEPT);
}

impl Webhooks {
    pub(crate) fn new(config: &Config) -> Self {
        Webhooks {
            plan: Mutex::new(configured(config)),
            events: Mutex::default(),
            deliveries: Mutex::default(),
            generation: AtomicU64::new(0),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub(crate) fn reset(&self, config: &Config) {
        let url = self.plan().url;
        *self.plan.lock() = Plan { url, ..configured(config) };
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.events.lock().clear();
        self.deliveries.lock().clear();
    }

    /// How events are sent now.
    pub fn plan(&self) -> Plan {
        self.plan.lock().clone()
    }

    /// How events are sent from now on.
    pub fn set_plan(&self, plan: Plan) {
        *self.plan.lock() = plan;
    }

    /// Every event, newest first.
    pub fn events(&self) -> Vec<Value> {
        self.events.lock().iter().cloned().collect()
    }

    /// The event of this id.
    pub fn event(&self, id: &str) -> Option<Value> {
        self.events.lock().iter().find(|event| event["id"] == id).cloned()
    }

    /// Every try to deliver one, newest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().iter().cloned().collect()
    }

    async fn post(&self, url: &str, body: &str, signature: Option<String>) -> Option<u16> {
        let mut request = http::Request::post(url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        let request = request.body(Full::from(body.to_owned())).ok()?;
        let answered = tokio::time::timeout(PATIENCE, self.client.request(request)).await.ok()?;
        answered.ok().map(|response| response.status().as_u16())
    }

    async fn try_once(&self, event: &Event, attempt: u32) -> bool {
        let plan = self.plan();
        let body = event.body.to_string();
        let now = Timestamp::now();
        let status = self.post(&plan.url, &body, Some(sign(&plan.secret, now.as_second(), &body))).await;
        let kind = event.body["type"].as_str().unwrap_or_default().to_owned();
        keep(&self.deliveries, Delivery { event: event.id.clone(), kind, attempt, status, at: now });
        status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// The `Stripe-Signature` header of a body sent at this second.
pub fn sign(secret: &str, at: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// Sends events as the plan says.
pub(crate) async fn send_all(world: &Arc<World>, events: Vec<Event>) {
    let webhooks = &world.stripe.webhooks;
    let plan = webhooks.plan();
    for event in events {
        keep(&webhooks.events, event.body.clone());
        if plan.suppress {
            continue;
        }
        if plan.before_answer {
            webhooks.try_once(&event, 1).await;
            continue;
        }
        for _ in 0..plan.copies {
            tokio::spawn(deliver(Arc::clone(world), event.clone(), Duration::from_millis(plan.delay_ms)));
        }
    }
}

/// Sends a known event again, so many times at once.
pub(crate) fn resend(world: &Arc<World>, id: &str, copies: u32) -> bool {
    let Some(body) = world.stripe.webhooks.event(id) else { return false };
    for _ in 0..copies {
        let event = Event { id: id.to_owned(), body: body.clone() };
        tokio::spawn(deliver(Arc::clone(world), event, Duration::ZERO));
    }
    true
}

async fn deliver(world: Arc<World>, event: Event, delay: Duration) {
    let webhooks = &world.stripe.webhooks;
    let generation = webhooks.generation.load(Ordering::SeqCst);
    let mut pause = world.config.webhook_first_retry;
    tokio::time::sleep(delay).await;
    for attempt in 1..=world.config.webhook_tries {
        if webhooks.generation.load(Ordering::SeqCst) != generation || webhooks.try_once(&event, attempt).await {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Sends an event of a payment that isn't genuine; answers what the receiver said to it.
pub(crate) async fn forge(world: &World, kind: &str, object: Value, flaw: Flaw) -> Option<u16> {
    let plan = world.stripe.webhooks.plan();
    let event = Event::new(world, kind, object, "req_forged", None);
    let mut body = event.body.to_string();
    let now = Timestamp::now().as_second();
    let signature = match flaw {
        Flaw::WrongSecret => Some(sign("whsec_another", now, &body)),
        Flaw::Unsigned => None,
        Flaw::Stale => Some(sign(&plan.secret, now - 3600, &body)),
        Flaw::Tampered => {
            let signature = sign(&plan.secret, now, &body);
            body = body.replace("\"livemode\":false", "\"livemode\": false");
            Some(signature)
        }
    };
    world.stripe.webhooks.post(&plan.url, &body, signature).await
}

//! One traveller, and the frontend that serves them: it repeats what was not answered, with the same idempotency key.

use crate::journal::Journal;
use anyhow::Result;
use interline_journey::client::{Answer, Client};
use interline_journey::people::{Party, day, trip};
use jiff::civil::Date;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const ROUTES: [(&str, &str); 4] = [("CGK", "NRT"), ("CGK", "SIN"), ("LHR", "JFK"), ("DPS", "MEL")];
const NAMES: [&str; 8] = ["Wijaya", "Santoso", "Hartono", "Lestari", "Nugroho", "Pratama", "Siregar", "Utami"];
/// After which a frontend tells its traveller to come back later.
const PATIENCE: Duration = Duration::from_secs(25);
const PROVIDER_PATIENCE: Duration = Duration::from_secs(6);

/// What all travellers share.
#[derive(Clone)]
pub struct Frontend {
    client: Client,
    browser: reqwest::Client,
    provider: String,
    journal: Arc<Journal>,
}

/// Somebody who books; what they decide follows from the seed and their number.
pub struct Traveller {
    rng: ChaCha8Rng,
    number: u64,
}

/// Where to, who, and when.
pub fn travel_plan(rng: &mut ChaCha8Rng) -> (Value, Party, Date) {
    let (origin, destination) = ROUTES.choose(rng).copied().unwrap_or(("CGK", "NRT"));
    let party =
        if rng.random_range(0..4) == 0 { Party { adults: 2, children: Vec::new(), infants: 0 } } else { Party::one() };
    let date = day(rng.random_range(0..10));
    let mut request = trip(&[(origin, destination, date)], &party);
    request["limit"] = json!(50);
    (request, party, date)
}

impl Frontend {
    /// A frontend of the gateways; `provider` is the base address of the payment provider, for the traveller's browser.
    pub fn new(client: Client, provider: &str, journal: Arc<Journal>) -> Result<Self> {
        let browser = reqwest::Client::builder().timeout(PROVIDER_PATIENCE).build()?;
        Ok(Self { client, browser, provider: provider.to_owned(), journal })
    }

    /// One search; the offers' ids.
    pub async fn search(&self, request: &Value) -> Vec<String> {
        let Some(answer) = self.post("/v1/flights/search", request, None).await else { return Vec::new() };
        let offers = answer.body["offers"].as_array().into_iter().flatten();
        let ids: Vec<String> = offers.filter_map(|offer| offer["id"].as_str().map(str::to_owned)).collect();
        if !ids.is_empty() {
            self.journal.searched();
        }
        ids
    }

    /// POST until it is answered for good, at most until the traveller's patience ends. None: nobody knows.
    async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Option<Answer> {
        let (begun, key) = (Instant::now(), key.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned));
        let mut pause = Duration::from_millis(100);
        loop {
            match self.client.post_as(path, body, &key).await {
                Ok(answer) => {
                    self.journal.answered(path, Some(answer.status.as_u16()));
                    let again = answer.status.is_server_error() || answer.status.as_u16() == 429;
                    if !again {
                        return Some(answer);
                    }
                }
                // The balancer's own answers are not JSON, and count as none.
                Err(_) => self.journal.answered(path, None),
            }
            if begun.elapsed() > PATIENCE {
                return None;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    async fn created(&self, path: &str, body: &Value, key: &str) -> Option<Value> {
        let answer = self.post(path, body, Some(key)).await?;
        answer.status.is_success().then_some(answer.body)
    }

    /// The traveller's browser pays; whatever it is answered, the provider's books tell.
    async fn confirm(&self, payment: &Value, card: &str) {
        let Some(secret) = payment["client_secret"].as_str() else { return };
        let intent = secret.split("_secret").next().unwrap_or_default();
        let url = format!("{}/v1/payment_intents/{intent}/confirm", self.provider);
        for _ in 0..4 {
            let request = self
                .browser
                .post(&url)
                .bearer_auth(interline_sandbox::STRIPE_PUBLISHABLE_KEY)
                .form(&[("payment_method", card), ("client_secret", secret)]);
            match request.send().await {
                Ok(answer) if answer.status().is_success() || answer.status().as_u16() < 429 => return,
                _ => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        }
    }
}

impl Traveller {
    /// Somebody.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(2_000_000 + number);
        Self { rng, number }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// From search to where it ends: with a booking, or without.
    pub async fn travel(&mut self, frontend: &Frontend) {
        let Some((booking, unpaid)) = self.book(frontend).await else { return };
        if unpaid {
            return;
        }
        self.pay(frontend, &booking).await;
        if self.chance(15) {
            self.cancel(frontend, &booking).await;
        }
    }

    /// The booking's id, and whether the traveller leaves it unpaid.
    async fn book(&mut self, frontend: &Frontend) -> Option<(String, bool)> {
        let (request, party, date) = travel_plan(&mut self.rng);
        let offers = frontend.search(&request).await;
        let offer = offers.choose(&mut self.rng)?.clone();
        let quote = self.quote(frontend, &offer).await?;
        let mut passengers = party.passengers(date);
        for person in passengers.as_array_mut().into_iter().flatten() {
            person["family_name"] = json!(NAMES[self.number as usize % NAMES.len()]);
        }
        let body = json!({
            "quote_id": quote["id"],
            "passengers": passengers,
            "contact": {"email": format!("traveller-{}@example.com", self.number), "phone": "+628111222333"},
        });
        let key = Uuid::new_v4().to_string();
        let mut booking = String::new();
        // Some press the button twice.
        let presses = if self.chance(20) { 2 } else { 1 };
        for _ in 0..presses {
            let made = frontend.created("/v1/bookings", &body, &key).await?;
            booking = made["id"].as_str()?.to_owned();
            frontend.journal.made(&key, &booking);
        }
        Some((booking, self.chance(8)))
    }

    /// A quote at the supplier's price, old or new.
    async fn quote(&mut self, frontend: &Frontend, offer: &str) -> Option<Value> {
        let path = format!("/v1/offers/{offer}/verify");
        let answer = frontend.post(&path, &json!({}), None).await?;
        let verified = match answer.body["result"].as_str()? {
            "price_changed" if self.chance(70) => {
                frontend.post(&path, &json!({"accept": answer.body["new"]}), None).await?
            }
            _ => answer,
        };
        (verified.body["result"] == "confirmed").then(|| verified.body["quote"].clone())
    }

    async fn pay(&mut self, frontend: &Frontend, booking: &str) {
        let (path, key) = (format!("/v1/bookings/{booking}/payments"), Uuid::new_v4().to_string());
        let body = json!({"provider": "stripe"});
        let Some(payment) = frontend.created(&path, &body, &key).await else { return };
        if self.chance(10) {
            frontend.confirm(&payment, "pm_card_chargeDeclined").await;
        }
        frontend.confirm(&payment, "pm_card_visa").await;
        // Some have the page open twice, and pay in both.
        if self.chance(10) {
            let again = Uuid::new_v4().to_string();
            if let Some(payment) = frontend.created(&path, &body, &again).await {
                frontend.confirm(&payment, "pm_card_visa").await;
            }
        }
    }

    /// Waits a little for the ticket, then cancels, whatever the booking's status is by then.
    async fn cancel(&mut self, frontend: &Frontend, booking: &str) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match frontend.client.booking(booking).await {
                Ok(now) if now["status"] == "PENDING_TICKET" || now["status"] == "PENDING_PAYMENT" => {}
                Ok(_) => break,
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let quotes = format!("/v1/bookings/{booking}/cancellation-quotes");
        let Some(quote) = frontend.post(&quotes, &json!({}), None).await else { return };
        if !quote.status.is_success() {
            return;
        }
        let key = Uuid::new_v4().to_string();
        let body = json!({"cancellation_quote_id": quote.body["id"]});
        frontend.created(&format!("/v1/bookings/{booking}/cancellations"), &body, &key).await;
    }
}

//! A frontend: what it sends, what it reads.

use crate::wait::until;
use anyhow::{Context, Result, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// A frontend with its API key and one of its users signed in.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    /// Of the gateway, without a slash at its end.
    pub base: String,
    pub(crate) api_key: String,
    pub(crate) user_token: String,
}

/// An answer: its status and its JSON.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// The body; null if there was none.
    pub body: Value,
}

impl Answer {
    /// The body of a success; anything else is an error that shows it.
    pub fn ok(self) -> Result<Value> {
        if !self.status.is_success() {
            bail!("{}: {}", self.status, self.body);
        }
        Ok(self.body)
    }
}

impl Client {
    /// A frontend of the gateway at `base`.
    pub fn new(base: &str, api_key: &str, user_token: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, base: base.to_owned(), api_key: api_key.to_owned(), user_token: user_token.to_owned() })
    }

    /// The API key that it sends.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The headers that say who asks.
    pub fn identity(&self) -> BTreeMap<&'static str, &str> {
        BTreeMap::from([("X-Api-Key", self.api_key.as_str()), ("X-User-Token", self.user_token.as_str())])
    }

    /// A request with both identities.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.identity().into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Sends a request, and reads its answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer> {
        let response = request.send().await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? };
        Ok(Answer { status, body })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST with a fresh idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.post_as(path, body, &Uuid::new_v4().to_string()).await
    }

    /// POST with this idempotency key.
    pub async fn post_as(&self, path: &str, body: &Value, key: &str) -> Result<Answer> {
        self.send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// Searches: one slice by query, more by body.
    pub async fn search(&self, trip: &Value) -> Result<Value> {
        self.post("/v1/flights/search", trip).await?.ok()
    }

    /// Verifies an offer.
    pub async fn verify(&self, offer: &str) -> Result<Answer> {
        self.post(&format!("/v1/offers/{offer}/verify"), &json!({})).await
    }

    /// Searches, and holds the price of the first offer whose price is confirmed.
    pub async fn quote(&self, trip: &Value) -> Result<Value> {
        let page = self.search(trip).await?;
        let offers = page["offers"].as_array().context("the page has no offers")?;
        let id = offers.first().and_then(|offer| offer["id"].as_str()).with_context(|| format!("no offer: {page}"))?;
        let verified = self.verify(id).await?.ok()?;
        if verified["result"] != "confirmed" {
            bail!("not confirmed: {verified}");
        }
        Ok(verified["quote"].clone())
    }

    /// Makes a booking from a quote, for these people.
    pub async fn book(&self, quote: &Value, passengers: &Value) -> Result<Value> {
        let body = json!({
            "quote_id": quote["id"],
            "passengers": passengers,
            "contact": {"email": "traveller@example.com", "phone": "+628111222333"},
        });
        self.post("/v1/bookings", &body).await?.ok()
    }

    /// Begins a payment.
    pub async fn pay(&self, booking: &str) -> Result<Value> {
        self.post(&format!("/v1/bookings/{booking}/payments"), &json!({"provider": "stripe"})).await?.ok()
    }

    /// A booking as it is now.
    pub async fn booking(&self, id: &str) -> Result<Value> {
        self.get(&format!("/v1/bookings/{id}")).await?.ok()
    }

    /// Waits until a booking is in one of these statuses.
    pub async fn reaches(&self, id: &str, statuses: &[&str]) -> Result<Value> {
        let what = format!("booking {id} in {statuses:?}");
        until(&what, || async move {
            let booking = self.booking(id).await?;
            let status = booking["status"].as_str().context("no status")?.to_owned();
            if statuses.contains(&status.as_str()) { Ok(Ok(booking)) } else { Ok(Err(booking.to_string())) }
        })
        .await
    }
}

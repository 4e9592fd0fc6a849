//! JWKS that are fetched by URL: kept for as long as they hold, renewed before that ends, and never fetched more often than
//! the URL's owner can bear, whatever tokens come.
//!
//! A fetch is a task of its own: who waits for it may go away, and others wait for the same one.

mod fetch;

pub use fetch::{FetchError, check};

use super::key::{KeySource, UserTokens};
use super::user::{self, TokenError};
use fetch::{Fetched, Fetcher};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use jsonwebtoken::jwk::JwkSet;
use moka::future::Cache;
use parking_lot::Mutex;
use prometheus::{IntCounterVec, Opts, Registry};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;
use uuid::Uuid;

/// URLs that are kept; one that nobody asks for is forgotten after [`UNUSED`].
const CAPACITY: u64 = 10_000;
const UNUSED: Duration = Duration::from_secs(24 * 3600);

/// How long keys are used, and how often they are fetched.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Where the far side says nothing.
    pub lifetime: Duration,
    /// Whatever the far side says.
    pub shortest: Duration,
    /// Whatever the far side says.
    pub longest: Duration,
    /// Past their lifetime keys are still used for as long, while the far side does not answer.
    pub grace: Duration,
    /// Between the beginnings of two fetches, even for a key that the set lacks.
    pub pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(600),
            shortest: Duration::from_secs(60),
            longest: Duration::from_secs(3600),
            grace: Duration::from_secs(4 * 3600),
            pause: Duration::from_secs(15),
        }
    }
}

/// Why a token proves no user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The token is not good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The keys are not there, and can't be fetched now.
    #[error("the JWKS cannot be fetched")]
    NoKeys {
        /// When there will be another try.
        retry_after: Duration,
    },
}

/// The JWKS of all API keys.
#[derive(Clone)]
pub struct Jwks(Arc<Inner>);

struct Inner {
    fetcher: Fetcher,
    pace: Pace,
    sets: Cache<Url, Arc<Slot>>,
    fetches: IntCounterVec,
}

/// What is known of one URL.
#[derive(Default)]
struct Slot(Mutex<State>);

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// When the last fetch began.
    tried: Option<Instant>,
    /// The last fetch brought nothing.
    failing: bool,
    flight: Option<Shared<BoxFuture<'static, ()>>>,
}

#[derive(Clone)]
struct Kept {
    keys: Arc<JwkSet>,
    /// From then on the next use has them renewed beside.
    renew: Instant,
    fresh_until: Instant,
    usable_until: Instant,
}

/// Fetches a JWKS once, to see that it is there; the number of its keys.
pub async fn probe(url: &Url) -> Result<usize, FetchError> {
    Ok(Fetcher::new()?.fetch(url).await?.keys.keys.len())
}

impl Jwks {
    /// Counts its fetches; fails if that metric's name is taken, or without TLS.
    pub fn new(pace: Pace, registry: &Registry) -> Result<Self, prometheus::Error> {
        let fetches = Opts::new("interline_jwks_fetches_total", "Fetches of frontends' JWKS");
        let fetches = IntCounterVec::new(fetches, &["outcome"])?;
        registry.register(Box::new(fetches.clone()))?;
        let fetcher = Fetcher::new().map_err(|error| prometheus::Error::Msg(error.to_string()))?;
        let sets = Cache::builder().max_capacity(CAPACITY).time_to_idle(UNUSED).build();
        Ok(Self(Arc::new(Inner { fetcher, pace, sets, fetches })))
    }

    /// The user whom a token proves.
    pub async fn user(&self, token: &str, tokens: &UserTokens) -> Result<Uuid, Unproven> {
        let url = match &tokens.keys {
            KeySource::Set(keys) => return Ok(user::verify(token, tokens, keys)?),
            KeySource::Url(url) => url,
        };
        // What can't be a token costs no fetch.
        let names_key = user::inspect(token)?.kid.is_some();
        let slot = self.0.sets.get_with_by_ref(url, async { Arc::default() }).await;
        let keys = self.keys(url, &slot).await?;
        match user::verify(token, tokens, &keys) {
            // The frontend may have begun to sign with a new key.
            Err(TokenError::UnknownKey) if names_key => {}
            settled => return Ok(settled?),
        }
        let Some(flight) = self.fetch(url, &slot) else { return Err(TokenError::UnknownKey.into()) };
        flight.await;
        let keys = slot.0.lock().kept.as_ref().map_or(keys, |kept| Arc::clone(&kept.keys));
        Ok(user::verify(token, tokens, &keys)?)
    }

    /// The keys to verify with now.
    async fn keys(&self, url: &Url, slot: &Arc<Slot>) -> Result<Arc<JwkSet>, Unproven> {
        let now = Instant::now();
        let kept = slot.0.lock().kept.clone();
        if let Some(kept) = kept.filter(|kept| now < kept.fresh_until) {
            if kept.renew <= now {
                self.fetch(url, slot);
            }
            return Ok(kept.keys);
        }
        let flight = self.fetch(url, slot);
        // While the far side is known to be down nobody waits for it who has keys.
        let waits = {
            let state = slot.0.lock();
            !state.failing || state.kept.as_ref().is_none_or(|kept| kept.usable_until <= now)
        };
        if let Some(flight) = flight.filter(|_| waits) {
            flight.await;
        }
        let now = Instant::now();
        let state = slot.0.lock();
        let kept = state.kept.as_ref().filter(|kept| now < kept.usable_until);
        kept.map(|kept| Arc::clone(&kept.keys)).ok_or_else(|| {
            let next = state.tried.map(|tried| tried + self.0.pace.pause);
            Unproven::NoKeys { retry_after: next.map(|next| next.saturating_duration_since(now)).unwrap_or_default() }
        })
    }

    /// The fetch that is under way, or a new one; none while it is too early for one.
    fn fetch(&self, url: &Url, slot: &Arc<Slot>) -> Option<Shared<BoxFuture<'static, ()>>> {
        let mut state = slot.0.lock();
        if let Some(flight) = state.flight.as_ref().filter(|flight| flight.peek().is_none()) {
            return Some(flight.clone());
        }
        let now = Instant::now();
        if state.tried.is_some_and(|tried| now < tried + self.0.pace.pause) {
            return None;
        }
        state.tried = Some(now);
        let (this, url, own) = (self.clone(), url.clone(), Arc::clone(slot));
        let task = tokio::spawn(async move {
            let fetched = this.0.fetcher.fetch(&url).await;
            this.landed(&url, &own, fetched);
        });
        // A task that died leaves what there was.
        let flight = task.map(|_| ()).boxed().shared();
        state.flight = Some(flight.clone());
        Some(flight)
    }

    fn landed(&self, url: &Url, slot: &Slot, fetched: Result<Fetched, FetchError>) {
        let now = Instant::now();
        let pace = &self.0.pace;
        let mut state = slot.0.lock();
        state.failing = fetched.is_err();
        match fetched {
            Ok(fetched) => {
                self.0.fetches.with_label_values(&["ok"]).inc();
                let lifetime = fetched.lifetime.unwrap_or(pace.lifetime).clamp(pace.shortest, pace.longest);
                let fresh_until = now + lifetime;
                state.kept = Some(Kept {
                    keys: Arc::new(fetched.keys),
                    renew: now + lifetime * 3 / 4,
                    fresh_until,
                    usable_until: fresh_until + pace.grace,
                });
            }
            Err(error) => {
                self.0.fetches.with_label_values(&["failed"]).inc();
                let usable = state.kept.as_ref().is_some_and(|kept| now < kept.usable_until);
                // Of the address no more than the host: its query is the operator's business.
                tracing::warn!(host = url.host_str(), %error, usable, "a JWKS cannot be fetched");
            }
        }
    }
}

#[cfg(test)]
mod tests;

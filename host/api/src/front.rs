//! Searches that memory can answer, answered before the router.
//!
//! What the router answered to a search is remembered for a minute: whose key it came with, what was asked for, and which
//! headers the layers put on the answer. Asked again in the same words it goes straight to the read path's memory; the same
//! buckets are taken from, the same things are counted, and the same headers sent. Every few seconds it is looked whether
//! the key is what it was, and the rates. Whatever memory can't answer, and whoever is to be refused, goes to the router,
//! as if nobody had looked. Hits are not shed under too much load, since they cost less than a refusal. A step of a trace
//! that its caller keeps goes to the router too, to be kept whole.

mod near;
mod words;

use self::words::{Words, WordsRef};
use crate::auth::access::{self, Client};
use crate::limits;
use crate::pieces::Pieces;
use crate::stack;
use crate::state::Api;
use crate::trace::{self, REQUEST_ID, TRACEPARENT};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Request, StatusCode};
use interline_runtime::TraceContext;
use interline_search::{Packing, Repeated};
use moka::future::Cache;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// What else an answer's head depends on is the day: departures must not have passed.
const REMEMBERED: Duration = Duration::from_secs(60);
/// The memory of API keys stands behind this one: what a key may do is known by both together for 15 seconds at most.
const VOUCHED: Duration = Duration::from_secs(5);
/// Different words at a time.
const CAPACITY: u64 = 20_000;

/// The application, with searches that memory can answer taken out before it.
pub struct Front {
    api: Api,
    app: Router,
    known: Cache<Words, Arc<Known>, foldhash::quality::RandomState>,
    /// Which of the process' fronts it is: threads may serve several.
    number: u64,
    /// The zero of [`Known::vouched_until`].
    began: Instant,
}

/// What a handler made of a search; it leaves this with its answer.
#[derive(Clone)]
pub(crate) struct Asked {
    pub client: Client,
    pub search: Arc<Repeated>,
    /// What the client takes.
    pub packing: Option<Packing>,
}

/// What is remembered of an answer.
struct Known {
    asked: Asked,
    /// Without those that are another request's.
    headers: HeaderMap,
    /// In milliseconds; until then neither key nor rates are looked at.
    vouched_until: AtomicU64,
}

impl Front {
    /// Before an application.
    pub fn new(api: Api, app: Router) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let known = Cache::builder().max_capacity(CAPACITY).time_to_live(REMEMBERED);
        let known = known.build_with_hasher(foldhash::quality::RandomState::default());
        Self { api, app, known, number: NUMBER.fetch_add(1, Ordering::Relaxed), began: Instant::now() }
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Answers a request.
    pub async fn answer<B>(&self, peer: SocketAddr, mut request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let mut words = None;
        if let Some(said) = WordsRef::of(&request) {
            if let Some(known) = self.known(&said).await
                && let Some(response) = self.remembered(&known, peer, &request).await
            {
                return response;
            }
            words = Some(said.to_owned());
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let answered = self.app.clone().oneshot(request.map(Body::new)).await;
        let mut response = answered.unwrap_or_else(|never| match never {});
        if let Some(words) = words
            && let Some(known) = Known::of(&mut response, self.next_look())
        {
            // What this thread remembered could not answer: it would be asked in vain until its time is over.
            near::forget(self.number, &words);
            self.known.insert(words, Arc::new(known)).await;
        }
        response
    }

    async fn known(&self, said: &WordsRef<'_>) -> Option<Arc<Known>> {
        let now = self.millis();
        if let Some(known) = near::find(self.number, now, said) {
            return Some(known);
        }
        let known = Arc::new(self.known.get(said).await?.own());
        near::keep(self.number, now, said.to_owned(), &known);
        Some(known)
    }

    fn next_look(&self) -> u64 {
        self.millis() + VOUCHED.as_millis() as u64
    }

    /// None: the key is not what it was, or prices are made of other rates.
    async fn vouch(&self, known: &Known, headers: &HeaderMap) -> Option<()> {
        let key = access::authenticate(&self.api, headers).await.ok()?;
        let rates = &known.asked.search.request().context.rates;
        if *key != *known.asked.client.0 || self.api.pricing().rates().version() != rates {
            return None;
        }
        known.vouched_until.store(self.next_look(), Ordering::Relaxed);
        Some(())
    }

    async fn remembered<B>(&self, known: &Known, peer: SocketAddr, request: &Request<B>) -> Option<Response> {
        let api = &self.api;
        if stack::head_size(request) > api.config().max_header_kb * 1024 {
            return None;
        }
        let began = Instant::now();
        if self.millis() >= known.vouched_until.load(Ordering::Relaxed) {
            self.vouch(known, request.headers()).await?;
        }
        let page = api.search().cached(&known.asked.search).await?;
        let body = match known.asked.packing {
            Some(packing) => page.packed(packing)?,
            None => page.body(),
        };
        let address = stack::client_address(peer.ip(), request.headers(), &api.config().trusted_proxies);
        let key = &known.asked.client.0;
        if api.limits().address(address).await.wait.is_some() {
            return None;
        }
        let verdict = api.limits().key(&key.rate_plan, key.id).await;
        if verdict.wait.is_some() {
            return None;
        }
        let place = TraceContext::after(trace::caller(request.headers()));
        let mut response = Response::new(Body::new(Pieces::from(body)));
        *response.headers_mut() = known.headers.clone();
        verdict.write(response.headers_mut());
        trace::tell(place, response.headers_mut());
        api.search().answered(&page);
        let took = began.elapsed();
        api.http().answered_from_memory(took);
        tracing::debug!(
            trace_id = format_args!("{:032x}", place.trace),
            api_key = %key.id,
            micros = took.as_micros() as u64,
            "answered from memory"
        );
        Some(response)
    }
}

impl Known {
    /// None: it is no page as memory has it.
    fn of(response: &mut Response, vouched_until: u64) -> Option<Self> {
        let asked = response.extensions_mut().remove::<Asked>()?;
        let is_packed = response.headers().contains_key(CONTENT_ENCODING);
        if response.status() != StatusCode::OK || is_packed != asked.packing.is_some() {
            return None;
        }
        let mut headers = response.headers().clone();
        for name in [limits::LIMIT, limits::POLICY, REQUEST_ID, TRACEPARENT, CONTENT_LENGTH] {
            headers.remove(name);
        }
        Some(Self { asked, headers, vouched_until: vouched_until.into() })
    }

    /// The same, under a count of references of its own, which every request changes; headers are static, nearly all.
    fn own(&self) -> Self {
        Self {
            asked: self.asked.clone(),
            headers: self.headers.clone(),
            vouched_until: self.vouched_until.load(Ordering::Relaxed).into(),
        }
    }
}

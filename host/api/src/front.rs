//! Searches that memory can answer, answered before the router.
//!
//! What the router answered to a search is remembered for a minute: whose key it came with, what was asked for, and which
//! headers the layers put on the answer. Asked again in the same words it goes straight to the read path's memory, or gets the
//! body that the thread holds from there until the second ends; the same buckets are taken from, the same things are counted,
//! and the same headers sent. Every few seconds it is looked whether the key is what it was, and the rates. Whatever memory
//! can't answer, and whoever is to be refused, goes to the router, as if nobody had looked. Hits are not shed under too much
//! load, since they cost less than a refusal. A step of a trace that its caller keeps goes to the router too, to be kept whole.

mod head;
mod held;
mod mine;
mod near;
mod words;

use self::mine::Mine;
use self::words::{Words, WordsRef};
use crate::auth::access::{self, Client};
use crate::pieces::{Pieces, Whole};
use crate::stack;
use crate::state::Api;
use crate::trace;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Request, Response, StatusCode};
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
    /// The zero of its milliseconds.
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
#[derive(Clone)]
struct Known {
    asked: Asked,
    /// With empty ones where each request has its own.
    headers: HeaderMap,
    /// In milliseconds; until then neither key nor rates are looked at.
    vouched_until: u64,
}

impl Front {
    /// Before an application.
    pub fn new(api: Api, app: Router) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let known = Cache::builder().max_capacity(CAPACITY).time_to_live(REMEMBERED);
        let known = known.build_with_hasher(foldhash::quality::RandomState::default());
        Self { api, app, known, number: NUMBER.fetch_add(1, Ordering::Relaxed), began: Instant::now() }
    }

    fn millis(&self, now: Instant) -> u64 {
        u64::try_from(now.duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }

    /// Answers a request.
    pub async fn answer<B>(&self, peer: SocketAddr, mut request: Request<B>) -> Response<Whole>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let mut words = None;
        if let Some(said) = WordsRef::of(&request) {
            let began = Instant::now();
            let known = self.known(&said, self.millis(began)).await;
            if let Some(known) = &known
                && let Some(response) = self.remembered(known, began, peer, &request).await
            {
                return response;
            }
            words = Some((said.to_owned(), known));
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let answered = self.app.clone().oneshot(request.map(Body::new)).await;
        let mut response = answered.unwrap_or_else(|never| match never {});
        if let Some((words, before)) = words
            && let Some(known) = Known::of(&mut response, self.next_look())
        {
            // A thread remembers what could not answer, and would ask it in vain until its time is over.
            before.iter().for_each(|before| before.spend());
            self.known.insert(words, Arc::new(known)).await;
        }
        response.map(Whole::Routed)
    }

    async fn known(&self, said: &WordsRef<'_>, now: u64) -> Option<Arc<Mine>> {
        if let Some(known) = near::find(self.number, now, said) {
            return Some(known);
        }
        let known = self.known.get(said).await?;
        Some(near::keep(self.number, now, said.to_owned(), &known, self.api.limits()))
    }

    fn next_look(&self) -> u64 {
        self.millis(Instant::now()) + VOUCHED.as_millis() as u64
    }

    /// None: the key is not what it was, or prices are made of other rates.
    async fn vouch(&self, mine: &Mine, headers: &HeaderMap) -> Option<()> {
        let asked = &mine.asked;
        let key = access::authenticate(&self.api, headers).await.ok()?;
        let rates = &asked.search.request().context.rates;
        if *key != *asked.client.0 || self.api.pricing().rates().version() != rates {
            return None;
        }
        mine.vouch(self.next_look());
        Some(())
    }

    async fn remembered<B>(
        &self,
        mine: &Mine,
        began: Instant,
        peer: SocketAddr,
        request: &Request<B>,
    ) -> Option<Response<Whole>> {
        let now = self.millis(began);
        let api = &self.api;
        if stack::head_size(request) > api.config().max_header_kb * 1024 {
            return None;
        }
        if mine.is_unvouched(now) {
            self.vouch(mine, request.headers()).await?;
        }
        let held = mine.held(api, now).await?;
        let address = stack::client_address(peer.ip(), request.headers(), &api.config().trusted_proxies);
        if mine.head.address(api.limits(), address).take().await.wait.is_some() {
            return None;
        }
        let verdict = mine.head.key.take().await;
        if verdict.wait.is_some() {
            return None;
        }
        let place = TraceContext::after(trace::caller(request.headers()));
        let mut response = Response::new(Whole::Held(Pieces::from(held.body.clone())));
        *response.headers_mut() = mine.head.written(&verdict, place);
        api.search().answered(held.cache);
        let took = began.elapsed();
        api.http().answered_from_memory(took);
        tracing::debug!(
            trace_id = format_args!("{:032x}", place.trace),
            api_key = %mine.head.key.key(),
            micros = took.as_micros() as u64,
            "answered from memory"
        );
        Some(response)
    }
}

impl Known {
    /// None: it is no page as memory has it.
    fn of(response: &mut Response<Body>, vouched_until: u64) -> Option<Self> {
        let asked = response.extensions_mut().remove::<Asked>()?;
        let is_packed = response.headers().contains_key(CONTENT_ENCODING);
        if response.status() != StatusCode::OK || is_packed != asked.packing.is_some() {
            return None;
        }
        let mut headers = response.headers().clone();
        headers.remove(CONTENT_LENGTH);
        head::blank(&mut headers);
        Some(Self { asked, headers, vouched_until })
    }
}

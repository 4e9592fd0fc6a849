//! Requests that really leave.

use crate::config::Limits;
use crate::egress::breaker::{Attempt, Breaker};
use crate::egress::connector::{CheckedConnector, Prohibited};
use crate::egress::policy::{Policy, Target};
use crate::egress::{Call, body, drain, unpack};
use crate::stop::Stop;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// How long a connection is kept without being used: shorter than most far sides do, since a request that meets a closed
/// connection may be one of unknown outcome.
const IDLE: Duration = Duration::from_secs(20);

type HttpClient = Client<HttpsConnector<CheckedConnector>, WasiBody>;

/// The way out of one component: its policy, its connections, its limits.
pub(crate) struct Live {
    component: String,
    policy: Policy,
    limits: Limits,
    client: HttpClient,
    places: Arc<Semaphore>,
    budget: Option<DefaultDirectRateLimiter>,
    breaker: Arc<Breaker>,
}

impl Live {
    pub(crate) fn new(component: &str, policy: Policy, limits: Limits) -> Result<Self, String> {
        let connector = CheckedConnector {
            allow_private: policy.allow_private,
            timeout: Duration::from_millis(limits.connect_timeout_ms),
        };
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| error.to_string())?
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(connector);
        // A pool of its own: no other component's connection was checked against this one's policy.
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits.connections as usize)
            .build(connector);
        let budget =
            NonZeroU32::new(limits.requests_per_second).map(|rate| RateLimiter::direct(Quota::per_second(rate)));
        Ok(Self {
            component: component.to_owned(),
            policy,
            limits,
            client,
            places: Arc::new(Semaphore::new(limits.connections.max(1) as usize)),
            budget,
            breaker: Arc::new(Breaker::new(
                limits.circuit_failures,
                Duration::from_millis(limits.circuit_pause_ms),
                Duration::from_millis(limits.search_timeout_ms / 2),
            )),
        })
    }

    pub(super) async fn send(
        &self,
        call: Arc<Call>,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        let (mut parts, outgoing) = request.into_parts();
        let target = match self.admit(&call, &mut parts) {
            Ok(target) => target,
            Err(reason) => {
                tracing::warn!(component = %self.component, reason = %reason, "request refused");
                call.refuse(Stop::EgressDenied(format!("the host refused {reason}")));
                drain(outgoing).await;
                return Err(Error::HttpRequestDenied);
            }
        };
        parts.uri = target.uri;
        parts.version = http::Version::HTTP_11;
        if let Some(budget) = &self.budget {
            budget.until_ready().await;
        }
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Error::ConnectionLimitReached)?;
        let attempt = match self.breaker.attempt(Instant::now()) {
            Ok(attempt) => attempt,
            Err(pause) => {
                call.refuse(Stop::CircuitOpen(pause));
                drain(outgoing).await;
                return Err(Error::DestinationUnavailable);
            }
        };
        let request = Request::from_parts(parts, body::outgoing(outgoing, Arc::clone(&call)));
        self.exchange(call, request, options, attempt, place).await
    }

    /// Policy, and secrets into their places; else why not.
    fn admit(&self, call: &Call, parts: &mut http::request::Parts) -> Result<Target, String> {
        if !call.attempt(self.limits.max_requests) {
            return Err(format!("more than {} requests in one call", self.limits.max_requests));
        }
        let target = self.policy.target(&parts.uri)?;
        let [named, reached] = &target.names;
        for value in parts.headers.values_mut() {
            match call.secrets.fill(value, [named, reached]) {
                Ok(Some(filled)) => *value = filled,
                Ok(None) => {}
                Err(secret) => return Err(format!("to send secret `{}` to {named}", secret.0)),
            }
        }
        // The host writes it from the target's address.
        parts.headers.remove(header::HOST);
        Ok(target)
    }

    async fn exchange(
        &self,
        call: Arc<Call>,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        mut attempt: Attempt,
        place: OwnedSemaphorePermit,
    ) -> Result<Response<WasiBody>, Error> {
        let limits = &self.limits;
        let shorter =
            |own: u64, asked: Option<Duration>| Duration::from_millis(own).min(asked.unwrap_or(Duration::MAX));
        let first_byte = shorter(limits.first_byte_timeout_ms, options.as_ref().and_then(|o| o.first_byte_timeout));
        let between_bytes =
            shorter(limits.between_bytes_timeout_ms, options.as_ref().and_then(|o| o.between_bytes_timeout));
        let connect = Duration::from_millis(limits.connect_timeout_ms);
        let leaving = call.leaves(request.method());
        let span = tracing::info_span!(
            parent: call.span.clone(),
            "http",
            otel.name = request.method().as_str(),
            otel.kind = "client",
            server.address = request.uri().host().unwrap_or_default(),
            http.response.status_code = tracing::field::Empty,
        );
        let answering = self.client.request(request).instrument(span.clone());
        let answered = tokio::time::timeout(connect.saturating_add(first_byte), answering).await;
        if let Ok(Ok(response)) = &answered {
            span.record("http.response.status_code", response.status().as_u16());
        }
        let response = match answered {
            Err(_) => {
                attempt.failed(Instant::now());
                return Err(Error::HttpResponseTimeout);
            }
            Ok(Err(error)) => {
                if error.is_connect() {
                    leaving.never_left();
                }
                let refused = source::<Prohibited>(&error).map(|prohibited| prohibited.to_string());
                match refused {
                    Some(reason) => call.refuse(Stop::EgressDenied(format!("the host refused a request: {reason}"))),
                    None => attempt.failed(Instant::now()),
                }
                tracing::info!(component = %self.component, error = %describe(&error), "request failed");
                return Err(code(&error));
            }
            Ok(Ok(response)) => response,
        };
        if response.status().is_server_error() {
            attempt.failed(Instant::now());
        }
        self.reply(call, response, between_bytes, attempt, place)
    }

    fn reply(
        &self,
        call: Arc<Call>,
        response: Response<Incoming>,
        between_bytes: Duration,
        mut attempt: Attempt,
        place: OwnedSemaphorePermit,
    ) -> Result<Response<WasiBody>, Error> {
        let cap = u64::from(self.limits.max_reply_kb) * 1024;
        let told = response.headers().get(header::CONTENT_LENGTH);
        let told = told.and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<u64>().ok());
        if told.is_some_and(|told| told > cap) {
            attempt.succeeded();
            return Err(Error::HttpResponseBodySize(told));
        }
        let response = response.map(|inner| {
            let attempt = Some(attempt);
            body::Reply { inner, call, left: cap, between_bytes, waiting: None, attempt, _place: place }.boxed_unsync()
        });
        Ok(unpack::unpacked(response, cap))
    }
}

/// The guest's view of a failed request. Adapters take the codes of failed connections as proof that nothing was sent.
fn code(error: &ClientError) -> Error {
    if !error.is_connect() {
        return Error::ConnectionTerminated;
    }
    if source::<Prohibited>(error).is_some() {
        return Error::DestinationIpProhibited;
    }
    if source::<rustls::Error>(error).is_some() {
        return Error::TlsProtocolError;
    }
    match source::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => Error::ConnectionTimeout,
        Some(io::ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
        _ => Error::DestinationUnavailable,
    }
}

/// The innermost cause of a type.
fn source<E: std::error::Error + 'static>(error: &ClientError) -> Option<&E> {
    let mut found = None;
    let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(error) = next {
        found = error.downcast_ref::<E>().or(found);
        // `io::Error` hides what it was made of from `source`.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        found = inner.and_then(|inner| inner.downcast_ref::<E>()).or(found);
        next = error.source();
    }
    found
}

fn describe(error: &ClientError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

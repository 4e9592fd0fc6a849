//! The layers around every route, put together in this one place.

use crate::input::body::BodyLimit;
use crate::network::Network;
use crate::problem::{Problem, catalog};
use crate::state::Api;
use crate::trace;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Puts the layers around the routes. Each wraps those before it: the last one sees a request first.
pub fn wrap(routes: Router, api: &Api) -> Router {
    routes
        .layer(from_fn_with_state(api.clone(), limit_body))
        .layer(from_fn_with_state(api.clone(), limit_address))
        .layer(from_fn_with_state(api.clone(), limit_time))
        .layer(from_fn_with_state(api.clone(), limit_head))
        .layer(CompressionLayer::new().gzip(true).zstd(true))
        .layer(cors(&api.config().cors_origins))
        .layer(from_fn(secure))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(api.clone(), shed))
        .layer(from_fn_with_state(api.clone(), trace::observe))
}

/// Searches that are too many are told so before anything is done for them; everything else passes.
async fn shed(State(api): State<Api>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/v1/flights/search") && api.search().pressure().sheds() {
        let problem = Problem::new(&catalog::UNAVAILABLE).detail("there are more searches than can be answered");
        return problem.retry_after(Duration::from_secs(2)).into_response();
    }
    next.run(request).await
}

async fn limit_body(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(BodyLimit(api.config().max_body_kb * 1024));
    next.run(request).await
}

async fn limit_head(State(api): State<Api>, request: Request, next: Next) -> Response {
    if head_size(&request) > api.config().max_header_kb * 1024 {
        return Problem::new(&catalog::HEADERS_TOO_LARGE).into_response();
    }
    next.run(request).await
}

/// Bytes of a request's head, roughly.
pub(crate) fn head_size<B>(request: &http::Request<B>) -> usize {
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    headers + request.uri().path_and_query().map_or(0, |target| target.as_str().len())
}

async fn limit_time(State(api): State<Api>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(api.config().request_timeout(), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(&catalog::TIMEOUT).into_response(),
    }
}

async fn limit_address(State(api): State<Api>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics") {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let address = client_address(peer, request.headers(), &api.config().trusted_proxies);
    let verdict = api.limits().address(address).take().await;
    let mut response = match verdict.wait {
        Some(wait) => {
            let problem = Problem::new(&catalog::RATE_LIMITED).detail("the address's limit is reached");
            problem.retry_after(wait).into_response()
        }
        None => next.run(request).await,
    };
    verdict.write(response.headers_mut());
    response
}

/// Who is at the other end: behind trusted proxies, the nearest address that is none of them.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let trusts = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    if !trusts(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<IpAddr> =
        lines.flat_map(|line| line.split(',')).filter_map(|part| part.trim().parse().ok()).collect();
    chain.into_iter().rev().find(|address| !trusts(address)).unwrap_or(peer)
}

fn cors(origins: &[String]) -> CorsLayer {
    let exposed = ["x-request-id", "ratelimit", "ratelimit-policy", "idempotency-replayed"];
    let exposed: Vec<_> = exposed.into_iter().map(HeaderName::from_static).chain([RETRY_AFTER, ALLOW]).collect();
    let accepted = ["x-api-key", "x-user-token", "idempotency-key", "last-event-id", "traceparent"];
    let accepted: Vec<_> =
        accepted.into_iter().map(HeaderName::from_static).chain([AUTHORIZATION, CONTENT_TYPE]).collect();
    let origins = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(accepted)
        .expose_headers(exposed)
        .max_age(Duration::from_secs(3600))
}

async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(nothing);
    response
}

fn panicked(_payload: Box<dyn Any + Send>) -> Response {
    // What it says may hold a request's data: the panic hook has written where it happened.
    Problem::internal("a handler panicked").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &str) -> String {
        let peer: SocketAddr = peer.parse().unwrap();
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), forwarded.parse().unwrap())]);
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2/31".parse().unwrap()];
        client_address(peer.ip(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_say_who_the_client_is() {
        assert_eq!(address("192.0.2.1:1", "198.51.100.1"), "192.0.2.1");
        assert_eq!(address("10.0.0.1:1", "203.0.113.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(address("10.0.0.1:1", "nonsense"), "10.0.0.1");
        assert_eq!(address("[::ffff:10.0.0.1]:1", "198.51.100.1"), "198.51.100.1");
    }
}

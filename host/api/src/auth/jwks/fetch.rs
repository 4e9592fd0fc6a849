//! Fetching a JWKS over HTTP: within a time and a size, and never further than the address that was configured.

use http::header::{ACCEPT, AGE, CACHE_CONTROL};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use url::{Host, Url};

/// From the connection to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a JWKS; those in use have some keys of a few hundred bytes.
const MOST_BYTES: usize = 64 * 1024;

/// Why there is no JWKS. Without anything of the answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// Not an address that keys may come from.
    #[error("a JWKS is fetched over https, or over http from this machine alone")]
    Address,
    /// No TLS.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// No answer.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// Too slow.
    #[error("no whole answer within {} s", TIMEOUT.as_secs())]
    Slow,
    /// Not 200. A redirection is not followed: who signs is not for a far side to change.
    #[error("answered {0}")]
    Status(u16),
    /// Too large.
    #[error("larger than {} bytes", MOST_BYTES)]
    Large,
    /// Not a JWKS (RFC 7517, 5).
    #[error("not a JWKS")]
    Malformed,
    /// Nothing to verify with.
    #[error("it has no public key")]
    Empty,
}

/// What was fetched.
pub(super) struct Fetched {
    pub(super) keys: JwkSet,
    /// How long the far side says that it holds; none: it does not say.
    pub(super) lifetime: Option<Duration>,
}

/// Checks the address of a JWKS.
pub fn check(url: &Url) -> Result<(), FetchError> {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err(FetchError::Address),
    }
}

/// Fetches JWKS.
#[derive(Clone)]
pub(super) struct Fetcher(Client<HttpsConnector<HttpConnector>, Empty<bytes::Bytes>>);

impl Fetcher {
    pub(super) fn new() -> Result<Self, FetchError> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| FetchError::Tls(error.to_string()))?
            .https_or_http()
            .enable_all_versions()
            .build();
        // A fetch is too rare for a connection to be worth keeping.
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Self(client))
    }

    pub(super) async fn fetch(&self, url: &Url) -> Result<Fetched, FetchError> {
        check(url)?;
        tokio::time::timeout(TIMEOUT, self.exchange(url)).await.map_err(|_| FetchError::Slow)?
    }

    async fn exchange(&self, url: &Url) -> Result<Fetched, FetchError> {
        let request = Request::get(url.as_str()).header(ACCEPT, "application/jwk-set+json, application/json");
        let request = request.body(Empty::new()).map_err(|_| FetchError::Address)?;
        let unreachable = |error: &dyn std::error::Error| FetchError::Unreachable(error.to_string());
        let answer = self.0.request(request).await.map_err(|error| unreachable(&error))?;
        if answer.status() != http::StatusCode::OK {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let lifetime = lifetime(answer.headers());
        let body = Limited::new(answer.into_body(), MOST_BYTES)
            .collect()
            .await
            .map_err(|error| if error.is::<LengthLimitError>() { FetchError::Large } else { unreachable(&*error) })?;
        Ok(Fetched { keys: parse(&body.to_bytes())?, lifetime })
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// The public keys of a set. Keys of a kind that is not known here are passed over (RFC 7517, 5), and so are secret ones.
pub(super) fn parse(bytes: &[u8]) -> Result<JwkSet, FetchError> {
    let set: Set = serde_json::from_slice(bytes).map_err(|_| FetchError::Malformed)?;
    let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
    let keys: Vec<_> = keys.filter(|key| !matches!(key.algorithm, AlgorithmParameters::OctetKey(_))).collect();
    if keys.is_empty() { Err(FetchError::Empty) } else { Ok(JwkSet { keys }) }
}

/// `max-age` less `Age` (RFC 9111, 4.2); nothing where the answer is not to be kept.
fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(|one| one.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|one| one == "no-store" || one == "no-cache") {
        return Some(Duration::ZERO);
    }
    let seconds = |text: &str| text.trim_matches('"').parse::<u64>().ok();
    let most = directives.iter().find_map(|one| seconds(one.strip_prefix("max-age=")?))?;
    let age = headers.get(AGE).and_then(|value| seconds(value.to_str().ok()?)).unwrap_or(0);
    Some(Duration::from_secs(most.saturating_sub(age)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        let good = ["https://shop.example/jwks", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost/jwks"];
        for url in good {
            assert!(check(&url.parse().unwrap()).is_ok(), "{url}");
        }
        for url in ["http://shop.example/", "http://10.0.0.1/", "http://localhost.example/", "file:///etc/jwks"] {
            assert!(check(&url.parse().unwrap()).is_err(), "{url}");
        }
    }

    #[test]
    fn a_lifetime_is_what_is_left_of_it() {
        let read = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            lifetime(&headers.collect()).map(|lifetime| lifetime.as_secs())
        };
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("cache-control", "public, Max-Age=600, must-revalidate"), ("age", "100")]), Some(500));
        assert_eq!(read(&[("cache-control", "max-age=60"), ("age", "100")]), Some(0));
        assert_eq!(read(&[("cache-control", "no-store, max-age=600")]), Some(0));
        assert_eq!(read(&[("cache-control", "max-age=soon")]), None);
    }

    #[test]
    fn keys_that_are_not_known_or_secret_are_passed_over() {
        let public = r#"{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let set = format!(
            r#"{{"keys":[{{"kty":"AKP","alg":"ML-DSA-44","pub":"x"}},{{"kty":"oct","k":"c2VjcmV0"}},{public}]}}"#
        );
        let keys = parse(set.as_bytes()).unwrap().keys;
        let named: Vec<_> = keys.iter().filter_map(|key| key.common.key_id.as_deref()).collect();
        assert_eq!(named, ["one"]);
        assert!(matches!(parse(b"{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}"), Err(FetchError::Empty)));
        for text in ["", "[]", "{}", "<html>"] {
            assert!(matches!(parse(text.as_bytes()), Err(FetchError::Malformed)), "{text}");
        }
    }
}

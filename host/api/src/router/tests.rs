//! The whole application, asked over HTTP, with a database that is not there and no suppliers: what the API does by itself.

use super::*;
use crate::auth::key::{ApiKey, KeyHash, Market, Secret};
use crate::auth::store::{KeyStore, Keys, StoreError};
use crate::limits::RatePlan;
use crate::{ApiConfig, ApiParts, Check, Readiness};
use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use interline_booking::{
    BookingConfig, BookingParts, BookingService, FoundOffer, MasterKey, OfferFinder, OfferLookupError,
};
use interline_pricing::{Pricing, RateTable};
use interline_runtime::{
    BaggageRules, CancellationRules, FareRules, PaymentProvider, PaymentProviders, RuleSets, Supplier, Suppliers,
};
use interline_search::{MemoryCache, OfferSigner, SearchConfig, SearchParts, SearchService, SigningKey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceExt;
use uuid::Uuid;

/// Nobody to ask.
struct Nobody;

impl Suppliers for Nobody {
    fn all(&self) -> Vec<Arc<dyn Supplier>> {
        Vec::new()
    }
    fn get(&self, _: &str) -> Option<Arc<dyn Supplier>> {
        None
    }
}

impl PaymentProviders for Nobody {
    fn all(&self) -> Vec<Arc<dyn PaymentProvider>> {
        Vec::new()
    }
    fn get(&self, _: &str) -> Option<Arc<dyn PaymentProvider>> {
        None
    }
}

impl RuleSets for Nobody {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        None
    }
    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        None
    }
    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        None
    }
}

#[async_trait]
impl OfferFinder for Nobody {
    async fn find(&self, _: &str) -> Result<FoundOffer, OfferLookupError> {
        Err(OfferLookupError::Unknown)
    }
}

#[async_trait]
impl Readiness for Nobody {
    async fn check(&self) -> Vec<Check> {
        vec![Check { name: "database".into(), ready: false, detail: "does not answer".into(), essential: true }]
    }
}

struct OneKey(KeyHash, ApiKey);

#[async_trait]
impl KeyStore for OneKey {
    async fn find(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        Ok((*hash == self.0).then(|| self.1.clone()))
    }
}

struct App {
    router: Router,
    secret: Secret,
    search: SearchService,
}

fn app(scopes: &[Scope], plan: RatePlan) -> App {
    let secret = Secret::generate();
    let market = Market {
        point_of_sale: "ID".into(),
        channel: "web".into(),
        customer_segment: "retail".into(),
        currency: "EUR".parse().unwrap(),
        credential_set: "main".into(),
    };
    let key = ApiKey {
        id: Uuid::from_u128(7),
        name: "test".into(),
        scopes: scopes.to_vec(),
        rate_plan: "test".into(),
        market,
        users: None,
    };
    let pricing = Pricing::new(Arc::new(Nobody), RateTable::sandbox().unwrap());
    let signer = OfferSigner::new(SigningKey::new(1, &[7; 32]).unwrap(), Vec::new());
    let cache = Arc::new(MemoryCache::new(1024 * 1024));
    let search =
        SearchService::new(SearchConfig::default(), SearchParts::new(Arc::new(Nobody), pricing.clone(), cache, signer));
    let master = MasterKey { id: "test".into(), hex: "11".repeat(32) };
    let booking = BookingService::new(BookingParts {
        pool: sqlx::postgres::PgPoolOptions::new()
            .acquire_timeout(std::time::Duration::from_millis(200))
            .connect_lazy("postgres://nobody@127.0.0.1:1/none")
            .unwrap(),
        suppliers: Arc::new(Nobody),
        payments: Arc::new(Nobody),
        pricing: pricing.clone(),
        offers: Arc::new(Nobody),
        config: BookingConfig { master_keys: vec![master], ..BookingConfig::default() },
    });
    let api = Api::new(ApiParts {
        config: ApiConfig {
            max_body_kb: 1,
            cors_origins: vec!["https://shop.example".into()],
            rate_plans: BTreeMap::from([("test".to_owned(), plan)]),
            ..ApiConfig::default()
        },
        keys: Keys::new(Arc::new(OneKey(secret.hash(), key))),
        search: search.clone(),
        booking: booking.unwrap(),
        pricing,
        readiness: Arc::new(Nobody),
        metrics: prometheus::Registry::new(),
        tokens: None,
        shutdown: tokio_util::sync::CancellationToken::new(),
    });
    App { router: build(&api.unwrap()), secret, search }
}

fn roomy() -> App {
    app(&crate::auth::key::SCOPES, RatePlan { per_second: 100, burst: 100 })
}

impl App {
    async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    fn with_key(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(path).header("x-api-key", self.secret.reveal())
    }

    /// Status and problem slug (`""` where it is none) of a request with the key.
    async fn outcome(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = self.with_key(method, path).header("content-type", "application/json");
        outcome(self.send(request.body(Body::from(body.to_owned())).unwrap()).await).await
    }
}

async fn body(response: Response) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

async fn outcome(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let problem: Value = serde_json::from_slice(&body(response).await).unwrap_or_default();
    let slug = problem["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned();
    (status, slug)
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

const SEARCH: &str = "/v1/flights/search?origin=CGK&destination=NRT";

#[tokio::test]
async fn every_refusal_is_a_problem_of_its_kind() {
    let app = roomy();
    let expect = |status: u16, slug: &str| (status, slug.to_owned());
    assert_eq!(app.outcome("GET", "/nowhere", "").await, expect(404, "not-found"));
    assert_eq!(app.outcome("DELETE", "/v1/bookings", "").await, expect(405, "method-not-allowed"));
    assert_eq!(app.outcome("GET", SEARCH, "").await, expect(400, "validation"));
    assert_eq!(app.outcome("POST", "/v1/flights/search", "{").await, expect(400, "malformed-body"));
    assert_eq!(app.outcome("POST", "/v1/flights/search", "{}").await, expect(422, "validation"));
    assert_eq!(app.outcome("POST", "/v1/flights/search", &" ".repeat(2000)).await, expect(413, "payload-too-large"));
    assert_eq!(app.outcome("GET", "/v1/bookings", "").await, expect(401, "user-token"));
    assert_eq!(app.outcome("POST", "/v1/offers/nonsense/verify", "").await, expect(404, "offer-invalid"));
    assert_eq!(app.outcome("POST", "/v1/offers/nonsense/verify", "{\"x\":1}").await, expect(422, "validation"));
    assert_eq!(app.outcome("POST", "/v1/offers/%ff/verify", "").await, expect(404, "not-found"));
    assert_eq!(app.outcome("POST", "/v1/webhooks/nobody", "{}").await, expect(404, "not-found"));
    let text = app.with_key("POST", "/v1/flights/search").header("content-type", "text/plain");
    let answer = app.send(text.body(Body::from("x")).unwrap()).await;
    assert_eq!(outcome(answer).await, expect(415, "unsupported-media-type"));
    let large = app.with_key("GET", SEARCH).header("x-large", "x".repeat(40 * 1024));
    assert_eq!(outcome(app.send(large.body(Body::empty()).unwrap()).await).await, expect(431, "headers-too-large"));
}

#[tokio::test]
async fn who_has_no_good_key_learns_nothing() {
    let app = roomy();
    for header in ["", "ik_live_", "Bearer x", &format!("Bearer {}", Secret::generate().reveal())] {
        let request = Request::get(SEARCH).header("authorization", header).body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert!(answer.headers().contains_key("www-authenticate"));
        assert_eq!(outcome(answer).await, (401, "unauthenticated".to_owned()));
    }
    let bearer = format!("bearer {}", app.secret.reveal());
    let request = Request::get(SEARCH).header("authorization", bearer).body(Body::empty()).unwrap();
    assert_eq!(app.send(request).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say() {
    let app = app(&[Scope::Book], RatePlan { per_second: 100, burst: 100 });
    assert_eq!(app.outcome("GET", SEARCH, "").await, (403, "forbidden".to_owned()));
    assert_eq!(app.outcome("GET", "/v1/bookings", "").await, (401, "user-token".to_owned()));
}

#[tokio::test]
async fn an_empty_bucket_refuses_and_says_until_when() {
    let app = app(&crate::auth::key::SCOPES, RatePlan { per_second: 1, burst: 2 });
    let ask = || async { app.send(app.with_key("GET", SEARCH).body(Body::empty()).unwrap()).await };
    let first = ask().await;
    assert_eq!(first.headers()["ratelimit"], "\"key\";r=1;t=1");
    assert_eq!(first.headers()["ratelimit-policy"], "\"key\";q=2;w=2");
    ask().await;
    let refused = ask().await;
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(outcome(refused).await, (429, "rate-limited".to_owned()));
}

#[tokio::test]
async fn every_answer_carries_its_id_and_its_guards() {
    let app = roomy();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = Request::get("/nowhere").header("traceparent", parent).body(Body::empty()).unwrap();
    let answer = app.send(request).await;
    assert_eq!(answer.headers()["x-request-id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let answer = app.send(app.with_key("DELETE", "/v1/bookings").body(Body::empty()).unwrap()).await;
    let allowed = answer.headers()["allow"].to_str().unwrap().to_owned();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
}

#[tokio::test]
async fn only_known_origins_may_call_from_a_browser() {
    let app = roomy();
    let preflight = |origin: &str| {
        let request = Request::builder().method("OPTIONS").uri("/v1/bookings").header("origin", origin);
        request.header("access-control-request-method", "POST").body(Body::empty()).unwrap()
    };
    let known = app.send(preflight("https://shop.example")).await;
    assert_eq!(known.headers()["access-control-allow-origin"], "https://shop.example");
    let request = Request::get("/healthz").header("origin", "https://shop.example").body(Body::empty()).unwrap();
    let exposed = app.send(request).await.headers()["access-control-expose-headers"].to_str().unwrap().to_owned();
    for header in ["x-request-id", "retry-after", "idempotency-replayed"] {
        assert!(exposed.contains(header), "{header} is not in {exposed}");
    }
    let unknown = app.send(preflight("https://evil.example")).await;
    assert!(!unknown.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn without_suppliers_a_search_is_unavailable_and_without_a_database_so_is_the_gateway() {
    let app = roomy();
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    let date = tomorrow.to_string()[..10].to_owned();
    let path = format!("{SEARCH}&departure_date={date}");
    assert_eq!(app.outcome("GET", &path, "").await, (503, "unavailable".to_owned()));
    let streamed =
        app.send(app.with_key("GET", &path.replace("search?", "search/stream?")).body(Body::empty()).unwrap());
    let streamed = String::from_utf8(body(streamed.await).await).unwrap();
    assert!(streamed.contains("event: problem") && streamed.contains("/problems/unavailable"), "{streamed}");
    assert_eq!(app.send(get("/healthz")).await.status(), StatusCode::OK);
    assert_eq!(app.send(get("/readyz")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let metrics = String::from_utf8(body(app.send(get("/metrics")).await).await).unwrap();
    assert!(metrics.contains(
        "interline_http_request_seconds_count{method=\"GET\",route=\"/v1/flights/search\",status=\"503\"} 1"
    ));
}

#[tokio::test]
async fn under_too_much_load_searches_are_shed_and_bookings_are_not() {
    let app = roomy();
    let pressure = app.search.pressure();
    (0..1_000).for_each(|_| pressure.measured(std::time::Duration::from_secs(1), 1_000));
    let mut shed = 0;
    for _ in 0..60 {
        let answer = app.send(app.with_key("GET", SEARCH).body(Body::empty()).unwrap()).await;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(answer.headers()["retry-after"], "2");
            shed += 1;
        }
        assert_ne!(app.outcome("POST", "/v1/bookings", "{}").await.0, 503);
    }
    assert!((55..60).contains(&shed), "{shed} of 60 were shed");
    (0..1_000).for_each(|_| pressure.measured(std::time::Duration::ZERO, 0));
    assert_eq!(app.outcome("GET", SEARCH, "").await.0, 400, "a date is missing, and nothing is shed");
}

#[tokio::test]
async fn the_document_declares_what_the_router_answers() {
    let app = roomy();
    let document: Value = serde_json::from_slice(&body(app.send(get("/openapi.json")).await).await).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    let expected = [
        "/healthz",
        "/metrics",
        "/readyz",
        "/v1/bookings",
        "/v1/bookings/{id}",
        "/v1/bookings/{id}/cancellation-quotes",
        "/v1/bookings/{id}/cancellations",
        "/v1/bookings/{id}/events",
        "/v1/bookings/{id}/payments",
        "/v1/flights/search",
        "/v1/flights/search/stream",
        "/v1/offers/{offer_id}/verify",
        "/v1/webhooks/{provider}",
    ];
    assert_eq!(paths.keys().map(String::as_str).collect::<Vec<_>>(), expected);
    for (path, operations) in paths.iter().filter(|(path, _)| path.starts_with("/v1/")) {
        for (method, operation) in operations.as_object().unwrap() {
            for status in ["404", "405", "429", "500", "503"] {
                assert!(operation["responses"][status].is_object(), "{method} {path} does not declare {status}");
            }
        }
    }
    let replayable = [("", "201"), ("/{id}/payments", "201"), ("/{id}/cancellations", "202")];
    for (path, status) in replayable {
        let answer = &paths[&format!("/v1/bookings{path}")]["post"]["responses"][status];
        assert!(answer["headers"]["Idempotency-Replayed"].is_object(), "{path} does not declare it: {answer}");
    }
    let text = document.to_string();
    for (at, _) in text.match_indices("\"#/components/schemas/") {
        let name = text[at + 22..].split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is referred to and not there");
    }
}

#[tokio::test]
async fn the_pages_for_people_need_no_script() {
    let app = roomy();
    for path in ["/docs", "/problems", "/problems/validation"] {
        let answer = app.send(get(path)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        let html = String::from_utf8(body(answer).await).unwrap();
        assert!(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"), "{path}");
    }
    assert_eq!(app.send(get("/problems/nonsense")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.send(get("/docs/style.css")).await.status(), StatusCode::OK);
}

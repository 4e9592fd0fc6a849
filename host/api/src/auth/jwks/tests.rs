use super::super::user::tests::{claims, jwk, sign};
use super::*;
use axum::Router;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::future::join_all;
use http::StatusCode;
use http::header::{CACHE_CONTROL, LOCATION};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A frontend's own server of its JWKS.
struct Shop {
    url: Url,
    hits: Arc<AtomicUsize>,
    /// What it answers; none: it takes the request, and says nothing.
    answer: watch::Sender<Option<Answer>>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    cache_control: &'static str,
    body: String,
}

/// A JWKS of these keys, by seed.
fn set(seeds: &[u8]) -> Option<Answer> {
    let keys = seeds.iter().map(|seed| jwk(*seed, &seed.to_string())).collect();
    let body = serde_json::to_string(&JwkSet { keys }).unwrap();
    Some(Answer { status: StatusCode::OK, cache_control: "max-age=300", body })
}

fn down() -> Option<Answer> {
    Some(Answer { status: StatusCode::BAD_GATEWAY, cache_control: "", body: String::new() })
}

type Served = (Arc<AtomicUsize>, watch::Receiver<Option<Answer>>);

async fn serve(Extract((hits, mut answer)): Extract<Served>) -> Response {
    hits.fetch_add(1, Ordering::SeqCst);
    let answer = answer.wait_for(Option::is_some).await.unwrap().clone().unwrap();
    let headers = [(CACHE_CONTROL, answer.cache_control), (LOCATION, "/elsewhere")];
    (answer.status, headers, answer.body).into_response()
}

impl Shop {
    async fn open(answer: Option<Answer>) -> Self {
        let (answer, told) = watch::channel(answer);
        let hits = Arc::new(AtomicUsize::new(0));
        let app = Router::new().route("/jwks", get(serve)).with_state((Arc::clone(&hits), told));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { url, hits, answer }
    }

    fn tokens(&self) -> UserTokens {
        let keys = KeySource::Url(self.url.clone());
        UserTokens { issuer: "https://shop.example".into(), audience: "interline".into(), keys }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    async fn asks(&self, jwks: &Jwks, seed: u8) -> Result<(), Unproven> {
        jwks.user(&sign(&claims(), &seed.to_string(), seed), &self.tokens()).await.map(drop)
    }
}

fn jwks(pace: Pace) -> Jwks {
    Jwks::new(pace, &Registry::new()).unwrap()
}

/// Fetches as often as it is asked to, and keeps what it has for an hour.
fn eager() -> Pace {
    Pace { pause: Duration::ZERO, shortest: Duration::from_secs(3600), ..Pace::default() }
}

/// Takes nothing for fresh.
fn wary(grace: Duration) -> Pace {
    Pace { pause: Duration::ZERO, shortest: Duration::ZERO, longest: Duration::ZERO, grace, ..Pace::default() }
}

const HOUR: Duration = Duration::from_secs(3600);

async fn until(what: &str, done: impl Fn() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect(what);
}

#[tokio::test]
async fn a_crowd_that_finds_no_keys_makes_one_fetch_and_then_none() {
    let shop = Shop::open(None).await;
    let jwks = jwks(Pace::default());
    let crowd = join_all((0..100).map(|_| shop.asks(&jwks, 1)));
    let answers = tokio::join!(crowd, async {
        until("the fetch", || shop.hits() > 0).await;
        shop.answer.send_replace(set(&[1]));
    });
    assert!(answers.0.iter().all(Result::is_ok), "{answers:?}");
    assert!(shop.asks(&jwks, 1).await.is_ok());
    assert_eq!(shop.hits(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_fetched_when_a_token_names_it_and_a_withdrawn_one_is_no_good() {
    let shop = Shop::open(set(&[1])).await;
    let jwks = jwks(eager());
    assert!(shop.asks(&jwks, 1).await.is_ok());
    shop.answer.send_replace(set(&[2]));
    assert!(shop.asks(&jwks, 2).await.is_ok());
    assert_eq!(shop.asks(&jwks, 1).await, Err(TokenError::UnknownKey.into()));
}

#[tokio::test]
async fn tokens_of_made_up_keys_cause_no_storm_of_fetches() {
    let shop = Shop::open(set(&[1])).await;
    let jwks = jwks(Pace { pause: HOUR, ..Pace::default() });
    assert!(shop.asks(&jwks, 1).await.is_ok());
    let refused = join_all((0..200).map(|seed| shop.asks(&jwks, seed + 10))).await;
    assert!(refused.iter().all(|answer| *answer == Err(TokenError::UnknownKey.into())));
    assert!(shop.asks(&jwks, 1).await.is_ok(), "who has a good token notices nothing");
    assert_eq!(shop.hits(), 1);
}

#[tokio::test]
async fn what_is_no_token_or_names_no_key_is_refused_without_a_second_fetch() {
    let shop = Shop::open(set(&[1])).await;
    let jwks = jwks(eager());
    for text in ["", "a.b.c", "e30.e30.e30"] {
        assert!(matches!(jwks.user(text, &shop.tokens()).await, Err(Unproven::Token(_))), "{text}");
    }
    assert_eq!(shop.hits(), 0);
    for _ in 0..5 {
        let forged = jwks.user(&sign(&claims(), "1", 2), &shop.tokens()).await;
        assert_eq!(forged, Err(TokenError::Signature.into()));
    }
    assert_eq!(shop.hits(), 1);
}

#[tokio::test]
async fn a_server_that_is_down_is_outlived_until_it_is_back() {
    let shop = Shop::open(set(&[1])).await;
    let jwks = jwks(wary(HOUR));
    assert!(shop.asks(&jwks, 1).await.is_ok());
    shop.answer.send_replace(down());
    for _ in 0..5 {
        assert!(shop.asks(&jwks, 1).await.is_ok());
    }
    shop.answer.send_replace(set(&[2]));
    let back = async { while shop.asks(&jwks, 2).await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(30), back).await.expect("the new key is taken");
}

#[tokio::test]
async fn keys_past_their_grace_are_used_no_more() {
    let shop = Shop::open(set(&[1])).await;
    let jwks = jwks(eager());
    assert!(shop.asks(&jwks, 1).await.is_ok());
    let slot = jwks.0.sets.get(&shop.url).await.unwrap();
    let now = Instant::now();
    if let Some(kept) = slot.0.lock().kept.as_mut() {
        (kept.fresh_until, kept.usable_until) = (now, now);
    }
    shop.answer.send_replace(down());
    assert!(matches!(shop.asks(&jwks, 1).await, Err(Unproven::NoKeys { .. })));
}

#[tokio::test]
async fn keys_are_renewed_beside_before_they_are_over() {
    let shop = Shop::open(set(&[1])).await;
    let jwks = jwks(eager());
    assert!(shop.asks(&jwks, 1).await.is_ok());
    let slot = jwks.0.sets.get(&shop.url).await.unwrap();
    slot.0.lock().kept.as_mut().unwrap().renew = Instant::now();
    // The renewal hangs, and nobody waits for it.
    shop.answer.send_replace(None);
    assert!(shop.asks(&jwks, 1).await.is_ok());
    until("the renewal", || shop.hits() == 2).await;
    assert!(shop.asks(&jwks, 1).await.is_ok());
    shop.answer.send_replace(set(&[1, 2]));
    until("the renewed set", || slot.0.lock().kept.as_ref().unwrap().keys.keys.len() == 2).await;
    assert!(shop.asks(&jwks, 2).await.is_ok());
    assert_eq!(shop.hits(), 2);
}

#[tokio::test]
async fn who_goes_away_does_not_end_the_fetch_that_others_wait_for() {
    let shop = Shop::open(None).await;
    let jwks = jwks(Pace::default());
    let mut impatient = Box::pin(shop.asks(&jwks, 1));
    tokio::select! {
        _ = &mut impatient => panic!("nothing was answered yet"),
        () = until("the fetch", || shop.hits() == 1) => drop(impatient),
    }
    shop.answer.send_replace(set(&[1]));
    assert!(shop.asks(&jwks, 1).await.is_ok());
    assert_eq!(shop.hits(), 1);
}

#[tokio::test]
async fn what_the_server_says_of_its_lifetime_holds_within_bounds() {
    for (cache_control, seconds) in
        [("max-age=300", 300), ("max-age=1", 60), ("no-store", 60), ("", 600), ("max-age=99999999", 3600)]
    {
        let shop = Shop::open(set(&[1]).map(|answer| Answer { cache_control, ..answer })).await;
        let jwks = jwks(Pace::default());
        let before = Instant::now();
        assert!(shop.asks(&jwks, 1).await.is_ok());
        let kept = jwks.0.sets.get(&shop.url).await.unwrap().0.lock().kept.clone().unwrap();
        let lifetime = kept.fresh_until - before;
        let expected = Duration::from_secs(seconds);
        assert!(lifetime >= expected && lifetime < expected + Duration::from_secs(30), "{cache_control}: {lifetime:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_jwks_is_not_taken_and_told_when_to_come_back() {
    let large = "x".repeat(100_000);
    let answers = [
        (StatusCode::OK, large.as_str()),
        (StatusCode::OK, "<html>"),
        (StatusCode::OK, "{\"keys\":[]}"),
        (StatusCode::FOUND, ""),
        (StatusCode::NOT_FOUND, ""),
    ];
    for (status, body) in answers {
        let shop = Shop::open(Some(Answer { status, cache_control: "", body: body.to_owned() })).await;
        let jwks = jwks(Pace::default());
        for _ in 0..3 {
            let Err(Unproven::NoKeys { retry_after }) = shop.asks(&jwks, 1).await else { panic!("{status}") };
            assert!(retry_after <= Pace::default().pause);
        }
        assert_eq!(shop.hits(), 1, "{status}");
        assert!(probe(&shop.url).await.is_err());
    }
}

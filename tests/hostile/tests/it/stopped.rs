//! A component that misbehaves fails its own call, in a typed way and in time, and nobody else's.

use interline_domain::fault::{Disposition, Fault, Origin};
use interline_hostile::{Lab, search};
use interline_runtime::{LimitOverrides, Supplier};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_millis(1500);

/// What a machine that does ten other things may add.
const SLACK: Duration = Duration::from_secs(20);

fn limits() -> LimitOverrides {
    LimitOverrides { search_timeout_ms: Some(LIMIT.as_millis() as u64), memory_mb: Some(64), ..Default::default() }
}

async fn fault(supplier: &Arc<dyn Supplier>, origin: &str) -> Fault {
    supplier.search(&search(origin).unwrap()).await.unwrap_err()
}

fn code(fault: &Fault) -> &str {
    assert_eq!(fault.origin, Origin::Host, "{fault:?}");
    fault.code.as_deref().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_misbehaviour_is_a_typed_error_in_time_and_the_others_dont_notice() {
    let lab = Lab::start(&["hostile", "bystander"], limits()).await.unwrap();
    let (hostile, bystander) = (lab.supplier("hostile").unwrap(), lab.supplier("bystander").unwrap());
    let (over, beside) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (until, counted) = (Arc::clone(&over), Arc::clone(&beside));
    let others = tokio::spawn(async move {
        while !until.load(Ordering::Relaxed) {
            let reply = bystander.search(&search("CGK").unwrap()).await.unwrap();
            assert_eq!(reply.offers.len(), 1);
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let expected: [(&str, &[&str]); 6] = [
        ("SIN", &["deadline"]),
        ("KUL", &["memory"]),
        ("BKK", &["trap"]),
        ("SGN", &["stack_overflow", "trap"]),
        ("ICN", &["too_large", "memory", "deadline"]),
        ("MNL", &["deadline"]),
    ];
    for (origin, codes) in expected {
        let before = beside.load(Ordering::Relaxed);
        // As many at a time as there are worker threads, and one more.
        let calls = (0..3).map(|_| {
            let hostile = Arc::clone(&hostile);
            async move {
                let started = Instant::now();
                let fault = fault(&hostile, origin).await;
                (fault, started.elapsed())
            }
        });
        for (fault, took) in futures::future::join_all(calls).await {
            assert!(codes.contains(&code(&fault)), "{origin}: {fault:?}");
            assert!(matches!(fault.disposition, Disposition::RetryAfter { .. }), "{origin}: {fault:?}");
            assert!(took < LIMIT + SLACK, "{origin} took {took:?}");
            let waited = codes == ["deadline"];
            assert!(!waited || beside.load(Ordering::Relaxed) > before, "nobody was called beside {origin}");
        }
    }
    over.store(true, Ordering::Relaxed);
    others.await.unwrap();
}

#[tokio::test]
async fn garbage_is_skipped_and_what_is_good_stays() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    let reply = lab.supplier("hostile").unwrap().search(&search("HKG").unwrap()).await.unwrap();
    assert_eq!(reply.offers.len(), 1);
    assert_eq!(reply.offers[0].id, "good");
    assert_eq!(reply.skipped.len(), 8);
}

#[tokio::test]
async fn requests_leave_only_for_hosts_that_manifest_and_grant_name() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    let hostile = lab.supplier("hostile").unwrap();
    for origin in ["PVG", "PEK"] {
        let fault = fault(&hostile, origin).await;
        assert_eq!(code(&fault), "egress_denied", "{origin}");
        assert_eq!(fault.disposition, Disposition::Rejected);
    }
    assert_eq!(lab.far.seen_in_all(), 0);
}

#[tokio::test]
async fn a_secret_reaches_the_host_it_is_granted_for_and_no_other() {
    let lab = Lab::start(&["hostile"], limits()).await.unwrap();
    let hostile = lab.supplier("hostile").unwrap();
    let told = hostile.search(&search("NRT").unwrap()).await.unwrap();
    assert_eq!(told.offers[0].id, "Bearer s3cret");
    let fault = fault(&hostile, "TPE").await;
    assert_eq!(code(&fault), "egress_denied");
    assert!(!fault.message.contains("s3cret"));
    assert_eq!(lab.far.seen("/ok"), 0);
}

#[tokio::test]
async fn redirects_and_answers_beyond_the_cap_are_not_followed() {
    let limits = LimitOverrides { max_reply_kb: Some(1024), ..limits() };
    let lab = Lab::start(&["hostile"], limits).await.unwrap();
    let hostile = lab.supplier("hostile").unwrap();
    let fault_of_redirect = fault(&hostile, "BOM").await;
    assert!(fault_of_redirect.message.contains("302"), "{fault_of_redirect:?}");
    assert_eq!(lab.far.seen("/ok"), 0);
    assert_eq!(fault(&hostile, "DEL").await.origin, Origin::Component);
}

#[tokio::test]
async fn a_far_side_that_fails_again_and_again_is_left_alone_for_a_while() {
    let limits = LimitOverrides { circuit_failures: Some(3), circuit_pause_ms: Some(60_000), ..limits() };
    let lab = Lab::start(&["hostile", "bystander"], limits).await.unwrap();
    let hostile = lab.supplier("hostile").unwrap();
    for _ in 0..3 {
        assert_eq!(fault(&hostile, "HND").await.origin, Origin::Component);
    }
    let refused = fault(&hostile, "HND").await;
    assert_eq!(code(&refused), "circuit_open");
    assert!(matches!(refused.disposition, Disposition::RetryAfter { .. }));
    assert_eq!(lab.far.seen("/500"), 3);
    // Its own circuit, and nobody else's.
    assert!(lab.supplier("bystander").unwrap().search(&search("NRT").unwrap()).await.is_ok());
}

#[tokio::test]
async fn beyond_the_queue_calls_are_refused_at_once() {
    let limits = LimitOverrides { concurrency: Some(1), queue: Some(1), ..limits() };
    let lab = Lab::start(&["hostile"], limits).await.unwrap();
    let hostile = lab.supplier("hostile").unwrap();
    let waiting = |supplier: Arc<dyn Supplier>| tokio::spawn(async move { fault(&supplier, "MNL").await });
    let first = waiting(Arc::clone(&hostile));
    lab.far.wait_for("/never").await;
    let second = waiting(Arc::clone(&hostile));
    // Of two that come now, at least one finds the one place in the queue taken.
    let third = fault(&hostile, "MNL").await;
    let codes = [first.await.unwrap(), second.await.unwrap(), third].map(|fault| fault.code.unwrap());
    assert_eq!(codes.iter().filter(|code| *code == "queue_full").count(), 1, "{codes:?}");
}

#[tokio::test]
async fn a_search_does_not_wait_for_a_place_until_its_time_is_over() {
    let limits = LimitOverrides { concurrency: Some(1), search_timeout_ms: Some(60_000), ..limits() };
    let lab = Lab::start(&["hostile"], limits).await.unwrap();
    let hostile = lab.supplier("hostile").unwrap();
    let first = tokio::spawn({
        let hostile = Arc::clone(&hostile);
        async move { fault(&hostile, "MNL").await }
    });
    lab.far.wait_for("/never").await;
    assert_eq!(code(&fault(&hostile, "MNL").await), "queue_deadline");
    assert!(!first.is_finished(), "the place is still taken");
    first.abort();
}

#[tokio::test]
async fn components_dont_see_each_others_state() {
    let lab = Lab::start(&["hostile", "bystander"], limits()).await.unwrap();
    let mut counts = Vec::new();
    for name in ["hostile", "bystander", "hostile"] {
        let reply = lab.supplier(name).unwrap().search(&search("SYD").unwrap()).await.unwrap();
        counts.push(reply.offers[0].id.clone());
    }
    assert_eq!(counts, ["1", "1", "2"]);
}

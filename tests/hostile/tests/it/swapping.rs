//! Components are replaced while they are called, and no call fails.

use interline_hostile::{Lab, search};
use interline_runtime::{ComponentStatus, LimitOverrides};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_a_file_under_load_fails_no_call() {
    let lab = Arc::new(Lab::start(&["hostile"], LimitOverrides::default()).await.unwrap());
    let (over, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (lab, over, calls) = (Arc::clone(&lab), Arc::clone(&over), Arc::clone(&calls));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let reply = lab.supplier("hostile").unwrap().search(&search("CGK").unwrap()).await.unwrap();
                    assert_eq!(reply.offers.len(), 1);
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for number in 1..=4 {
        let before = lab.state("hostile").unwrap().hash;
        lab.replace("hostile", number).unwrap();
        lab.wait_until("hostile", |state| state.hash != before && state.status == ComponentStatus::Active).await;
        let called = calls.load(Ordering::Relaxed);
        while calls.load(Ordering::Relaxed) < called + 10 {
            tokio::task::yield_now().await;
        }
    }
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn a_call_under_way_ends_on_the_version_it_began_with() {
    let lab = Lab::start(&["hostile"], LimitOverrides::default()).await.unwrap();
    let old = lab.supplier("hostile").unwrap();
    let held = Arc::clone(&old);
    let slow = tokio::spawn(async move { held.search(&search("DPS").unwrap()).await });
    lab.far.wait_for("/slow").await;
    lab.replace("hostile", 1).unwrap();
    lab.runtime.reload().await.unwrap();
    let new = lab.supplier("hostile").unwrap();
    assert_ne!(old.version().hash, new.version().hash);
    assert_eq!(slow.await.unwrap().unwrap().offers.len(), 1);
}

#[tokio::test]
async fn a_broken_file_leaves_the_running_version_in_place_and_shows() {
    let lab = Lab::start(&["hostile"], LimitOverrides::default()).await.unwrap();
    let whole = fs::read(lab.file("hostile", "wasm")).unwrap();
    let hash = lab.state("hostile").unwrap().hash;
    // Half written, not a component at all, gone.
    for step in 0..3 {
        match step {
            0 => fs::write(lab.file("hostile", "wasm"), &whole[..whole.len() / 2]).unwrap(),
            1 => fs::write(lab.file("hostile", "wasm"), b"not wasm").unwrap(),
            _ => fs::remove_file(lab.file("hostile", "wasm")).unwrap(),
        }
        lab.runtime.reload().await.unwrap();
        let state = lab.state("hostile").unwrap();
        assert!(matches!(state.status, ComponentStatus::Broken { serving: true, .. }), "{state:?}");
        assert_eq!(state.hash, hash);
        assert!(lab.supplier("hostile").unwrap().search(&search("CGK").unwrap()).await.is_ok());
    }
    fs::write(lab.file("hostile", "wasm"), &whole).unwrap();
    lab.wait_until("hostile", |state| state.status == ComponentStatus::Active).await;
}

#[tokio::test]
async fn a_manifest_that_asks_for_what_nobody_offers_is_told_so() {
    let lab = Lab::start(&["hostile"], LimitOverrides::default()).await.unwrap();
    let manifest = fs::read_to_string(lab.file("hostile", "toml")).unwrap();
    fs::write(lab.file("hostile", "toml"), manifest.replace("contract = \"0.1.0\"", "contract = \"7.0.0\"")).unwrap();
    lab.runtime.reload().await.unwrap();
    let state = lab.state("hostile").unwrap();
    let ComponentStatus::Broken { error, serving } = state.status else { panic!("{state:?}") };
    assert!(serving && error.contains("7.0.0") && error.contains("on offer: 0.1.0"), "{error}");
}

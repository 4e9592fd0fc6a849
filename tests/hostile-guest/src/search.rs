//! What each origin makes it do.

use crate::replies::{offer, reply, skipping};
use interline_plugin_sdk::http::{Method, Request, Transport, Wasi};
use interline_plugin_sdk::supplier::*;
use interline_plugin_sdk::{fault, host};

/// The far side, as the manifest names it.
pub const FAR: &str = "https://far.example.com";

pub fn search(request: &SearchRequest) -> Result<SearchReply, Fault> {
    match request.slices[0].origin.as_str() {
        // Behaves.
        "CGK" => Ok(reply(vec![offer("good", 10_000)])),
        // Loops.
        "SIN" => loops(),
        // Eats memory.
        "KUL" => eats(),
        // Panics.
        "BKK" => panic!("as asked"),
        // Recurses without end.
        "SGN" => Ok(reply(vec![offer(&recurses(1).to_string(), 1)])),
        // Answers garbage beside a good offer.
        "HKG" => Ok(skipping()),
        // Answers more than can be taken.
        "ICN" => Ok(reply((0..200_000).map(|number| offer(&number.to_string(), number)).collect())),
        // Calls a host that its manifest does not name.
        "PVG" => ask(Request::new(Method::Get, "https://forbidden.example.com/")),
        // Calls a host that its manifest names and its operator does not grant.
        "PEK" => ask(Request::new(Method::Get, "https://ungranted.example.com/")),
        // Sends a secret's placeholder where it may not go.
        "TPE" => ask(Request::new(Method::Get, format!("{FAR}/ok")).bearer("other-secret")),
        // Sends a secret where it may go.
        "NRT" => ask(Request::new(Method::Get, format!("{FAR}/echo-authorization")).bearer("secret")),
        // Waits for an answer that never comes.
        "MNL" => ask(Request::new(Method::Get, format!("{FAR}/never"))),
        // Is told 500.
        "HND" => ask(Request::new(Method::Get, format!("{FAR}/500"))),
        // Is told more than it may be.
        "DEL" => ask(Request::new(Method::Get, format!("{FAR}/huge"))),
        // Is led elsewhere.
        "BOM" => ask(Request::new(Method::Get, format!("{FAR}/elsewhere"))),
        // Keeps a count in the state store.
        "SYD" => counts(),
        // Answers after a while.
        "DPS" => ask(Request::new(Method::Get, format!("{FAR}/slow"))),
        other => Err(fault::rejected(format!("nothing to do from {other}"))),
    }
}

#[allow(clippy::empty_loop)]
fn loops() -> ! {
    loop {}
}

fn eats() -> ! {
    let mut eaten = Vec::new();
    loop {
        eaten.push(vec![1_u8; 1024 * 1024]);
        std::hint::black_box(&eaten);
    }
}

fn recurses(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    if depth == u64::MAX { 0 } else { recurses(depth + 1) + frame[7] }
}

/// Asks, and answers one offer whose id is what it was told.
fn ask(request: Request) -> Result<SearchReply, Fault> {
    let response = Wasi::within(600_000).send(request)?;
    let said = response.text().into_owned();
    if !response.is_success() {
        return Err(response.status_fault(format!("told {} {said}", response.status)));
    }
    Ok(reply(vec![offer(&said, 1)]))
}

fn counts() -> Result<SearchReply, Fault> {
    let before = host::state_get("count");
    let count = before.as_ref().map_or(0, |entry| entry.value[0]) + 1;
    let swapped = host::state_swap("count", before.map(|entry| entry.revision), &[count], 60);
    swapped.map_err(|error| fault::rejected(format!("{error:?}")))?;
    Ok(reply(vec![offer(&count.to_string(), 1)]))
}

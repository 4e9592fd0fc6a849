//! Loopback ports for servers that tests start, and kill, and start again.

#![deny(missing_docs)]

use anyhow::{Result, bail};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};

/// Below those that the kernel hands out by itself: no client's socket takes one before its server listens, or while it is
/// dead.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// A free port that this process has not handed out before.
pub fn free() -> Result<u16> {
    let mut taken = TAKEN.lock();
    let taken = taken.get_or_insert_default();
    for _ in 0..1_000 {
        let port = rand::random_range(RANGE);
        if !taken.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            taken.insert(port);
            return Ok(port);
        }
    }
    bail!("no free port was found in {RANGE:?}")
}

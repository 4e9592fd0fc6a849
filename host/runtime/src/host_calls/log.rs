//! Log lines of guests, in the host's log.

use crate::call::CallState;
use crate::contract::host::log::{Field, Host, Level};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::fmt::Write;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// Lines a second that a component may write, and how many at once.
const LINES_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();
const BURST: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// Bytes of a line that are kept.
const LINE: usize = 4096;

/// Keeps a component from flooding the log.
pub(crate) struct LogBudget {
    lines: DefaultDirectRateLimiter,
    dropped: AtomicU64,
}

impl LogBudget {
    pub(crate) fn new() -> Self {
        let quota = Quota::per_second(LINES_PER_SECOND).allow_burst(BURST);
        Self { lines: RateLimiter::direct(quota), dropped: AtomicU64::new(0) }
    }

    /// How many lines were dropped since the last one that passed; none if this one is dropped too.
    fn pass(&self) -> Option<u64> {
        if self.lines.check().is_ok() {
            return Some(self.dropped.swap(0, Ordering::Relaxed));
        }
        self.dropped.fetch_add(1, Ordering::Relaxed);
        None
    }
}

impl Host for CallState {
    fn write(&mut self, level: Level, message: String, fields: Vec<Field>) {
        let Some(dropped) = self.given.log.pass() else { return };
        let message = one_line(&message);
        let mut rest = String::new();
        for field in &fields {
            // Writing to a string does not fail.
            let _ = write!(rest, "{}={} ", one_line(&field.key), one_line(&field.value));
            if rest.len() > LINE {
                break;
            }
        }
        let (fields, component) = (rest.trim_end(), &self.version);
        match level {
            Level::Debug => tracing::debug!(target: "component", %component, fields, dropped, "{message}"),
            Level::Info => tracing::info!(target: "component", %component, fields, dropped, "{message}"),
            Level::Warn => tracing::warn!(target: "component", %component, fields, dropped, "{message}"),
            Level::Error => tracing::error!(target: "component", %component, fields, dropped, "{message}"),
        }
    }
}

/// Without control characters, which could forge other lines, and not too long.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(LINE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.truncate(line.floor_char_boundary(LINE));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let budget = LogBudget::new();
        let passed = (0..1000).filter(|_| budget.pass().is_some()).count();
        assert!((200..1000).contains(&passed), "{passed}");
        assert_eq!(budget.dropped.load(Ordering::Relaxed), 1000 - passed as u64);
    }

    #[test]
    fn a_line_cannot_forge_another() {
        assert_eq!(one_line("a\nERROR b\u{1b}[0m"), "a ERROR b [0m");
        assert!(one_line(&"é".repeat(LINE)).len() <= LINE);
    }
}

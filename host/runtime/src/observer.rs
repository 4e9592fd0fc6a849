//! What is counted of each call.

use crate::version::PluginVersion;
use std::time::Duration;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// With a result.
    Ok,
    /// With a fault: its disposition's name, and the host's or the far side's code.
    Fault {
        /// See [`interline_domain::fault::Disposition::name`].
        disposition: &'static str,
        /// The host's own code (`deadline`, `memory`, …); none where the component answered.
        host_code: Option<String>,
    },
}

/// One call of a component.
#[derive(Debug, Clone)]
pub struct CallRecord<'a> {
    /// Who was called.
    pub component: &'a PluginVersion,
    /// The contract's function: `search`, `check-price`, `create`, `price`, …
    pub operation: &'static str,
    /// How it ended.
    pub outcome: CallOutcome,
    /// From being asked to having answered, queue included.
    pub wall: Duration,
    /// Time in which the guest was running.
    pub cpu: Duration,
    /// Waiting for a place.
    pub queued: Duration,
    /// Peak of the guest's linear memory, in bytes.
    pub memory: u64,
    /// Sent by the guest over HTTP, bodies only.
    pub bytes_out: u64,
    /// Received by the guest over HTTP, bodies only.
    pub bytes_in: u64,
    /// Requests that left the host.
    pub requests: u32,
    /// Offers of a reply that were skipped by the host, on top of those skipped by the component.
    pub skipped: u32,
}

/// Hears of each call when it has ended; must not block.
pub trait CallObserver: Send + Sync {
    /// A call has ended.
    fn call(&self, record: &CallRecord<'_>);
}

/// Hears nothing.
pub struct Unobserved;

impl CallObserver for Unobserved {
    fn call(&self, _: &CallRecord<'_>) {}
}

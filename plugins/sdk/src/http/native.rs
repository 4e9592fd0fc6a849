//! In the place of the component's transport where there is no host.

use super::{Progress, Request, Response, Transport};
use crate::types::Fault;

/// Natively nothing is sent: every request fails, unsent. In a component this sends over the host's wasi:http.
#[derive(Debug)]
pub struct Wasi {
    timeout_ms: u32,
}

impl Wasi {
    /// A transport for a call that the host drops after this many milliseconds.
    pub fn within(timeout_ms: u32) -> Self {
        Self { timeout_ms }
    }
}

impl Default for Wasi {
    /// For calls that name no timeout: half a minute.
    fn default() -> Self {
        Self::within(30_000)
    }
}

impl Transport for Wasi {
    fn send(&self, request: Request) -> Result<Response, Fault> {
        Err(Progress::NotSent.fault(request.effect, format!("no host to send by within {} ms", self.timeout_ms)))
    }
}

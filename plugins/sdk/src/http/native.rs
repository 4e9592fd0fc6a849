//! In the place of the component's transport where there is no host.

use super::{Progress, Request, Response, Transport};
use crate::types::Fault;

/// Natively nothing is sent: every request fails, unsent. In a component this sends over the host's wasi:http.
#[derive(Debug)]
pub struct Wasi;

impl Wasi {
    /// A transport for a call that the host drops after this many milliseconds.
    pub fn within(_timeout_ms: u32) -> Self {
        Self
    }
}

impl Default for Wasi {
    /// For calls that name no timeout.
    fn default() -> Self {
        Self
    }
}

impl Transport for Wasi {
    fn send(&self, request: Request) -> Result<Response, Fault> {
        Err(Progress::NotSent.fault(request.effect, "there is no host to send by"))
    }
}

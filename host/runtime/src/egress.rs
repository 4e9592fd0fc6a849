//! Requests of guests on their way out: policed, filled with secrets, counted.

mod address;
mod body;
mod breaker;
mod connector;
mod live;
mod policy;
pub(crate) mod recorded;
mod unpack;

pub(crate) use live::Live;
pub(crate) use policy::Policy;
pub(crate) use recorded::Recorded;

use crate::secrets::{CallSecrets, Secrets};
use crate::stop::{Sent, Stop};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Limited};
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// What is read of a refused request's body, so that the guest sees the refusal and not a broken pipe.
const DRAINED: usize = 1024 * 1024;

/// Where requests go: out, or to a recording.
#[derive(Clone)]
pub(crate) enum Egress {
    Live(Arc<Live>),
    Recorded(Arc<Recorded>),
}

/// The way out of one call.
#[derive(Clone)]
pub(crate) struct CallEgress {
    egress: Egress,
    call: Arc<Call>,
}

/// What one call has sent and received.
pub(crate) struct Call {
    /// Of the call's span: requests are sent from tasks of their own.
    pub(crate) span: Option<tracing::Id>,
    pub(crate) secrets: Arc<CallSecrets>,
    attempts: AtomicU32,
    requests: AtomicU32,
    unsafe_requests: AtomicU32,
    bytes_out: AtomicU64,
    bytes_in: AtomicU64,
    refused: Mutex<Option<Stop>>,
}

/// A count of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: Sent,
    pub(crate) bytes_out: u64,
    pub(crate) bytes_in: u64,
}

impl CallEgress {
    pub(crate) fn new(egress: Egress, secrets: &Secrets, span: Option<tracing::Id>) -> Self {
        Self { egress, call: Arc::new(Call::new(secrets, span)) }
    }

    pub(crate) fn secrets(&self) -> Arc<CallSecrets> {
        Arc::clone(&self.call.secrets)
    }

    pub(crate) fn traffic(&self) -> Traffic {
        let load = |counter: &AtomicU32| counter.load(Ordering::SeqCst);
        Traffic {
            sent: Sent { requests: load(&self.call.requests), unsafe_requests: load(&self.call.unsafe_requests) },
            bytes_out: self.call.bytes_out.load(Ordering::Relaxed),
            bytes_in: self.call.bytes_in.load(Ordering::Relaxed),
        }
    }

    /// The host's own reason why a request did not leave; the first one.
    pub(crate) fn refused(&self) -> Option<Stop> {
        self.call.refused.lock().clone()
    }

    pub(crate) fn is_recorded(&self) -> bool {
        matches!(self.egress, Egress::Recorded(_))
    }

    /// Keeps what the guest printed before it failed, for who replays.
    pub(crate) fn note_printed(&self, printed: &str) {
        if let Egress::Recorded(recorded) = &self.egress {
            recorded.note_printed(printed);
        }
    }
}

impl Call {
    pub(crate) fn new(secrets: &Secrets, span: Option<tracing::Id>) -> Self {
        Self {
            span,
            secrets: Arc::new(CallSecrets::new(secrets)),
            attempts: AtomicU32::new(0),
            requests: AtomicU32::new(0),
            unsafe_requests: AtomicU32::new(0),
            bytes_out: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            refused: Mutex::new(None),
        }
    }

    /// Counts a request that the guest wants to send; false beyond `limit`.
    pub(crate) fn attempt(&self, limit: u32) -> bool {
        self.attempts.fetch_add(1, Ordering::SeqCst) < limit
    }

    /// From here on the far side may have seen the request.
    pub(crate) fn leaves(&self, method: &Method) -> Leaving<'_> {
        let is_unsafe = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.unsafe_requests.fetch_add(u32::from(is_unsafe), Ordering::SeqCst);
        Leaving { call: self, is_unsafe }
    }

    pub(crate) fn count_out(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn count_in(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Notes the host's own reason why a request did not leave.
    pub(crate) fn refuse(&self, reason: Stop) {
        self.refused.lock().get_or_insert(reason);
    }
}

/// A request on its way.
pub(crate) struct Leaving<'a> {
    call: &'a Call,
    is_unsafe: bool,
}

impl Leaving<'_> {
    /// It is certain that not a byte of it left: there was no connection.
    pub(crate) fn never_left(self) {
        self.call.requests.fetch_sub(1, Ordering::SeqCst);
        self.call.unsafe_requests.fetch_sub(u32::from(self.is_unsafe), Ordering::SeqCst);
    }
}

/// Reads what the guest still sends of a request that goes nowhere.
async fn drain(body: WasiBody) {
    // Whatever it answers, the request is refused.
    let _ = Limited::new(body, DRAINED).collect().await;
}

type Sending = Box<dyn Future<Output = wasmtime_wasi_http::Result<(Response<WasiBody>, Sideline)>> + Send>;
type Sideline = Box<dyn Future<Output = wasmtime_wasi_http::Result<()>> + Send>;

impl WasiHttpHooks for CallEgress {
    fn set_host_header(&mut self) -> bool {
        // The host decides where a request really goes, and so what stands in `Host`.
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Sending {
        let (egress, call) = (self.egress.clone(), Arc::clone(&self.call));
        Box::new(async move {
            let response = match egress {
                Egress::Live(live) => live.send(call, request, options).await?,
                Egress::Recorded(recorded) => recorded.send(&call, request).await?,
            };
            let sideline: Sideline = Box::new(async { Ok(()) });
            Ok((response, sideline))
        })
    }
}

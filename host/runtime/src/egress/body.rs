//! Bodies on their way through: counted, capped, and never waited for without end.

use crate::egress::Call;
use crate::egress::breaker::Attempt;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use wasmtime_wasi_http::{Error, WasiBody};

/// The guest's body, counted.
pub(super) fn outgoing(body: WasiBody, call: Arc<Call>) -> WasiBody {
    body.map_frame(move |frame| {
        call.count_out(frame.data_ref().map_or(0, Bytes::len));
        frame
    })
    .boxed_unsync()
}

/// The far side's body.
pub(super) struct Reply {
    pub(super) inner: Incoming,
    pub(super) call: Arc<Call>,
    /// Bytes that may still come.
    pub(super) left: u64,
    pub(super) between_bytes: Duration,
    pub(super) waiting: Option<Pin<Box<Sleep>>>,
    /// Told how it went; none once told.
    pub(super) attempt: Option<Attempt>,
    /// Its place among the component's connections.
    pub(super) _place: OwnedSemaphorePermit,
}

impl Reply {
    fn fail(&mut self, error: Error) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(mut attempt) = self.attempt.take() {
            attempt.failed(Instant::now());
        }
        Poll::Ready(Some(Err(error)))
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(context) else {
            let between_bytes = this.between_bytes;
            let waiting = this.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(between_bytes)));
            ready!(waiting.as_mut().poll(context));
            return this.fail(Error::ConnectionReadTimeout);
        };
        this.waiting = None;
        match frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.call.count_in(length);
                match this.left.checked_sub(length as u64) {
                    Some(left) => this.left = left,
                    None => return this.fail(Error::HttpResponseBodySize(None)),
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "answer cut short");
                this.fail(Error::HttpResponseIncomplete)
            }
            None => {
                if let Some(mut attempt) = this.attempt.take() {
                    attempt.succeeded();
                }
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        // The end is told by polling, which settles the attempt.
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

//! What a guest prints to its standard error: the beginning is kept for a developer, the rest goes nowhere.

use bytes::Bytes;
use parking_lot::Mutex;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError};

/// Bytes that are kept: a panic's message and place.
const KEPT: usize = 4096;

/// How much a guest may write at once.
const AT_ONCE: usize = 64 * 1024;

/// Takes everything, and keeps the beginning.
#[derive(Clone, Default)]
pub(crate) struct Printed {
    kept: Arc<Mutex<Vec<u8>>>,
}

impl Printed {
    /// As text, as far as it is any.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept.lock()).into_owned()
    }

    fn take(&self, bytes: &[u8]) {
        let mut kept = self.kept.lock();
        let room = KEPT.saturating_sub(kept.len()).min(bytes.len());
        kept.extend_from_slice(&bytes[..room]);
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Printed {
    async fn ready(&mut self) {}
}

impl OutputStream for Printed {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(AT_ONCE)
    }
}

impl AsyncWrite for Printed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl IsTerminal for Printed {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printed {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_talkative_guest_is_never_told_to_stop() {
        let mut printed = Printed::default();
        for _ in 0..1000 {
            assert!(printed.check_write().unwrap() > 0);
            printed.write(Bytes::from_static(b"panicked at src/lib.rs:1:1 and so on\n")).unwrap();
        }
        assert!(printed.text().starts_with("panicked at") && printed.text().len() == KEPT);
    }
}

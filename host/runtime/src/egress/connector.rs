//! Connections to exactly the addresses that were checked.

use crate::egress::address;
use http::Uri;
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;

/// Resolves a host, checks what it resolves to, and connects to that: there is no second look-up in between that could
/// answer something else.
#[derive(Clone)]
pub(crate) struct CheckedConnector {
    pub(crate) allow_private: bool,
    pub(crate) timeout: Duration,
}

/// The host resolves to nothing that a request may be sent to.
#[derive(Debug, thiserror::Error)]
#[error("{0} resolves to addresses that no request may be sent to")]
pub(crate) struct Prohibited(String);

impl tower::Service<Uri> for CheckedConnector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let connecting = connector.connect(uri);
            tokio::time::timeout(connector.timeout, connecting).await.map_err(|_| io::ErrorKind::TimedOut)?
        })
    }
}

impl CheckedConnector {
    async fn connect(&self, uri: Uri) -> io::Result<TokioIo<TcpStream>> {
        let host = uri.host().ok_or(io::ErrorKind::InvalidInput)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let resolved = tokio::net::lookup_host((bare, port)).await?;
        let allowed = |at: &SocketAddr| address::is_allowed(at.ip(), self.allow_private);
        let addresses: Vec<SocketAddr> = resolved.filter(allowed).collect();
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, Prohibited(host.to_owned())));
        }
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        // Each gets a share of the time, so that one that does not answer leaves some for the next.
        let share = self.timeout / u32::try_from(addresses.len()).unwrap_or(1).max(1);
        for address in addresses {
            match tokio::time::timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::Service;

    #[tokio::test]
    async fn a_name_for_a_private_address_is_refused_after_resolving() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri: Uri = format!("http://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
        let connector = |allow_private| CheckedConnector { allow_private, timeout: Duration::from_secs(5) };
        let error = connector(false).call(uri.clone()).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(connector(true).call(uri).await.is_ok());
    }
}

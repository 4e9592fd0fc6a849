//! The listener: connections in, requests to the application, and a clean end.

mod head_timer;

use self::head_timer::HeadTimer;
use crate::config::ApiConfig;
use crate::front::Front;
use crate::pieces::Whole;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How a connection of HTTP/2 begins (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Streams under way at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 256;

/// What requests go to.
pub trait Application: Send + Sync + 'static {
    /// Of its answers.
    type Body: HttpBody<Data: Send, Error: Into<axum::BoxError>> + Send + 'static;

    /// Answers a request of the client at `peer`.
    fn answer(&self, peer: SocketAddr, request: Request<Incoming>)
    -> impl Future<Output = Response<Self::Body>> + Send;
}

impl Application for Front {
    type Body = Whole;

    async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Response<Whole> {
        Self::answer(self, peer, request).await
    }
}

impl Application for Router {
    type Body = Body;

    async fn answer(&self, peer: SocketAddr, mut request: Request<Incoming>) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(peer));
        self.clone().oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {})
    }
}

/// Serves until `shutdown`; then takes no more connections, and waits up to `drain` for those under way.
pub async fn serve(
    listener: TcpListener,
    application: impl Application,
    config: &ApiConfig,
    shutdown: CancellationToken,
    drain: Duration,
) {
    let connections = GracefulShutdown::new();
    let server = builder(config);
    let application = Arc::new(application);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: those under way give theirs back.
                    tracing::error!(%error, "a connection cannot be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = shutdown.cancelled() => break,
        };
        let (server, application, watcher) = (server.clone(), Arc::clone(&application), connections.watcher());
        let (idle, shutdown) = (config.idle(), shutdown.clone());
        tokio::spawn(async move {
            let begins = tokio::select! {
                // What has been sent is answered, even at the end.
                biased;
                begins = tokio::time::timeout(idle, begins(&stream)) => begins.unwrap_or(false),
                () = shutdown.cancelled() => false,
            };
            if begins {
                // How it ends is the client's affair.
                let _ = watcher.watch(connection(server, stream, peer, application)).await;
            }
        });
    }
    drop(listener);
    tracing::info!(under_way = connections.count(), "no more connections are taken");
    if tokio::time::timeout(drain, connections.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}

fn builder(config: &ApiConfig) -> Builder<TokioExecutor> {
    let mut server = Builder::new(TokioExecutor::new());
    // The layer that answers 431 sees only what the protocol lets through: it needs some room.
    let head = (config.max_header_kb * 1024).max(8 * 1024) * 2;
    // Each connection has a timer of its own for it.
    server.http1().header_read_timeout(config.idle()).max_buf_size(head);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(Duration::from_secs(30));
    server
}

/// Waits for as much of a first request as tells the protocol: until then hyper has no timer for a connection. `false`: it was
/// closed.
async fn begins(stream: &TcpStream) -> bool {
    let mut seen = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut seen).await {
            Ok(0) | Err(_) => return false,
            // Some of the preface, which a client sends as one: it stays readable, so that nothing tells of more.
            Ok(length) if length < PREFACE.len() && PREFACE.starts_with(&seen[..length]) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(_) => return true,
        }
    }
}

fn connection<A: Application>(
    mut server: Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    application: Arc<A>,
) -> impl GracefulConnection {
    // Small answers leave at once.
    let _ = stream.set_nodelay(true);
    server.http1().timer(HeadTimer::default());
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let application = Arc::clone(&application);
        async move { Ok::<_, std::convert::Infallible>(application.answer(peer, request).await) }
    });
    server.serve_connection(TokioIo::new(stream), service).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::Pieces;
    use axum::routing::get;
    use bytes::Bytes;
    use std::io::{IoSlice, Result};
    use std::pin::Pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};
    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};

    /// A connection that counts what is written to it.
    struct Counting(DuplexStream, Arc<AtomicUsize>);

    impl AsyncRead for Counting {
        fn poll_read(mut self: Pin<&mut Self>, c: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<Result<()>> {
            Pin::new(&mut self.0).poll_read(c, into)
        }
    }

    impl AsyncWrite for Counting {
        fn poll_write(mut self: Pin<&mut Self>, c: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Pin::new(&mut self.0).poll_write(c, bytes)
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            c: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<Result<usize>> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Pin::new(&mut self.0).poll_write_vectored(c, slices)
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(mut self: Pin<&mut Self>, c: &mut Context<'_>) -> Poll<Result<()>> {
            Pin::new(&mut self.0).poll_flush(c)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, c: &mut Context<'_>) -> Poll<Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(c)
        }
    }

    #[tokio::test]
    async fn a_page_from_memory_leaves_in_one_write_with_its_head() {
        let (mut client, connection) = tokio::io::duplex(1 << 20);
        let writes = Arc::new(AtomicUsize::new(0));
        let service = hyper::service::service_fn(|_| async {
            let page = [Bytes::from(vec![b'a'; 500_000]), Bytes::from_static(b"rest")];
            Ok::<_, std::convert::Infallible>(Response::new(Whole::Held(Pieces::from(page))))
        });
        let mut server = builder(&ApiConfig::default());
        server.http1().timer(HeadTimer::default());
        let connection = Counting(connection, Arc::clone(&writes));
        let serving = server.serve_connection(TokioIo::new(connection), service);
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        serving.await.unwrap();
        let mut answered = String::new();
        client.read_to_string(&mut answered).await.unwrap();
        assert!(answered.contains("content-length: 500004") && answered.ends_with("aaarest"));
        assert_eq!(writes.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_is_closed_whether_or_not_it_asked_before() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = ApiConfig { idle_seconds: 1, ..ApiConfig::default() };
        let app = Router::new().route("/", get(|| async { "here" }));
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { serve(listener, app, &config, shutdown, Duration::ZERO).await }
        });
        for asked in [&b""[..], b"PRI * H", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(asked).await.unwrap();
            let mut answered = Vec::new();
            // Ends when the server closes; at once, where it leaves something unread.
            if let Err(error) = stream.read_to_end(&mut answered).await {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
            }
            assert_eq!(String::from_utf8_lossy(&answered).ends_with("here"), asked.ends_with(b"\r\n\r\n"));
        }
        shutdown.cancel();
        serving.await.unwrap();
    }
}

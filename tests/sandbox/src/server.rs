//! The listener: HTTP/1.1 and HTTP/2 in the clear, where a call can be cut without an answer.

use std::sync::Arc;

use axum::body::Body;
use axum::response::IntoResponse;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::gate::{self, Cut, Dripping};
use crate::supplier::Supplier;
use crate::world::World;

const LARGEST_REQUEST: usize = 4 * 1024 * 1024;

/// Serves until the task is dropped; then its connections end too.
pub(crate) async fn serve(listener: TcpListener, world: Arc<World>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    if let Err(error) = socket.set_nodelay(true) {
                        tracing::debug!(%error, "no TCP_NODELAY");
                    }
                    connections.spawn(connection(TokioIo::new(socket), Arc::clone(&world)));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(socket: TokioIo<tokio::net::TcpStream>, world: Arc<World>) {
    let undripped = |_: StatusCode, _: http::Version, _: &http::HeaderMap, extensions: &http::Extensions| {
        extensions.get::<Dripping>().is_none()
    };
    let large_text = SizeAbove::new(512).and(NotForContentType::IMAGES).and(undripped);
    let compression = CompressionLayer::new().no_zstd().compress_when(large_text);
    let service =
        ServiceBuilder::new().layer(compression).service(service_fn(move |request| route(Arc::clone(&world), request)));
    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    if let Err(error) = server.serve_connection(socket, TowerToHyperService::new(service)).await {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn route(world: Arc<World>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let prefix = request.uri().path().split('/').nth(1).unwrap_or_default();
    let Some(supplier) = Supplier::named(prefix) else {
        let control = crate::control::http::router(world);
        return Ok(control.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {}));
    };
    let (parts, body) = request.into_parts();
    match Limited::new(body, LARGEST_REQUEST).collect().await {
        Ok(body) => gate::pass(&world, supplier, parts, body.to_bytes()).await,
        Err(_) => Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
    }
}

//! Asks a running sandbox's `/control`.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It didn't start.
    #[error(transparent)]
    Start(#[from] interline_sandbox::StartError),
    /// The system refused something.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The request couldn't be made.
    #[error(transparent)]
    Request(#[from] http::Error),
    /// Nobody answered.
    #[error("no sandbox answers on {0}: {1}")]
    NoAnswer(SocketAddr, hyper_util::client::legacy::Error),
    /// The answer broke off.
    #[error(transparent)]
    BrokenOff(#[from] hyper::Error),
    /// It answered with an error.
    #[error("{0}: {1}")]
    Refused(http::StatusCode, String),
}

/// Makes one call and prints the answer, indented if it is JSON.
pub async fn show(at: SocketAddr, method: &str, path: &str, body: Option<String>) -> Result<(), Error> {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("http://{at}{path}"))
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(body.unwrap_or_default()))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.map_err(|error| Error::NoAnswer(at, error))?;
    let status = response.status();
    let bytes = response.into_body().collect().await?.to_bytes();
    let text = match serde_json::from_slice::<serde_json::Value>(&bytes) {
        Ok(value) => format!("{value:#}"),
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    };
    if !status.is_success() {
        return Err(Error::Refused(status, text));
    }
    if !text.is_empty() {
        println!("{text}");
    }
    Ok(())
}

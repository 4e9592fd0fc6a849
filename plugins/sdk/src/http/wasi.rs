//! The component's transport: wasi:http through wstd.

use super::{LARGEST_BODY, Method, Progress, Request, Response, Transport, Value, gzip};
use crate::fault::{self, Effect};
use crate::host::{self, Form};
use crate::types::Fault;
use std::time::{Duration, Instant};
use wstd::future::FutureExt;
use wstd::http::body::util::BodyExt;
use wstd::http::error::ErrorCode;
use wstd::http::{Body, Client, Error};

/// Sends over the host's wasi:http. One is made per contract call: all its requests together end within the call's time.
#[derive(Debug)]
pub struct Wasi {
    until: Instant,
}

impl Wasi {
    /// A transport for a call that the host drops after `timeout_ms`.
    pub fn within(timeout_ms: u32) -> Self {
        // A little before the host does, so that the caller hears why.
        let budget = u64::from(timeout_ms);
        Self { until: Instant::now() + Duration::from_millis(budget.saturating_sub((budget / 20).clamp(10, 250))) }
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
        let effect = request.effect;
        let left = self.until.saturating_duration_since(Instant::now());
        if left < Duration::from_millis(5) {
            return Err(Progress::NotSent.fault(effect, "no time was left to ask"));
        }
        let outgoing = outgoing(request)?;
        wstd::runtime::block_on(async {
            match exchange(outgoing, effect, left).timeout(wstd::time::Duration::from(left)).await {
                Ok(answer) => answer,
                Err(_) => Err(Progress::MaybeSent.fault(effect, "no answer in time")),
            }
        })
    }
}

fn outgoing(request: Request) -> Result<wstd::http::Request<Body>, Fault> {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    };
    let mut builder = wstd::http::Request::builder().method(method).uri(&request.url).header("accept-encoding", "gzip");
    for (name, value) in request.headers {
        let text = match value {
            Value::Text(text) => text,
            Value::Secret { prefix, name, base64 } => {
                let form = if base64 { Form::Base64 } else { Form::Plain };
                let placeholder = host::placeholder(&name, form)
                    .map_err(|_| fault::not_authorised(format!("the secret `{name}` is not granted")))?;
                format!("{prefix}{placeholder}")
            }
        };
        builder = builder.header(name, text);
    }
    if request.method != Method::Get || !request.body.is_empty() {
        builder = builder.header("content-length", request.body.len());
    }
    builder.body(Body::from(request.body)).map_err(|why| fault::rejected(format!("no such request: {why}")))
}

async fn exchange(request: wstd::http::Request<Body>, effect: Effect, left: Duration) -> Result<Response, Fault> {
    let mut client = Client::new();
    client.set_first_byte_timeout(left);
    client.set_between_bytes_timeout(left);
    let response = client.send(request).await.map_err(|why| on_the_way(&why).fault(effect, describe(&why)))?;
    let status = response.status().as_u16();
    let headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let lost = |why: String| Progress::MaybeSent.fault(effect, why);
    let mut body = read(response.into_body()).await.map_err(lost)?;
    let packed = headers.iter().any(|(name, value)| name == "content-encoding" && value.contains("gzip"));
    if packed && !body.is_empty() {
        body = gzip::unpack(&body, LARGEST_BODY).map_err(|why| lost(format!("the answer can't be unpacked: {why}")))?;
    }
    Ok(Response { status, headers, body, effect })
}

async fn read(body: Body) -> Result<Vec<u8>, String> {
    let mut body = body.into_boxed_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|why| format!("the answer broke off: {}", describe(&why)))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > LARGEST_BODY {
            return Err("the answer is too large".to_owned());
        }
    }
    Ok(bytes)
}

/// What the error says about how far the request got. In doubt, it may have arrived.
fn on_the_way(why: &Error) -> Progress {
    match why.downcast_ref::<ErrorCode>() {
        Some(ErrorCode::HttpRequestDenied) => Progress::Forbidden,
        Some(
            ErrorCode::DnsTimeout
            | ErrorCode::DnsError(_)
            | ErrorCode::DestinationNotFound
            | ErrorCode::DestinationUnavailable
            | ErrorCode::DestinationIpProhibited
            | ErrorCode::DestinationIpUnroutable
            | ErrorCode::ConnectionRefused
            | ErrorCode::ConnectionTimeout
            | ErrorCode::ConnectionLimitReached
            | ErrorCode::TlsProtocolError
            | ErrorCode::TlsCertificateError
            | ErrorCode::TlsAlertReceived(_)
            | ErrorCode::HttpRequestUriInvalid
            | ErrorCode::HttpRequestMethodInvalid,
        ) => Progress::NotSent,
        _ => Progress::MaybeSent,
    }
}

/// The error's name alone: its details may quote the request.
fn describe(why: &Error) -> String {
    match why.downcast_ref::<ErrorCode>() {
        Some(code) => {
            let name = format!("{code:?}");
            name.split(['(', ' ']).next().unwrap_or("error").to_owned()
        }
        None => "connection error".to_owned(),
    }
}

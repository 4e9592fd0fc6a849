//! The component's transport: wasi:http, called as it is. A request is one exchange and nothing runs beside it, so that no
//! executor is needed; and when a connection fails, the host's reason is heard, and not only that writing failed.

use super::{LARGEST_BODY, Method, Progress, Request, Response, Transport, Value, gzip};
use crate::fault;
use crate::host::{self, Form};
use crate::types::Fault;
use std::time::{Duration, Instant};
use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method as WasiMethod, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::StreamError;

/// As much as wasi:io takes at once.
const CHUNK: usize = 4096;
/// Room for an answer whose length is not told: what isn't used of it costs nothing, and what fits is never moved.
const UNTOLD: usize = 1 << 20;
/// As much as is read at once.
const READ: u64 = 256 * 1024;

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
    fn send(&self, mut request: Request) -> Result<Response, Fault> {
        let effect = request.effect;
        let left = self.until.saturating_duration_since(Instant::now());
        if left < Duration::from_millis(5) {
            return Err(Progress::NotSent.fault(effect, "no time was left to ask"));
        }
        let body = std::mem::take(&mut request.body);
        let outgoing = outgoing(&request, body.len())?;
        let failed = |why: &ErrorCode| on_the_way(why).fault(effect, describe(why));
        let lost = |why: &str| Progress::MaybeSent.fault(effect, why);
        let answer = start(outgoing, &body, left).map_err(|why| failed(&why))?;
        let response = self.answer(&answer).ok_or_else(|| lost("no answer in time"))?.map_err(|why| failed(&why))?;
        let (status, headers) = (response.status(), headers(&response));
        let body = self.read(&response, length(&headers)).map_err(lost)?;
        Ok(Response { status, body: unpacked(&headers, body).map_err(|why| lost(&why))?, headers, effect })
    }
}

impl Wasi {
    /// Whether it is ready before the call's time is over.
    fn ready(&self, pollable: &Pollable) -> bool {
        if pollable.ready() {
            return true;
        }
        let left = self.until.saturating_duration_since(Instant::now());
        let over = subscribe_duration(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX));
        poll(&[pollable, &over]).contains(&0)
    }

    /// The answer's head; none if none came in time.
    fn answer(&self, future: &FutureIncomingResponse) -> Option<Result<IncomingResponse, ErrorCode>> {
        if !self.ready(&future.subscribe()) {
            return None;
        }
        // Ready, and asked for the first time: there is one.
        future.get()?.ok()
    }

    fn read(&self, response: &IncomingResponse, told: usize) -> Result<Vec<u8>, &'static str> {
        let body: IncomingBody = response.consume().map_err(|()| "no body to read")?;
        let stream = body.stream().map_err(|()| "no body to read")?;
        let pollable = stream.subscribe();
        // The host does not know beforehand how long an answer is that comes packed.
        let room = if told == 0 { UNTOLD } else { told.min(LARGEST_BODY) };
        let mut bytes = Vec::with_capacity(room);
        loop {
            match stream.read(READ) {
                Ok(part) if part.is_empty() => {
                    if !self.ready(&pollable) {
                        return Err("the answer did not end in time");
                    }
                }
                Ok(part) => bytes.extend_from_slice(&part),
                Err(StreamError::Closed) => return Ok(bytes),
                Err(StreamError::LastOperationFailed(_)) => return Err("the answer broke off"),
            }
            if bytes.len() > LARGEST_BODY {
                return Err("the answer is too large");
            }
        }
    }
}

fn outgoing(request: &Request, length: usize) -> Result<OutgoingRequest, Fault> {
    let wrong = |what: &str| fault::rejected(format!("no such request: {what}"));
    let headers = Fields::new();
    let set = |name: &str, value: &str| {
        headers.append(name, value.as_bytes()).map_err(|_| wrong(&format!("the header {name}")))
    };
    set("accept-encoding", "gzip")?;
    for (name, value) in &request.headers {
        match value {
            Value::Text(text) => set(name, text)?,
            Value::Secret { prefix, name: secret, base64 } => {
                let form = if *base64 { Form::Base64 } else { Form::Plain };
                let placeholder = host::placeholder(secret, form)
                    .map_err(|_| fault::not_authorised(format!("the secret `{secret}` is not granted")))?;
                set(name, &format!("{prefix}{placeholder}"))?;
            }
        }
    }
    if request.method != Method::Get || length > 0 {
        set("content-length", &length.to_string())?;
    }
    let (scheme, rest) = match (request.url.strip_prefix("https://"), request.url.strip_prefix("http://")) {
        (Some(rest), _) => (Scheme::Https, rest),
        (_, Some(rest)) => (Scheme::Http, rest),
        _ => return Err(wrong("the URL is not absolute")),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let method = match request.method {
        Method::Get => WasiMethod::Get,
        Method::Post => WasiMethod::Post,
        Method::Put => WasiMethod::Put,
        Method::Patch => WasiMethod::Patch,
        Method::Delete => WasiMethod::Delete,
    };
    let outgoing = OutgoingRequest::new(headers);
    outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(if path.is_empty() { "/" } else { path })))
        .map_err(|()| wrong("the URL"))?;
    Ok(outgoing)
}

/// Sends the whole request. That its body can't be written is no failure by itself: the answer, or the reason that there is
/// none, tells more.
fn start(request: OutgoingRequest, body: &[u8], left: Duration) -> Result<FutureIncomingResponse, ErrorCode> {
    let options = RequestOptions::new();
    let nanoseconds = Some(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX));
    // A host that knows no timeouts has its own.
    let _ = options.set_connect_timeout(nanoseconds);
    let _ = options.set_first_byte_timeout(nanoseconds);
    let _ = options.set_between_bytes_timeout(nanoseconds);
    if body.is_empty() {
        return outgoing_handler::handle(request, Some(options));
    }
    let outgoing = request.body().map_err(|()| ErrorCode::InternalError(None))?;
    let future = outgoing_handler::handle(request, Some(options))?;
    if let Ok(stream) = outgoing.write() {
        let written = body.chunks(CHUNK).try_for_each(|chunk| stream.blocking_write_and_flush(chunk));
        drop(stream);
        if written.is_ok() {
            let _ = OutgoingBody::finish(outgoing, None);
        }
    }
    Ok(future)
}

fn headers(response: &IncomingResponse) -> Vec<(String, String)> {
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    let entries = response.headers().entries().into_iter();
    entries.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect()
}

fn length(headers: &[(String, String)]) -> usize {
    let told = headers.iter().find(|(name, _)| name == "content-length");
    told.and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
}

fn unpacked(headers: &[(String, String)], body: Vec<u8>) -> Result<Vec<u8>, String> {
    let packed = headers.iter().any(|(name, value)| name == "content-encoding" && value.contains("gzip"));
    if !packed || body.is_empty() {
        return Ok(body);
    }
    gzip::unpack(&body, LARGEST_BODY).map_err(|why| format!("the answer can't be unpacked: {why}"))
}

/// What the error says about how far the request got. In doubt, it may have arrived.
fn on_the_way(why: &ErrorCode) -> Progress {
    match why {
        ErrorCode::HttpRequestDenied => Progress::Forbidden,
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
        | ErrorCode::HttpRequestMethodInvalid => Progress::NotSent,
        _ => Progress::MaybeSent,
    }
}

/// The error's name alone: its details may quote the request.
fn describe(why: &ErrorCode) -> String {
    let name = format!("{why:?}");
    let name = name.strip_prefix("ErrorCode::").unwrap_or(&name);
    name.split(['(', ' ']).next().unwrap_or("error").to_owned()
}

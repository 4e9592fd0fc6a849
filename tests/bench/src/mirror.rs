//! The floor: hyper, serving ready-made answers and doing nothing else.

use crate::load::{Answer, fetch};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use tokio::net::{TcpListener, TcpStream};

/// What is served, by path with query.
enum Pages {
    One(Page),
    Many(HashMap<String, Page>),
}

struct Page {
    headers: HeaderMap,
    body: Bytes,
}

/// Serves, on a free port that it prints, what `origin` answers to the requests in a file; by each request's own path, and
/// to anything if there is but one.
pub async fn serve(origin: SocketAddr, requests: &Path) -> Result<()> {
    let requests: Vec<Vec<u8>> = serde_json::from_slice(&std::fs::read(requests)?)?;
    let mut pages = HashMap::with_capacity(requests.len());
    for request in &requests {
        let answer = fetch(origin, request).await?;
        ensure!(answer.status == 200, "the origin answered {}", answer.status);
        pages.insert(path(request)?, Page::of(answer)?);
    }
    let pages = match pages.len() {
        1 => Pages::One(pages.into_values().next().context("no page")?),
        _ => Pages::Many(pages),
    };
    listen(Rc::new(pages)).await
}

/// Serves one body, with this type, to whatever is asked.
pub async fn serve_body(kind: &'static str, body: Vec<u8>) -> Result<()> {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
    listen(Rc::new(Pages::One(Page { headers, body: body.into() }))).await
}

async fn listen(pages: Rc<Pages>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(connection(stream, Rc::clone(&pages)));
    }
}

async fn connection(stream: TcpStream, pages: Rc<Pages>) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = pages.answer(&request);
        async move {
            // An answer to half a request ends the connection.
            request.into_body().collect().await?;
            Ok::<_, hyper::Error>(answer)
        }
    });
    // A client that goes away is no error of ours.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Pages {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let page = match self {
            Self::One(page) => Some(page),
            Self::Many(pages) => request.uri().path_and_query().and_then(|path| pages.get(path.as_str())),
        };
        let mut response = Response::new(Full::new(page.map(|page| page.body.clone()).unwrap_or_default()));
        match page {
            Some(page) => *response.headers_mut() = page.headers.clone(),
            None => *response.status_mut() = http::StatusCode::NOT_FOUND,
        }
        response
    }
}

impl Page {
    /// Length and date are hyper's own to write.
    fn of(answer: Answer) -> Result<Self> {
        let mut headers = HeaderMap::new();
        for (name, value) in answer.headers {
            if !matches!(name.as_str(), "content-length" | "date") {
                headers.append(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
            }
        }
        Ok(Self { headers, body: answer.body })
    }
}

fn path(request: &[u8]) -> Result<String> {
    let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let path = std::str::from_utf8(line)?.split(' ').nth(1);
    Ok(path.context("a request without a path")?.to_owned())
}

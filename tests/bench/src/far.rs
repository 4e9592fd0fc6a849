//! The suppliers' far side: the sandbox, through something that counts, and can give the same replies again without the
//! sandbox's own work, as late as a row wants them.

use anyhow::Result;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running far side; it ends when it is dropped.
pub struct Far {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Rc<Shared>,
    serving: JoinHandle<Result<()>>,
}

/// A reply as it goes over the wire.
#[derive(Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

struct Shared {
    client: Client<HttpConnector, Full<Bytes>>,
    behind: Cell<Option<SocketAddr>>,
    /// None: everything is passed on. Else the last reply of each path is given again, this late.
    again: Cell<Option<Duration>>,
    plain: Cell<bool>,
    last: RefCell<HashMap<String, Reply>>,
    asked: RefCell<HashMap<String, Request<Bytes>>>,
    calls: Cell<u64>,
    bytes: Cell<u64>,
}

impl Far {
    /// Listens; nothing is behind it yet.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let shared = Rc::new(Shared {
            client: Client::builder(TokioExecutor::new()).build(connector),
            behind: Cell::default(),
            again: Cell::default(),
            plain: Cell::default(),
            last: RefCell::default(),
            asked: RefCell::default(),
            calls: Cell::default(),
            bytes: Cell::default(),
        });
        let address = listener.local_addr()?;
        let serving = tokio::task::spawn_local(listen(listener, Rc::clone(&shared)));
        Ok(Self { address, shared, serving })
    }

    /// Passes on to a server.
    pub fn pass_on_to(&self, server: SocketAddr) {
        self.shared.behind.set(Some(server));
    }

    /// Asks for replies that are not packed.
    pub fn ask_plainly(&self) {
        self.shared.plain.set(true);
    }

    /// From now on gives the last reply of each path again, this late; `None`: passes on again.
    pub fn give_again(&self, late: Option<Duration>) {
        self.shared.again.set(late);
    }

    /// The last reply of the path that begins so.
    pub fn last(&self, path: &str) -> Option<Reply> {
        self.shared.last.borrow().iter().find(|(of, _)| of.starts_with(path)).map(|(_, reply)| reply.clone())
    }

    /// The last request to the path that begins so.
    pub fn asked(&self, path: &str) -> Option<Request<Bytes>> {
        self.shared.asked.borrow().iter().find(|(of, _)| of.starts_with(path)).map(|(_, request)| request.clone())
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.shared.calls.get()
    }

    /// Bytes of all replies' bodies so far.
    pub fn bytes(&self) -> u64 {
        self.shared.bytes.get()
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn listen(listener: TcpListener, shared: Rc<Shared>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::task::spawn_local(connection(stream, Rc::clone(&shared)));
    }
}

async fn connection(stream: TcpStream, shared: Rc<Shared>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = Rc::clone(&shared);
        async move {
            let answer = shared.answer(request).await.unwrap_or_else(|error| Reply {
                status: StatusCode::BAD_GATEWAY,
                headers: HeaderMap::new(),
                body: Bytes::from(format!("{error:#}")),
            });
            Ok::<_, Infallible>(answer.into_response())
        }
    });
    // A client that goes away is no error of ours.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Result<Reply> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let path = parts.uri.path().to_owned();
        self.calls.set(self.calls.get() + 1);
        let known = self.again.get().and_then(|late| Some((late, self.last.borrow().get(&path).cloned()?)));
        let reply = match known {
            Some((late, reply)) => {
                tokio::time::sleep(late).await;
                reply
            }
            None => {
                let request = Request::from_parts(parts, body);
                self.asked.borrow_mut().insert(path.clone(), request.clone());
                let reply = self.ask(request).await?;
                self.last.borrow_mut().insert(path, reply.clone());
                reply
            }
        };
        self.bytes.set(self.bytes.get() + reply.body.len() as u64);
        Ok(reply)
    }

    async fn ask(&self, request: Request<Bytes>) -> Result<Reply> {
        let behind = self.behind.get().ok_or_else(|| anyhow::anyhow!("nothing is behind the far side"))?;
        let mut request = request.map(Full::new);
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = format!("http://{behind}{path}").parse::<Uri>()?;
        request.headers_mut().remove(HOST);
        if self.plain.get() {
            request.headers_mut().remove(ACCEPT_ENCODING);
        }
        let (mut parts, body) = self.client.request(request).await?.into_parts();
        for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
            parts.headers.remove(name);
        }
        Ok(Reply { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
    }
}

impl Reply {
    fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

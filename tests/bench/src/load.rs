//! A load generator that is lighter than any server: ready-made requests over kept connections, one after the other.

use anyhow::{Context, Result, bail};
use bytes::{Bytes, BytesMut};
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest latency that is told apart, in nanoseconds.
const LONGEST: u64 = 60_000_000_000;
/// An answer that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Requests, and the order in which they are sent, over and over.
#[derive(Debug, Clone)]
pub struct Mix {
    /// Whole requests, heads as they go over the wire.
    pub requests: Vec<Bytes>,
    /// Indexes of `requests`.
    pub order: Vec<u32>,
}

impl Mix {
    /// One request alone.
    pub fn one(request: Bytes) -> Self {
        Self { requests: vec![request], order: vec![0] }
    }

    /// Each once, in this order.
    pub fn each(requests: Vec<Bytes>) -> Self {
        let order = (0..u32::try_from(requests.len()).unwrap_or(u32::MAX)).collect();
        Self { requests, order }
    }
}

/// A GET request as it goes over the wire.
pub fn get(path: &str, headers: &[(&str, &str)]) -> Bytes {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    Bytes::from(format!("GET {path} HTTP/1.1\r\nhost: gateway.example\r\n{headers}\r\n"))
}

/// How the answers came.
#[derive(Debug)]
pub struct Measured {
    /// Answers with status 200.
    pub answers: u64,
    /// Any other answer, and none.
    pub failures: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// From first to last.
    pub took: Duration,
    /// In nanoseconds.
    pub latency: Histogram<u64>,
}

impl Measured {
    fn new() -> Result<Self> {
        Ok(Self {
            answers: 0,
            failures: 0,
            bytes: 0,
            took: Duration::ZERO,
            latency: Histogram::new_with_bounds(1, LONGEST, 3)?,
        })
    }

    /// What came before, and what came after it.
    pub fn add(&mut self, after: &Self) -> Result<()> {
        self.answers += after.answers;
        self.failures += after.failures;
        self.bytes += after.bytes;
        self.took += after.took;
        Ok(self.latency.add(&after.latency)?)
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.took.as_secs_f64()
    }

    /// A quantile of the latency, in microseconds.
    pub fn micros(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1_000.0
    }
}

/// Connections that are kept from round to round.
pub struct Load {
    connections: Vec<RefCell<Connection>>,
    next: Cell<usize>,
}

impl Load {
    /// Connects so many times.
    pub async fn connect(address: SocketAddr, connections: usize) -> Result<Self> {
        let mut made = Vec::with_capacity(connections);
        for _ in 0..connections {
            made.push(RefCell::new(Connection::open(address).await?));
        }
        Ok(Self { connections: made, next: Cell::new(0) })
    }

    /// How many connections.
    pub fn size(&self) -> usize {
        self.connections.len()
    }

    /// Keeps every connection busy for so long.
    pub async fn run_for(&self, mix: &Mix, time: Duration) -> Result<Measured> {
        let until = Instant::now() + time;
        self.run(mix, || Some(Instant::now()).filter(|now| *now < until)).await
    }

    /// Sends so many a second for so long, whatever becomes of the answers. Latency is told from when a request was due.
    pub async fn run_at(&self, mix: &Mix, rate: f64, time: Duration) -> Result<Measured> {
        let (began, sent) = (Instant::now(), Cell::new(0.0));
        self.run(mix, || {
            let due = Duration::from_secs_f64(sent.get() / rate);
            sent.set(sent.get() + 1.0);
            (due < time).then(|| began + due)
        })
        .await
    }

    /// Sends so many requests in all.
    pub async fn run_count(&self, mix: &Mix, count: usize) -> Result<Measured> {
        let left = Cell::new(count);
        self.run(mix, || {
            let before = left.get();
            left.set(before.saturating_sub(1));
            (before > 0).then(Instant::now)
        })
        .await
    }

    #[expect(clippy::await_holding_refcell_ref, reason = "each connection has one task")]
    async fn run(&self, mix: &Mix, due: impl Fn() -> Option<Instant>) -> Result<Measured> {
        let measured = RefCell::new(Measured::new()?);
        let began = Instant::now();
        let each = self.connections.iter().map(|connection| async {
            let mut connection = connection.borrow_mut();
            while let Some(due) = due() {
                if due > Instant::now() {
                    tokio::time::sleep_until(due.into()).await;
                }
                let at = self.next.get() % mix.order.len();
                self.next.set(at + 1);
                let answer = timeout(PATIENCE, connection.exchange(&mix.requests[mix.order[at] as usize])).await;
                let mut measured = measured.borrow_mut();
                match answer {
                    Ok(Ok((200, length))) => {
                        measured.answers += 1;
                        measured.bytes += length as u64;
                        measured.latency.saturating_record(u64::try_from(due.elapsed().as_nanos()).unwrap_or(u64::MAX));
                    }
                    Ok(Ok(_)) => measured.failures += 1,
                    Ok(Err(_)) | Err(_) => {
                        measured.failures += 1;
                        drop(measured);
                        connection.reopen().await?;
                    }
                }
            }
            anyhow::Ok(())
        });
        futures::future::try_join_all(each).await?;
        let mut measured = measured.into_inner();
        measured.took = began.elapsed();
        Ok(measured)
    }
}

/// One answer, kept whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// As they came.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Bytes,
}

/// Sends one request over a connection of its own.
pub async fn fetch(address: SocketAddr, request: &[u8]) -> Result<Answer> {
    let mut connection = Connection::open(address).await?;
    connection.exchange(request).await?;
    connection.answer()
}

/// A connection, and the last answer on it.
pub struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: BytesMut,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, buffer: BytesMut::with_capacity(256 * 1024) })
    }

    async fn reopen(&mut self) -> Result<()> {
        *self = Self::open(self.address).await?;
        Ok(())
    }

    /// Sends a request and reads its answer: status and length of the body.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<(u16, usize)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (status, head, length) = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed");
            }
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed within an answer");
            }
        }
        Ok((status, length))
    }

    /// The last answer, whole.
    pub fn answer(&self) -> Result<Answer> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = response.parse(&self.buffer)? else { bail!("no whole answer") };
        let text = |header: &httparse::Header<'_>| {
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
        };
        Ok(Answer {
            status: response.code.unwrap_or_default(),
            headers: response.headers.iter().map(text).collect(),
            body: Bytes::copy_from_slice(&self.buffer[head..]),
        })
    }
}

/// Status, length of the head and of the body, once the whole head is there.
fn head(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes)? else { return Ok(None) };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.context("an answer without a length")?;
    let length = std::str::from_utf8(length.value)?.parse()?;
    Ok(Some((response.code.unwrap_or_default(), head, length)))
}

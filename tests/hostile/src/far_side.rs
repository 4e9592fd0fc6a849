//! An HTTP server that can be as bad as its components.

use anyhow::Result;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The far side; it ends when dropped.
pub struct FarSide {
    address: SocketAddr,
    seen: Seen,
    serving: JoinHandle<()>,
}

type Seen = Arc<Mutex<HashMap<String, usize>>>;

/// A request's head, as far as it matters here.
struct Head {
    method: String,
    path: String,
    authorization: String,
    length: usize,
}

impl FarSide {
    /// Listens on a port of the system's choice.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, seen) = (listener.local_addr()?, Seen::default());
        let counted = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&counted)));
            }
        });
        Ok(Self { address, seen, serving })
    }

    /// `127.0.0.1:port`.
    pub fn name(&self) -> String {
        self.address.to_string()
    }

    /// How many requests came for a path, by any method.
    pub fn seen(&self, path: &str) -> usize {
        self.seen.lock().get(path).copied().unwrap_or(0)
    }

    /// How many requests came.
    pub fn seen_in_all(&self) -> usize {
        self.seen.lock().values().sum()
    }

    /// Stops listening; answers when nobody can connect any more.
    pub async fn stop(&mut self) {
        self.serving.abort();
        // It ends by being aborted.
        let _ = (&mut self.serving).await;
    }

    /// Waits until a request for a path has come.
    pub async fn wait_for(&self, path: &str) {
        while self.seen(path) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for FarSide {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, seen: Seen) {
    let mut buffer = Vec::new();
    while let Some(head) = read(&mut stream, &mut buffer).await {
        *seen.lock().entry(head.path.clone()).or_default() += 1;
        if !answer(&mut stream, &head).await {
            return;
        }
    }
}

/// Reads a request, body and all; none when the connection is over.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Head> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let header = |name: &str| {
        let found = text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    let head = Head {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        authorization: header("authorization"),
        length: header("content-length").parse().unwrap_or(0),
    };
    while buffer.len() < end + head.length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    buffer.drain(..end + head.length);
    Some(head)
}

/// Answers by the path; whether the connection goes on.
async fn answer(stream: &mut TcpStream, head: &Head) -> bool {
    match head.path.as_str() {
        "/never" => std::future::pending().await,
        "/cut" => false,
        "/500" => write(stream, "500 Oops", "", "down").await,
        "/elsewhere" => write(stream, "302 Found", "location: /ok\r\n", "").await,
        "/echo-authorization" => write(stream, "200 OK", "", &head.authorization).await,
        "/huge" => write(stream, "200 OK", "", &"x".repeat(4 * 1024 * 1024)).await,
        "/slow" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            write(stream, "200 OK", "", "slow").await
        }
        _ => write(stream, "200 OK", "", &head.method).await,
    }
}

async fn write(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> bool {
    let answer = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.is_ok()
}

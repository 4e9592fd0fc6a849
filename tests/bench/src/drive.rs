//! The gateway's HTTP side and read path in this process, driven without a network: what profilers look at, and how it
//! scales from one processor to two.

use crate::cores::Cores;
use crate::gateway::{self, Served};
use crate::lab::{self, Outside};
use crate::routes::{self, FILTERS};
use anyhow::{Context, Result, ensure};
use http::Request;
use http_body_util::{BodyExt, Empty};
use interline_api::front::Front;
use interline_journey::process::components;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;

const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
const ROUTES: usize = 20;

/// How it is driven.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Drive {
    /// Threads that ask.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Milliseconds for which they ask.
    #[arg(long, default_value_t = 5_000)]
    pub millis: u64,
    /// Requests of each thread, in place of a time: for tools that count instructions.
    #[arg(long)]
    pub requests: Option<u64>,
    /// With only suppliers' offers kept: each search puts them in columns, prices and sorts them, and writes its page.
    #[arg(long)]
    pub anew: bool,
}

/// Requests a second of so many threads on as many processors, in a process of their own.
pub async fn in_a_process(cores: &Cores, threads: usize, time: Duration) -> Result<f64> {
    cores.be_first(threads)?;
    let started = Command::new(std::env::current_exe()?)
        .args(["drive", "--threads", &threads.to_string(), "--millis", &time.as_millis().to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    cores.be_driver()?;
    let output = started?.wait_with_output().await?;
    ensure!(output.status.success(), "the driver ended with {}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Drives, and prints requests a second.
pub async fn run(drive: Drive) -> Result<()> {
    let outside = Outside::selling(100).await?;
    let runtime = lab::host(&components()?, outside.far.address).await?;
    let served = gateway::serve(&runtime, !drive.anew)?;
    for request in &requests(&served)? {
        ask(&served.front, request).await?;
    }
    let answered = tokio::task::spawn_blocking(move || all_threads(drive, &served)).await??;
    println!("{answered}");
    runtime.shutdown().await;
    Ok(())
}

/// A thread's own: texts that were read from a connection are shared with no other.
fn requests(served: &Served) -> Result<Vec<Request<()>>> {
    let paths = (0..ROUTES).flat_map(|route| FILTERS.map(|filters| format!("{}&{filters}", routes::path(route))));
    paths.map(|path| Ok(Request::get(path).header("x-api-key", served.api_key.as_str()).body(())?)).collect()
}

fn all_threads(drive: Drive, served: &Served) -> Result<f64> {
    let requests = (0..drive.threads).map(|_| requests(served)).collect::<Result<Vec<_>>>()?;
    let began = Instant::now();
    let answered: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> =
            requests.iter().map(|requests| scope.spawn(|| hammer(drive, &served.front, requests))).collect();
        threads.into_iter().map(|thread| thread.join().ok().context("a thread died")?).sum::<Result<u64>>()
    })?;
    Ok(answered as f64 / began.elapsed().as_secs_f64())
}

/// One thread's requests, one after the other; how many.
fn hammer(drive: Drive, front: &Front, requests: &[Request<()>]) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let until = Instant::now() + Duration::from_millis(drive.millis);
        let mut answered = 0;
        let goes_on = |answered| drive.requests.map_or_else(|| Instant::now() < until, |most| answered < most);
        while goes_on(answered) {
            ask(front, &requests[answered as usize % requests.len()]).await?;
            answered += 1;
        }
        Ok(answered)
    })
}

async fn ask(front: &Front, request: &Request<()>) -> Result<()> {
    let response = front.answer(PEER, request.clone().map(|()| Empty::new())).await;
    ensure!(response.status() == 200, "answered {}", response.status());
    let body = response.into_body().collect().await.map_err(|error| anyhow::anyhow!("{error}"))?;
    std::hint::black_box(body);
    Ok(())
}

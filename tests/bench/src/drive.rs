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
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::process::Command;

const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
const ROUTES: usize = 20;
/// Turns of one thread, and of all.
const TURNS: u32 = 20;

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
    /// In turns with one thread alone; prints the requests a second of both.
    #[arg(long, conflicts_with = "requests")]
    pub against_one: bool,
}

/// Requests a second of one thread, and of so many on as many processors; in a process of their own.
pub async fn in_a_process(cores: &Cores, threads: usize, time: Duration) -> Result<[f64; 2]> {
    cores.be_first(threads)?;
    let started = Command::new(std::env::current_exe()?)
        .args(["drive", "--against-one", "--threads", &threads.to_string(), "--millis", &time.as_millis().to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    cores.be_driver()?;
    let output = started?.wait_with_output().await?;
    ensure!(output.status.success(), "the driver ended with {}", output.status);
    let told = String::from_utf8(output.stdout)?;
    let rates: Vec<f64> = told.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    rates.try_into().map_err(|rates| anyhow::anyhow!("the driver told {rates:?}"))
}

/// Drives, and prints requests a second.
pub async fn run(drive: Drive) -> Result<()> {
    ensure!(drive.threads > 0, "--threads: at least 1");
    let outside = Outside::selling(100).await?;
    let runtime = lab::host(&components()?, outside.far.address).await?;
    let served = gateway::serve(&runtime, !drive.anew)?;
    for request in &requests(&served)? {
        ask(&served.front, request).await?;
    }
    let rates = tokio::task::spawn_blocking(move || {
        if drive.against_one { against_one(drive, &served) } else { Ok(vec![all_threads(drive, &served)?]) }
    });
    println!("{}", rates.await??.iter().map(f64::to_string).collect::<Vec<_>>().join(" "));
    runtime.shutdown().await;
    Ok(())
}

/// A thread's own: texts that were read from a connection are shared with no other.
fn requests(served: &Served) -> Result<Vec<Request<()>>> {
    let paths = (0..ROUTES).flat_map(|route| FILTERS.map(|filters| format!("{}&{filters}", routes::path(route))));
    paths.map(|path| Ok(Request::get(path).header("x-api-key", served.api_key.as_str()).body(())?)).collect()
}

fn all_threads(drive: Drive, served: &Served) -> Result<f64> {
    let hammers = (0..drive.threads).map(|_| Hammer::new(served)).collect::<Result<Vec<_>>>()?;
    let began = Instant::now();
    let until = began + Duration::from_millis(drive.millis);
    let goes_on = |answered| drive.requests.map_or_else(|| Instant::now() < until, |most| answered < most);
    let answered: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> =
            hammers.into_iter().map(|mut hammer| scope.spawn(move || hammer.hammer(goes_on))).collect();
        threads.into_iter().map(|thread| thread.join().ok().context("a thread died")?).sum::<Result<u64>>()
    })?;
    Ok(answered as f64 / began.elapsed().as_secs_f64())
}

/// Requests a second of the first thread alone and of all, in turns: processors are not always there in full, and what one turn
/// misses the next is likely to miss too.
fn against_one(drive: Drive, served: &Served) -> Result<Vec<f64>> {
    let turn = Duration::from_millis(drive.millis) / TURNS;
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for place in 0..drive.threads {
            let (mut hammer, cores) = (Hammer::new(served)?, Cores::of_this_process()?);
            let ((order, orders), (tell, told)) = (mpsc::channel::<Instant>(), mpsc::channel());
            scope.spawn(move || {
                let pinned = cores.be_on(place).is_ok();
                for until in orders {
                    let answered = hammer.hammer(|_| Instant::now() < until);
                    let answered = answered.and_then(|answered| pinned.then_some(answered).context("not pinned"));
                    if tell.send(answered).is_err() {
                        break;
                    }
                }
            });
            threads.push((order, told));
        }
        let mut answered = [0; 2];
        // The first turn of each is to get warm.
        for round in 0..=TURNS {
            for (side, asked) in [&threads[..1], &threads[..]].into_iter().enumerate() {
                let until = Instant::now() + turn;
                asked.iter().try_for_each(|(order, _)| order.send(until))?;
                let sum: u64 = asked.iter().map(|(_, told)| told.recv()?).sum::<Result<u64>>()?;
                answered[side] += if round > 0 { sum } else { 0 };
            }
        }
        Ok(answered.map(|answered| answered as f64 / (turn * TURNS).as_secs_f64()).to_vec())
    })
}

/// Asks one request after the other.
struct Hammer<'a> {
    front: &'a Front,
    requests: Vec<Request<()>>,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Hammer<'a> {
    fn new(served: &'a Served) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { front: &served.front, requests: requests(served)?, runtime })
    }

    /// Until so many are answered that it does not go on; how many that is.
    fn hammer(&mut self, goes_on: impl Fn(u64) -> bool) -> Result<u64> {
        self.runtime.block_on(async {
            let mut answered = 0;
            while goes_on(answered) {
                ask(self.front, &self.requests[answered as usize % self.requests.len()]).await?;
                answered += 1;
            }
            Ok(answered)
        })
    }
}

async fn ask(front: &Front, request: &Request<()>) -> Result<()> {
    let response = front.answer(PEER, request.clone().map(|()| Empty::new())).await;
    ensure!(response.status() == 200, "answered {}", response.status());
    let body = response.into_body().collect().await.map_err(|error| anyhow::anyhow!("{error}"))?;
    std::hint::black_box(body);
    Ok(())
}

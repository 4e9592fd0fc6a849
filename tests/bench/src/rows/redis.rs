//! Searches whose superset this node must fetch from Redis, and what supersets take there.

use crate::context::Context;
use crate::load::Load;
use crate::routes;
use crate::row::{Bound, Pairs, Row};
use crate::side::Side;
use crate::spent::own_cpu;
use crate::stage::{Stage, Wish};
use anyhow::{Context as _, Result, ensure};
use interline_redis::codec::{Codec, Generation, HEAD};
use interline_redis_tests::server::Server;
use redis::aio::MultiplexedConnection;
use redis::cmd;
use std::time::{Duration, Instant};

/// Nothing is kept in the process: neither supersets nor views nor pages.
const KEEPS_NOTHING: &str = "memory_mb = 0\npage_memory_mb = 0";

/// `search-redis`, `memory-redis`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let server = Server::start("").await?;
    let mut redis = server.connection().await?;
    let section = format!("mode = \"standalone\"\nnodes = [{:?}]", server.address());
    let sections = vec![("redis", section), ("search", KEEPS_NOTHING.to_owned())];
    let stage = Stage::start(&context.cores, Wish { sections, ..Wish::default() }).await?;
    stage.far.ask_plainly();
    let empty = used(&mut redis).await?;
    let count = context.count(1_000, 5);
    for route in 0..count {
        context.tell(format!("filling routes: {route} of {count}"));
        stage.page(&routes::path(route)).await?;
    }
    let mut kept = Pairs::default();
    kept.push((used(&mut redis).await? - empty) / 1e6, stage.far.bytes() as f64 / 1e6);
    let calls = stage.far.calls();

    let keys = supersets(&mut redis).await?;
    ensure!(keys.len() == count, "{} of {count} supersets are in Redis", keys.len());
    let (load, mix) = (Load::connect(stage.address, 8).await?, routes::zipf(&stage, count));
    let gateway = Side { load: &load, mix: &mix, cpu: || stage.cpu() };
    let mut pairs = Pairs::default();
    for round in 0..=context.rounds() {
        let least = fetch_and_unpack(&mut redis, &keys, context.slice()).await?;
        let ours = gateway.cost(context.slice()).await?;
        if round > 0 {
            pairs.push(ours.cpu, least);
        }
    }
    ensure!(stage.far.calls() == calls, "suppliers were asked for what is in Redis");
    Ok(vec![
        pairs.row("search-redis", "the same from Redis, nothing kept in the process", "µs", (Bound::AtMost, 2.0)),
        kept.row("memory-redis", "memory of Redis for 1,000 routes × 300 offers", "MB", (Bound::AtMost, 0.1)),
    ])
}

/// Bytes that Redis has allocated.
async fn used(redis: &mut MultiplexedConnection) -> Result<f64> {
    let told: String = cmd("INFO").arg("memory").query_async(redis).await?;
    let line = told.lines().find_map(|line| line.strip_prefix("used_memory:")).context("no used_memory")?;
    Ok(line.trim().parse()?)
}

async fn supersets(redis: &mut MultiplexedConnection) -> Result<Vec<String>> {
    let keys: Vec<String> = cmd("KEYS").arg("flight:*").query_async(redis).await?;
    let mut hashes = Vec::new();
    for key in keys {
        let kind: String = cmd("TYPE").arg(&key).query_async(redis).await?;
        if kind == "hash" {
            hashes.push(key);
        }
    }
    Ok(hashes)
}

/// Processor time of fetching a superset's values and unpacking them, in microseconds.
async fn fetch_and_unpack(redis: &mut MultiplexedConnection, keys: &[String], time: Duration) -> Result<f64> {
    let generation = Generation::second();
    let (until, began) = (Instant::now() + time, own_cpu()?);
    let mut done = 0_u32;
    for key in keys.iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let blocks: Vec<Option<Vec<u8>>> =
            cmd("HMGET").arg(key).arg(&crate::stage::SUPPLIERS).query_async(redis).await?;
        for block in blocks.into_iter().flatten() {
            let frame = block.get(HEAD..).context("a short block")?;
            let plain = generation.decompress(frame, Codec::length(&block)).context("a damaged block")?;
            std::hint::black_box(plain);
        }
        done += 1;
    }
    Ok((own_cpu()? - began).as_secs_f64() * 1e6 / f64::from(done))
}

//! Redis damaged, full, frozen, failing over and gone.

use anyhow::{Context, Result, ensure};
use interline_redis::{Mode, RedisCache, RedisConfig, Tls};
use interline_redis_tests::cluster::Cluster;
use interline_redis_tests::node::{KEEP, Node, answer, config, key, trip};
use interline_redis_tests::sentinel::{SERVICE, Watched};
use interline_redis_tests::server::Server;
use interline_redis_tests::tls::{PASSWORD, Secured, USER};
use interline_redis_tests::wait::until;
use interline_search::{Claim, SupersetCache};
use redis::AsyncCommands;
use std::time::{Duration, Instant};

/// Puts an answer and reads it back; how it went.
async fn keeps(node: &Node, day: i32) -> Result<bool> {
    let trip = trip(day)?;
    node.cache.put(&key(&trip), answer(&trip, "a", "kept"), KEEP, None).await;
    Ok(node.cache.get(&key(&trip), &["a"]).await.is_some())
}

async fn until_kept(node: &Node, days: std::ops::Range<i32>) -> Result<()> {
    for day in days {
        until("an answer that is kept", async || keeps(node, day).await.ok()?.then_some(())).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_or_of_another_format_is_a_miss_and_counted() -> Result<()> {
    let server = Server::start("").await?;
    let node = Node::start(&config(Mode::Standalone, vec![server.address()])).await?;
    let mut redis = server.connection().await?;
    let reads = |result| node.count("interline_redis_reads_total", result);
    for (day, result) in [(0, "damaged"), (1, "format"), (2, "generation"), (3, "damaged"), (4, "stale")] {
        ensure!(keeps(&node, day).await?);
        let key = key(&trip(day)?).to_string();
        let mut block: Vec<u8> = redis.hget(&key, "a").await?;
        match day {
            0 => *block.last_mut().context("empty")? ^= 1,
            1 => block[0] = 99,
            2 => block[1] = 99,
            3 => block.truncate(1),
            // Until when it is fresh and may be shown: 1970.
            _ => block[18..34].fill(0),
        }
        redis.hset::<_, _, _, ()>(&key, "a", block).await?;
        let before = reads(result);
        ensure!(
            node.cache.get(&trip(day).map(|trip| interline_redis_tests::node::key(&trip))?, &["a"]).await.is_none()
        );
        ensure!(reads(result) == before + 1.0, "{result}");
        // And goes away with the next answer.
        ensure!(keeps(&node, day).await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_reads_and_the_rest_goes_on_without_it() -> Result<()> {
    let server = Server::start("maxmemory-policy noeviction").await?;
    let node = Node::start(&config(Mode::Standalone, vec![server.address()])).await?;
    ensure!(keeps(&node, 0).await?);
    server.ask::<()>("CONFIG SET maxmemory 1").await?;
    ensure!(!keeps(&node, 1).await?);
    ensure!(matches!(node.cache.claim(&key(&trip(1)?), &["a"]).await, Claim::Unreachable));
    ensure!(node.cache.get(&key(&trip(0)?), &["a"]).await.is_some(), "what is there is read");
    ensure!(node.count("interline_redis_command_seconds", "full") >= 2.0);
    ensure!(node.count("interline_redis_open_ranges", "") == 0.0, "a full server answers");
    server.ask::<()>("CONFIG SET maxmemory 0").await?;
    ensure!(keeps(&node, 1).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_costs_a_bounded_wait_then_nothing_and_heals_by_itself() -> Result<()> {
    let server = Server::start("").await?;
    let config = RedisConfig { timeout_ms: 150, ..config(Mode::Standalone, vec![server.address()]) };
    let node = Node::start(&config).await?;
    until_kept(&node, 0..1).await?;
    server.freeze().await?;
    let trip = trip(1)?;
    until("an open breaker", async || {
        ensure_short(node.cache.get(&key(&trip), &["a"])).await;
        (node.count("interline_redis_open_ranges", "") == 1.0).then_some(())
    })
    .await?;
    let (late, open) = (node.count("interline_redis_command_seconds", "late"), "interline_redis_command_seconds");
    for _ in 0..1_000 {
        ensure!(matches!(node.cache.claim(&key(&trip), &["a"]).await, Claim::Unreachable));
    }
    ensure!(node.count(open, "open") >= 1_000.0);
    ensure!(node.count(open, "late") == late, "nobody waits for it any more");
    server.thaw().await?;
    until_kept(&node, 2..4).await?;
    until("word of other nodes' puts", async || (node.count("interline_redis_listening", "") == 1.0).then_some(()))
        .await
}

#[test]
fn an_answer_that_these_threads_were_late_to_read_is_no_failure_of_redis() -> Result<()> {
    // One thread does everything of the node.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start("").await?;
        let alone = config(Mode::Standalone, vec![server.address()]);
        is_read_late(alone, server).await?;
        let mut cluster = Cluster::start().await?;
        let primary = cluster.primary_of(key(&trip(0)?).as_str()).await?;
        let nodes = config(Mode::Cluster, cluster.addresses());
        is_read_late(nodes, cluster.servers.swap_remove(primary)).await
    })
}

async fn is_read_late(config: RedisConfig, server: Server) -> Result<()> {
    let config = RedisConfig { timeout_ms: 1_000, ..config };
    let node = Node::start(&config).await?;
    until_kept(&node, 0..1).await?;
    let late = node.count("interline_redis_command_seconds", "late");
    tokio::spawn(read_late(server, node.cache.clone(), config.timeout())).await??;
    ensure!(node.count("interline_redis_command_seconds", "late") == late);
    Ok(())
}

async fn read_late(server: Server, cache: RedisCache, time: Duration) -> Result<()> {
    let trip = trip(0)?;
    server.freeze().await?;
    let reading = tokio::spawn(async move { cache.get(&key(&trip), &["a"]).await });
    // It is sent, for there is nothing else to do.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // Kept from everything until the answer is there and the command's time is up.
    let elsewhere = || -> Result<()> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
            server.thaw().await?;
            for _ in 0..2 {
                server.ask::<String>("PING").await?;
            }
            tokio::time::sleep(time).await;
            Ok(())
        })
    };
    let kept = std::thread::scope(|scope| scope.spawn(elsewhere).join());
    kept.map_err(|_| anyhow::anyhow!("the other thread died"))??;
    ensure!(reading.await?.is_some(), "what Redis answered in time is read");
    Ok(())
}

/// No call takes longer than its timeout allows; a busy machine may take the rest.
async fn ensure_short<T>(call: impl Future<Output = T>) -> T {
    let since = Instant::now();
    let answer = call.await;
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_not_there_at_the_start_is_used_once_it_is() -> Result<()> {
    let mut server = Server::start("").await?;
    let (port, address) = (server.port, server.address());
    server.kill().await?;
    let config = RedisConfig { connect_timeout_ms: 300, ..config(Mode::Standalone, vec![address]) };
    let node = Node::start(&config).await?;
    ensure!(!keeps(&node, 0).await?);
    let _server = Server::start_at(port, &format!("port {port}"), &[]).await?;
    until_kept(&node, 0..3).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_frozen_primary_takes_no_other_slots_along_and_its_replica_takes_over() -> Result<()> {
    let cluster = Cluster::start().await?;
    let config = RedisConfig { timeout_ms: 150, ..config(Mode::Cluster, cluster.addresses()) };
    let node = Node::start(&config).await?;
    until_kept(&node, 0..40).await?;
    let frozen = cluster.primary_of(key(&trip(0)?).as_str()).await?;
    cluster.servers[frozen].freeze().await?;
    // As long as it takes until its replica has its slots.
    until("slots of the frozen primary kept elsewhere", async || keeps(&node, 0).await.ok()?.then_some(())).await?;
    until_kept(&node, 0..40).await?;
    until("closed breakers", async || (node.count("interline_redis_open_ranges", "") == 0.0).then_some(())).await?;
    cluster.servers[frozen].thaw().await?;
    cluster.whole().await?;
    until_kept(&node, 0..40).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_primary_is_replaced_and_what_it_had_is_still_read() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let node = Node::start(&config(Mode::Cluster, cluster.addresses())).await?;
    until_kept(&node, 0..20).await?;
    let killed = cluster.primary_of(key(&trip(0)?).as_str()).await?;
    for server in &cluster.servers {
        // What was put is at a replica too: replication itself is not what is tested.
        let _ = server.ask::<i64>("WAIT 1 5000").await;
    }
    cluster.servers[killed].kill().await?;
    let key = key(&trip(0)?);
    until("its replica's data", async || node.cache.get(&key, &["a"]).await).await?;
    until_kept(&node, 0..20).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_and_a_user_with_the_rights_of_the_guide_are_enough() -> Result<()> {
    let secured = Secured::start().await?;
    let tls = Tls { ca: Some(secured.ca.clone()), ..Tls::default() };
    let config = RedisConfig {
        user: Some(USER.into()),
        password: Some(PASSWORD.into()),
        tls: Some(tls.clone()),
        ..config(Mode::Standalone, vec![secured.server.address()])
    };
    ensure!(config.check().is_empty(), "{:?}", config.check());
    let node = Node::start(&config).await?;
    ensure!(keeps(&node, 0).await?);
    let trip = trip(1)?;
    let mut wakes = node.cache.watch(&key(&trip));
    until("word heard", async || (node.count("interline_redis_listening", "") == 1.0).then_some(())).await?;
    let Claim::Mine(lease, None) = node.cache.claim(&key(&trip), &["a"]).await else { anyhow::bail!("no lease") };
    drop(lease);
    wakes.next().await;
    ensure!(interline_redis::Tokens::start(node.link.clone()).draw("key:1", 1, 5, 2).await.is_some());
    ensure!(node.count("interline_redis_command_seconds", "refused") == 0.0);
    // A wrong password, and an authority that did not sign its certificate, let nobody in.
    let wrong = RedisConfig { password: Some("wrong".into()), connect_timeout_ms: 500, ..config.clone() };
    ensure!(!keeps(&Node::start(&wrong).await?, 0).await?);
    let stranger = RedisConfig { tls: Some(Tls::default()), connect_timeout_ms: 500, ..config };
    ensure!(!keeps(&Node::start(&stranger).await?, 0).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_sentinels_the_new_primary_is_found() -> Result<()> {
    let mut watched = Watched::start().await?;
    let sentinels = watched.sentinels.iter().map(Server::address).collect();
    let config = RedisConfig { service: Some(SERVICE.into()), ..config(Mode::Sentinel, sentinels) };
    let node = Node::start(&config).await?;
    until_kept(&node, 0..3).await?;
    watched.primary.kill().await?;
    until_kept(&node, 0..3).await?;
    let role: String = watched.replica.ask("INFO replication").await?;
    ensure!(role.contains("role:master"), "{role}");
    Ok(())
}

//! The right to ask suppliers, over a real cluster.

use anyhow::{Result, ensure};
use futures::future::join_all;
use interline_redis::Mode;
use interline_redis_tests::cluster::Cluster;
use interline_redis_tests::node::{KEEP, Node, answer, config, key, trip};
use interline_redis_tests::wait::until;
use interline_search::{Claim, SupersetCache};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

async fn nodes(cluster: &Cluster, lease_ms: u64) -> Result<Vec<Node>> {
    let config = interline_redis::RedisConfig { lease_ms, ..config(Mode::Cluster, cluster.addresses()) };
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Node::start(&config).await?);
    }
    for node in &nodes {
        until("a node that is whole", async || {
            let listens = node.count("interline_redis_listening", "") == 1.0;
            (listens && node.count("interline_redis_open_ranges", "") == 0.0).then_some(())
        })
        .await?;
    }
    Ok(nodes)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_claim_at_once_one_asks_and_the_value_wakes_the_others() -> Result<()> {
    let cluster = Cluster::start().await?;
    let nodes = nodes(&cluster, 60_000).await?;
    for day in 0..20 {
        let trip = trip(day)?;
        let key = key(&trip);
        let askers = AtomicUsize::new(0);
        let search = async |node: &Node| -> Option<String> {
            let mut wakes = node.cache.watch(&key);
            loop {
                if let Some(found) = node.cache.get(&key, &["a"]).await {
                    return found.parts[0].error.clone();
                }
                match node.cache.claim(&key, &["a"]).await {
                    Claim::Mine(lease, None) => {
                        askers.fetch_add(1, Ordering::SeqCst);
                        node.cache.put(&key, answer(&trip, "a", &day.to_string()), KEEP, Some(&lease)).await;
                    }
                    // The lease lives for a minute: only a word ends the wait.
                    Claim::Elsewhere(_) => wakes.next().await,
                    Claim::Mine(_, Some(_)) => {}
                    Claim::Alone | Claim::Unreachable => return None,
                }
            }
        };
        let found = join_all(nodes.iter().map(search)).await;
        ensure!(found.iter().all(|found| found.as_deref() == Some(&*day.to_string())), "{found:?}");
        ensure!(askers.into_inner() == 1, "day {day}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_lost_its_lease_overwrites_nothing_newer() -> Result<()> {
    let cluster = Cluster::start().await?;
    let nodes = nodes(&cluster, 300).await?;
    let trip = trip(0)?;
    let key = key(&trip);
    let Claim::Mine(old, None) = nodes[0].cache.claim(&key, &["a"]).await else { anyhow::bail!("held already") };
    // The holder is cut off for longer than its lease lives: taken away here as the server does it.
    let primary = &cluster.servers[cluster.primary_of(key.as_str()).await?];
    primary.ask::<()>(&format!("DEL {{{key}}}:lease")).await?;
    let Claim::Mine(new, None) = nodes[1].cache.claim(&key, &["a"]).await else { anyhow::bail!("not taken over") };
    ensure!(new.token() > old.token());
    nodes[1].cache.put(&key, answer(&trip, "a", "new"), KEEP, Some(&new)).await;
    nodes[0].cache.put(&key, answer(&trip, "a", "old"), KEEP, Some(&old)).await;
    // Nor does who asks without a lease while somebody asks with one.
    nodes[2].cache.put(&key, answer(&trip, "a", "none"), KEEP, None).await;
    let found = nodes[2].cache.get(&key, &["a"]).await;
    ensure!(found.is_some_and(|found| found.parts[0].error.as_deref() == Some("new")));
    ensure!(nodes[0].count("interline_redis_leases_total", "fenced") == 1.0);
    until("the loss noticed", async || (nodes[0].count("interline_redis_leases_total", "lost") == 1.0).then_some(()))
        .await?;
    // Given back by its loser, the lease is still the other's.
    drop(old);
    until("the release answered", async || {
        (nodes[0].count("interline_redis_command_seconds", "release") >= 1.0).then_some(())
    })
    .await?;
    ensure!(matches!(nodes[2].cache.claim(&key, &["a"]).await, Claim::Elsewhere(_)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_renewed_while_its_holder_lives_and_one_follower_takes_over_when_it_ends() -> Result<()> {
    let cluster = Cluster::start().await?;
    let nodes = nodes(&cluster, 300).await?;
    let trip = trip(0)?;
    let key = key(&trip);
    let Claim::Mine(lease, _) = nodes[0].cache.claim(&key, &["a"]).await else { anyhow::bail!("held already") };
    until("several renewals", async || {
        (nodes[0].count("interline_redis_command_seconds", "renew") >= 6.0).then_some(())
    })
    .await?;
    ensure!(
        matches!(nodes[1].cache.claim(&key, &["a"]).await, Claim::Elsewhere(left) if left <= Duration::from_millis(300))
    );
    // It ends without being given back, as that of a process that was killed.
    std::mem::forget(lease);
    let primary = &cluster.servers[cluster.primary_of(key.as_str()).await?];
    primary.ask::<()>(&format!("PEXPIRE {{{key}}}:lease 1")).await?;
    let takers = AtomicUsize::new(0);
    let follow = async |node: &Node| loop {
        match node.cache.claim(&key, &["a"]).await {
            Claim::Mine(lease, _) => {
                takers.fetch_add(1, Ordering::SeqCst);
                std::mem::forget(lease);
                break;
            }
            Claim::Elsewhere(_) if takers.load(Ordering::SeqCst) > 0 => break,
            Claim::Elsewhere(left) => tokio::time::sleep(left).await,
            _ => break,
        }
    };
    join_all(nodes[1..].iter().map(follow)).await;
    ensure!(takers.into_inner() == 1);
    Ok(())
}

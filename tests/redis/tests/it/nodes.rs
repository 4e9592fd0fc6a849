//! Several gateways, each a process of its own, over a real cluster.

use anyhow::{Context, Result, ensure};
use futures::future::{join_all, try_join_all};
use interline_journey::client::Client;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Beside, Setup, Stack};
use interline_redis_tests::cluster::Cluster;
use interline_redis_tests::wait::until;
use interline_sandbox::{Fault, FaultKind, Latency, Supplier};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CROWD: usize = 500;
const SEARCH: &str = "offer_requests.create";

fn section(cluster: &Cluster, more: &str) -> String {
    let nodes: Vec<String> = cluster.addresses().iter().map(|address| format!("{address:?}")).collect();
    format!("mode = \"cluster\"\nnodes = [{}]\nconnect_timeout_ms = 2000\n{more}", nodes.join(", "))
}

async fn counted(client: &Client, name: &str) -> Option<f64> {
    let text = reqwest::get(format!("{}/metrics", client.base)).await.ok()?.text().await.ok()?;
    let lines = text.lines().filter(|line| line.starts_with(name));
    Some(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
}

/// Waits until a gateway shares what it has.
async fn shares(client: &Client) -> Result<()> {
    until("a gateway that reaches Redis and hears the others", async || {
        let whole = counted(client, "interline_redis_open_ranges").await? == 0.0
            && counted(client, "interline_redis_listening").await? == 1.0;
        whole.then_some(())
    })
    .await
}

struct Fleet {
    stack: Stack,
    others: Vec<Beside>,
}

impl Fleet {
    /// Three gateways.
    async fn start(setup: Setup) -> Result<Self> {
        let stack = Stack::start(setup).await?;
        let others = try_join_all([stack.another_gateway(), stack.another_gateway()]).await?;
        let fleet = Self { stack, others };
        for client in fleet.clients() {
            shares(client).await?;
        }
        Ok(fleet)
    }

    fn clients(&self) -> Vec<&Client> {
        std::iter::once(&self.stack.client).chain(self.others.iter().map(|other| &other.client)).collect()
    }

    fn calls(&self) -> u64 {
        self.stack.sandbox.control().calls_of(Supplier::Duffel, SEARCH)
    }
}

fn on(ahead: i64) -> Value {
    trip(&[("CGK", "NRT", day(ahead))], &Party::one())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_over_three_nodes_costs_one_call_to_the_supplier() -> Result<()> {
    let cluster = Cluster::start().await?;
    let fleet = Fleet::start(Setup::with("duffel").section("redis", &section(&cluster, "timeout_ms = 2000"))).await?;
    let late = FaultKind::Latency { after: Latency::FixedMs(1_500) };
    fleet.stack.sandbox.control().add_fault(Fault::at(Supplier::Duffel, late));
    let (clients, trip) = (fleet.clients(), on(0));
    let pages = try_join_all((0..CROWD).map(|index| clients[index % 3].search(&trip))).await?;
    ensure!(pages.iter().all(|page| page["total_matching"].as_u64() > Some(0) && page["complete"] == true));
    ensure!(fleet.calls() == 1, "{} calls", fleet.calls());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_node_that_asks_is_killed_another_one_asks() -> Result<()> {
    let cluster = Cluster::start().await?;
    let setup = Setup::with("duffel").section("redis", &section(&cluster, "timeout_ms = 2000\nlease_ms = 1500"));
    let mut fleet = Fleet::start(setup.section("search", "deadline_ms = 20000")).await?;
    let hangs = Fault { times: Some(1), ..Fault::at(Supplier::Duffel, FaultKind::Hang {}) };
    fleet.stack.sandbox.control().add_fault(hangs);
    let (holder, followers) =
        (fleet.stack.client.clone(), [fleet.others[0].client.clone(), fleet.others[1].client.clone()]);
    let doomed = tokio::spawn(async move { holder.search(&on(0)).await });
    until("the holder at the supplier", async || (fleet.calls() == 1).then_some(())).await?;
    let following = followers.map(|client| tokio::spawn(async move { client.search(&on(0)).await }));
    for other in &fleet.others {
        until("a follower", async || {
            let waits = counted(&other.client, "interline_redis_leases_total{event=\"elsewhere\"}").await?;
            (waits >= 1.0).then_some(())
        })
        .await?;
    }
    fleet.stack.gateway.kill().await?;
    for search in following {
        let page = search.await??;
        ensure!(page["total_matching"].as_u64() > Some(0), "{page}");
    }
    ensure!(doomed.await?.is_err());
    ensure!(fleet.calls() == 2, "{} calls", fleet.calls());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_search_fails_while_primaries_are_killed_and_frozen() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let fleet = Fleet::start(Setup::with("duffel").section("redis", &section(&cluster, "timeout_ms = 250"))).await?;
    let (done, searched, next) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let clients = fleet.clients();
    let search = async |index: usize| -> Result<Duration> {
        let mut longest = Duration::ZERO;
        while !done.load(Ordering::SeqCst) {
            // Every other search is of a trip that nobody has asked for yet.
            let ahead = next.fetch_add(1, Ordering::SeqCst) as i64 / 2 % 250;
            let since = Instant::now();
            let page = clients[index % 3].search(&on(ahead)).await.context("a search failed")?;
            ensure!(page["total_matching"].as_u64() > Some(0), "{page}");
            longest = longest.max(since.elapsed());
            searched.fetch_add(1, Ordering::SeqCst);
        }
        Ok(longest)
    };
    let some_more = async || {
        let before = searched.load(Ordering::SeqCst);
        until("more searches", async || (searched.load(Ordering::SeqCst) >= before + 60).then_some(())).await
    };
    let faults = async {
        some_more().await?;
        cluster.servers[0].kill().await?;
        some_more().await?;
        until("the killed primary's replica in its place", async || {
            let info: String = cluster.servers[3].ask("INFO replication").await.ok()?;
            info.contains("role:master").then_some(())
        })
        .await?;
        some_more().await?;
        cluster.servers[1].freeze().await?;
        some_more().await?;
        until("the frozen primary's replica in its place", async || {
            let info: String = cluster.servers[4].ask("INFO replication").await.ok()?;
            info.contains("role:master").then_some(())
        })
        .await?;
        for client in &clients {
            shares(client).await?;
        }
        some_more().await?;
        done.store(true, Ordering::SeqCst);
        Ok::<_, anyhow::Error>(())
    };
    let (searches, faults) = tokio::join!(join_all((0..6).map(search)), faults);
    done.store(true, Ordering::SeqCst);
    faults?;
    // Within the search's own deadline, and what the rest of the way takes on a busy machine.
    for longest in searches {
        let longest = longest?;
        ensure!(longest < Duration::from_secs(8), "{longest:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_holds_over_two_nodes_and_without_redis_each_has_its_share() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let plan = "{ per_second = 1, burst = 40 }";
    let limits = format!("rate_plans = {{ standard = {plan}, demo = {plan} }}");
    let setup = Setup::with("duffel").section("redis", &section(&cluster, "timeout_ms = 1000")).section("api", &limits);
    let stack = Stack::start(setup).await?;
    let other = stack.another_gateway().await?;
    let clients = [&stack.client, &other.client];
    for client in clients {
        shares(client).await?;
        until("a node that knows of the other", async || {
            (counted(client, "interline_redis_nodes").await? == 2.0).then_some(())
        })
        .await?;
    }
    let begun = Instant::now();
    let admitted = async |each: usize| -> Result<Vec<usize>> {
        let one = async |client: &Client| -> Result<usize> {
            let path = "/v1/bookings/00000000-0000-7000-8000-000000000000";
            let answers = try_join_all((0..each).map(|_| client.get(path))).await?;
            Ok(answers.iter().filter(|answer| answer.status.as_u16() != 429).count())
        };
        try_join_all([one(clients[0]), one(clients[1])]).await
    };
    let first = admitted(60).await?;
    let come_since = begun.elapsed().as_secs() as usize + 1;
    let all: usize = first.iter().sum();
    ensure!((40..=40 + come_since).contains(&all), "{first:?}");
    for server in &mut cluster.servers {
        server.kill().await?;
    }
    until("open breakers", async || {
        let path = "/v1/bookings/00000000-0000-7000-8000-000000000000";
        let answer = clients[0].request(reqwest::Method::GET, path).send().await.ok()?;
        let policy = answer.headers().get("ratelimit-policy")?.to_str().ok()?.to_owned();
        (policy == "\"key\";q=20;w=40").then_some(())
    })
    .await?;
    for share in admitted(60).await? {
        ensure!(share <= 25, "{share}");
    }
    Ok(())
}

//! Redis Cluster: three primaries, each with a replica.

use crate::server::Server;
use crate::wait::until;
use anyhow::{Context, Result};
use futures::future::try_join_all;
use std::collections::BTreeMap;

/// Milliseconds after which the nodes take one of them for dead.
const NODE_TIMEOUT_MS: u32 = 1_500;

const PRIMARIES: usize = 3;

/// A running cluster; its first three servers are primaries to begin with.
pub struct Cluster {
    /// All six.
    pub servers: Vec<Server>,
}

impl Cluster {
    /// Starts six servers, and waits until they are a cluster.
    pub async fn start() -> Result<Self> {
        Self::start_with("").await
    }

    /// The same, with further lines of configuration.
    pub async fn start_with(lines: &str) -> Result<Self> {
        let start = |_| async {
            let lines = format!(
                "cluster-enabled yes\ncluster-config-file nodes.conf\ncluster-port {}\n\
                 cluster-node-timeout {NODE_TIMEOUT_MS}\ncluster-replica-validity-factor 0\n\
                 repl-diskless-sync-delay 0\n{lines}",
                interline_ports::free()?,
            );
            Server::start(&lines).await
        };
        let servers = try_join_all((0..2 * PRIMARIES).map(start)).await?;
        for (index, server) in servers[..PRIMARIES].iter().enumerate() {
            let (from, to) = (index * 16_384 / PRIMARIES, (index + 1) * 16_384 / PRIMARIES - 1);
            server.ask::<()>(&format!("CLUSTER ADDSLOTSRANGE {from} {to}")).await?;
            server.ask::<()>(&format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1)).await?;
        }
        for server in &servers[1..] {
            let bus: BTreeMap<String, String> = server.ask("CONFIG GET cluster-port").await?;
            let bus = bus.get("cluster-port").context("no cluster-port")?;
            servers[0].ask::<()>(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", server.port)).await?;
        }
        let cluster = Self { servers };
        for index in 0..PRIMARIES {
            let id: String = cluster.servers[index].ask("CLUSTER MYID").await?;
            let replica = &cluster.servers[PRIMARIES + index];
            until("a replica that knows its primary", async || {
                replica.ask::<()>(&format!("CLUSTER REPLICATE {id}")).await.ok()
            })
            .await?;
        }
        cluster.whole().await?;
        Ok(cluster)
    }

    /// Waits until every server that lives knows all slots, and every replica has its primary's data.
    pub async fn whole(&self) -> Result<()> {
        for server in &self.servers {
            until("a whole cluster", async || {
                let info: String = server.ask("CLUSTER INFO").await.ok()?;
                let replication: String = server.ask("INFO replication").await.ok()?;
                let known = info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:6");
                let linked = replication.contains("role:master") || replication.contains("master_link_status:up");
                (known && linked).then_some(())
            })
            .await?;
        }
        Ok(())
    }

    /// Their addresses.
    pub fn addresses(&self) -> Vec<String> {
        self.servers.iter().map(Server::address).collect()
    }

    /// Index of the primary that has the slot now, as the other servers see it.
    pub async fn primary_of(&self, key: &str) -> Result<usize> {
        for server in &self.servers {
            let Ok(slot) = server.ask::<u16>(&format!("CLUSTER KEYSLOT {key}")).await else { continue };
            let Ok(nodes) = server.ask::<String>("CLUSTER NODES").await else { continue };
            let port = nodes.lines().find_map(|line| owner_of(line, slot)).context("nobody has the slot")?;
            return self.servers.iter().position(|server| server.port == port).context("a stranger has the slot");
        }
        anyhow::bail!("no server answers")
    }
}

/// The port in a line of CLUSTER NODES, if it is a living primary's with the slot.
fn owner_of(line: &str, slot: u16) -> Option<u16> {
    let words: Vec<&str> = line.split(' ').collect();
    let has = |range: &&str| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        from.parse::<u16>().is_ok_and(|from| from <= slot) && to.parse::<u16>().is_ok_and(|to| slot <= to)
    };
    words.iter().skip(8).find(|range| has(range))?;
    words.get(1)?.split('@').next()?.rsplit(':').next()?.parse().ok()
}

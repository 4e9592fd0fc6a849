//! A Redis Cluster of our own, three primaries with a replica each, whose primaries are to be killed.

use crate::server::Server;
use anyhow::{Context, Result, bail, ensure};
use interline_journey::wait::until;
use interline_ports as ports;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

/// Primaries, and so pairs of processes.
pub const SHARDS: usize = 3;

/// A cluster of six processes.
pub struct Redis {
    cli: Cli,
    shards: Vec<Shard>,
}

/// Two processes, of which one is primary.
struct Shard {
    nodes: Vec<Node>,
    /// Which one was killed.
    dead: Option<usize>,
}

struct Node {
    port: u16,
    server: Server,
}

impl Redis {
    /// Starts one with its data below `folder`. `INTERLINE_REDIS` is the folder of its programs, `INTERLINE_REDIS_LIB` the path
    /// of their libraries if those are nowhere usual.
    pub async fn start(folder: &Path) -> Result<Self> {
        let programs = std::env::var_os("INTERLINE_REDIS").context("INTERLINE_REDIS is not set; `make` sets it")?;
        let programs = PathBuf::from(programs);
        let libraries = std::env::var("INTERLINE_REDIS_LIB").ok().filter(|path| !path.is_empty());
        let environment: Vec<_> = libraries.map(|path| ("LD_LIBRARY_PATH".to_owned(), path)).into_iter().collect();
        let cli = Cli { program: programs.join("redis-cli"), environment: environment.clone() };
        let mut nodes = Vec::new();
        for number in 0..SHARDS * 2 {
            nodes.push(node(&programs.join("redis-server"), &environment, folder, number)?);
        }
        for node in &mut nodes {
            node.server.start()?;
        }
        for node in &nodes {
            cli.answers(node.port).await?;
        }
        let mut addresses: Vec<_> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        addresses.extend(["--cluster-replicas", "1", "--cluster-yes"].map(str::to_owned));
        let create = ["--cluster".to_owned(), "create".to_owned()].into_iter().chain(addresses);
        cli.ask(&create.collect::<Vec<_>>()).await.context("making the Redis Cluster")?;
        let mut redis = Self { cli, shards: Vec::new() };
        redis.shards = redis.pair(nodes).await?;
        Ok(redis)
    }

    /// `host:port` of all processes.
    pub fn addresses(&self) -> Vec<String> {
        let nodes = self.shards.iter().flat_map(|shard| &shard.nodes);
        nodes.map(|node| format!("127.0.0.1:{}", node.port)).collect()
    }

    /// SIGKILL for the one that is primary of a shard now; a shard without one is left alone.
    pub async fn kill_primary(&mut self, shard: usize) -> Result<()> {
        let shard = self.shards.get_mut(shard).context("no such shard")?;
        for (index, node) in shard.nodes.iter_mut().enumerate() {
            if !node.server.runs() || shard.dead.is_some() {
                continue;
            }
            // Who is busy is asked in vain, and as good as any other.
            let role = self.cli.query(node.port, &["role"]).await.unwrap_or_default();
            if role.starts_with("master") {
                shard.dead = Some(index);
                return node.server.kill().await;
            }
        }
        Ok(())
    }

    /// Starts the one that was killed; it becomes whatever the others have left for it.
    pub async fn restart(&mut self, shard: usize) -> Result<()> {
        let shard = self.shards.get_mut(shard).context("no such shard")?;
        let Some(dead) = shard.dead.take() else { return Ok(()) };
        let node = shard.nodes.get_mut(dead).context("no such node")?;
        node.server.start()?;
        self.cli.answers(node.port).await
    }

    /// Waits until all agree on who replicates whom.
    async fn pair(&self, nodes: Vec<Node>) -> Result<Vec<Shard>> {
        let port = nodes.first().context("no nodes")?.port;
        let pairs = until("a whole Redis Cluster", || async {
            let listed = self.cli.query(port, &["cluster", "nodes"]).await?;
            let pairs = pairs(&listed);
            let whole = pairs.len() == SHARDS && pairs.iter().all(|(_, replicas)| replicas.len() == 1);
            let state = self.cli.query(port, &["cluster", "info"]).await?;
            Ok(if whole && state.contains("cluster_state:ok") { Ok(pairs) } else { Err(listed) })
        })
        .await?;
        let mut nodes: HashMap<u16, Node> = nodes.into_iter().map(|node| (node.port, node)).collect();
        let mut shards = Vec::new();
        for (primary, replicas) in pairs {
            let members: Vec<Node> =
                [primary].into_iter().chain(replicas).filter_map(|port| nodes.remove(&port)).collect();
            ensure!(members.len() == 2, "a shard has members that are not ours");
            shards.push(Shard { nodes: members, dead: None });
        }
        Ok(shards)
    }
}

fn node(program: &Path, environment: &[(String, String)], folder: &Path, number: usize) -> Result<Node> {
    let (port, bus, data) = (ports::free()?, ports::free()?, folder.join(format!("redis-{number}")));
    std::fs::create_dir_all(&data)?;
    let (port_text, bus) = (port.to_string(), bus.to_string());
    let settings = [
        ("--port", port_text.as_str()),
        ("--cluster-port", bus.as_str()),
        ("--bind", "127.0.0.1"),
        ("--cluster-enabled", "yes"),
        ("--cluster-node-timeout", "2000"),
        // Pairs stay pairs, and a replica that was cut off for long may still take over: it is a cache.
        ("--cluster-allow-replica-migration", "no"),
        ("--cluster-replica-validity-factor", "0"),
        ("--appendonly", "no"),
        ("--save", ""),
    ];
    let server = Server::new(format!("Redis {number}"), program, folder.join(format!("logs/redis-{number}.log")))
        .arguments(settings.into_iter().flat_map(|(name, value)| [name, value]))
        .arguments(["--dir".as_ref(), data.as_os_str()])
        .environment(environment.iter().cloned());
    Ok(Node { port, server })
}

/// Primaries with their replicas, by port, from the answer to CLUSTER NODES.
fn pairs(listed: &str) -> Vec<(u16, Vec<u16>)> {
    let nodes = listed.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let (id, address, _flags, primary) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let port: u16 = address.split('@').next()?.rsplit(':').next()?.parse().ok()?;
        Some((id, port, primary))
    });
    let nodes: Vec<_> = nodes.collect();
    let primaries = nodes.iter().filter(|(_, _, primary)| *primary == "-");
    primaries
        .map(|(id, port, _)| {
            (*port, nodes.iter().filter(|(_, _, primary)| primary == id).map(|(_, port, _)| *port).collect())
        })
        .collect()
}

/// `redis-cli`.
struct Cli {
    program: PathBuf,
    environment: Vec<(String, String)>,
}

impl Cli {
    /// Waits until the process at a port answers.
    async fn answers(&self, port: u16) -> Result<()> {
        until("a Redis process", || async {
            Ok(match self.query(port, &["ping"]).await {
                Ok(pong) if pong.trim() == "PONG" => Ok(()),
                Ok(other) => Err(other),
                Err(error) => Err(format!("{error:#}")),
            })
        })
        .await
    }

    /// What the process at a port answers to a command.
    async fn query(&self, port: u16, command: &[&str]) -> Result<String> {
        let target = ["-p".to_owned(), port.to_string()];
        let all: Vec<String> = target.into_iter().chain(command.iter().map(|&word| word.to_owned())).collect();
        // A frozen process answers nobody.
        tokio::time::timeout(Duration::from_secs(2), self.ask(&all)).await.context("no answer")?
    }

    async fn ask(&self, arguments: &[String]) -> Result<String> {
        let mut cli = Command::new(&self.program);
        cli.args(arguments).envs(self.environment.iter().cloned()).kill_on_drop(true);
        let output = cli.output().await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("redis-cli {}: {text}{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_from_what_a_node_lists() {
        let listed = "a1 127.0.0.1:7001@17001,host master - 0 1 1 connected 0-5460\n\
                      b2 127.0.0.1:7002@17002 myself,master - 0 1 2 connected 5461-10922\n\
                      c3 127.0.0.1:7003@17003 slave b2 0 1 2 connected\n";
        assert_eq!(pairs(listed), [(7001, vec![]), (7002, vec![7003])]);
    }
}

//! A primary, a replica, and three Sentinels that watch them.

use crate::server::Server;
use crate::wait::until;
use anyhow::Result;
use futures::future::try_join_all;

/// What the Sentinels call the primary.
pub const SERVICE: &str = "supersets";

/// Two servers and their watchers.
pub struct Watched {
    /// The primary to begin with.
    pub primary: Server,
    /// Its replica.
    pub replica: Server,
    /// Those who watch.
    pub sentinels: Vec<Server>,
}

impl Watched {
    /// Starts all five, and waits until every Sentinel knows the replica and the others.
    pub async fn start() -> Result<Self> {
        let primary = Server::start("repl-diskless-sync-delay 0").await?;
        let replica = Server::start(&format!("replicaof 127.0.0.1 {}", primary.port)).await?;
        let watch = |_| async {
            let port = interline_ports::free()?;
            let lines = format!(
                "port {port}\nsentinel monitor {SERVICE} 127.0.0.1 {} 2\n\
                 sentinel down-after-milliseconds {SERVICE} 1000\nsentinel failover-timeout {SERVICE} 5000",
                primary.port,
            );
            Server::start_at(port, &lines, &["--sentinel"]).await
        };
        let sentinels = try_join_all((0..3).map(watch)).await?;
        for sentinel in &sentinels {
            until("a Sentinel that knows all", async || {
                let info: String = sentinel.ask("INFO sentinel").await.ok()?;
                info.contains("status=ok").then_some(())?;
                (info.contains("slaves=1") && info.contains("sentinels=3")).then_some(())
            })
            .await?;
        }
        Ok(Self { primary, replica, sentinels })
    }
}

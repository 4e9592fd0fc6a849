//! A PostgreSQL of our own, to be killed.

use crate::server::{Server, dies_with_us};
use anyhow::{Context, Result, bail};
use interline_journey::wait::until;
use interline_ports as ports;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use tokio::process::Command;

/// A cluster with one database. Its server may be killed at any time: what it has committed stays.
pub struct Database {
    /// Where clients find it.
    pub url: String,
    /// To look into it with; it outlives the server's deaths.
    pub pool: PgPool,
    server: Server,
}

impl Database {
    /// Makes a cluster below `folder`, and starts its server.
    ///
    /// `INTERLINE_POSTGRES` is the folder of the server's programs, `INTERLINE_POSTGRES_OWNER` who runs them, as `UID:GID`, if
    /// that is not who runs us, `INTERLINE_POSTGRES_LIBRARIES` the path of their libraries if those are nowhere usual.
    pub async fn start(folder: &Path) -> Result<Self> {
        let programs =
            std::env::var_os("INTERLINE_POSTGRES").context("INTERLINE_POSTGRES is not set; `make` sets it")?;
        let programs = PathBuf::from(programs);
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let owner = variable("INTERLINE_POSTGRES_OWNER");
        let libraries = variable("INTERLINE_POSTGRES_LIBRARIES");
        let environment: Vec<_> = libraries.map(|path| ("LD_LIBRARY_PATH".to_owned(), path)).into_iter().collect();
        let (home, data) = (folder.join("postgres"), folder.join("postgres/data"));
        make_folder(&home, owner.as_deref()).await?;
        let port = ports::free()?;

        let mut make = dies_with_us(programs.join("initdb"), owner.as_deref())?;
        make.args(["-U", "interline", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data);
        let made = make.envs(environment.iter().cloned()).output().await.context("running initdb")?;
        if !made.status.success() {
            bail!("initdb made no cluster: {}", String::from_utf8_lossy(&made.stderr));
        }
        // Against the death of processes nothing need reach the disk; the kernel keeps what was written.
        let settings = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
        let server = Server::new("PostgreSQL", programs.join("postgres"), folder.join("logs/postgres.log"))
            .arguments(["-p", &port.to_string(), "-D"])
            .arguments([&data])
            .arguments(settings.into_iter().flat_map(|setting| ["-c", setting]))
            .environment(environment)
            .owned_by(owner);
        let url = format!("postgres://interline@127.0.0.1:{port}/postgres");
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(30))
            .connect_lazy_with(PgConnectOptions::from_str(&url)?);
        let mut database = Self { url, pool, server };
        database.restart().await?;
        Ok(database)
    }

    /// Starts it, on what it had, and waits until it answers.
    pub async fn restart(&mut self) -> Result<()> {
        let (server, url) = (tokio::sync::Mutex::new(&mut self.server), &self.url);
        until("PostgreSQL", || async {
            // While sessions of the dead server still end, a new one refuses to start: it is started again and again.
            server.lock().await.start()?;
            match PgConnection::connect(url).await {
                Ok(connection) => Ok(Ok(connection.close().await?)),
                Err(error) => Ok(Err(format!("{error}\n{}", server.lock().await.log_end(5)))),
            }
        })
        .await
    }

    /// SIGKILL.
    pub async fn kill(&mut self) -> Result<()> {
        self.server.kill().await
    }
}

/// A folder that its owner alone can enter.
async fn make_folder(folder: &Path, owner: Option<&str>) -> Result<()> {
    let mut install = Command::new("install");
    install.args(["-d", "-m", "700"]);
    if let Some(owner) = owner {
        install.args(["-o", owner.split(':').next().unwrap_or_default()]);
    }
    if !install.arg(folder).status().await?.success() {
        bail!("{} could not be made", folder.display());
    }
    Ok(())
}

//! One Redis server, started for a test, killed and frozen as machines are.

use crate::wait::until;
use anyhow::{Context, Result, bail};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A running server. Dropping it kills it.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    child: Child,
    folder: TempDir,
}

impl Server {
    /// Starts one with further lines of configuration.
    pub async fn start(lines: &str) -> Result<Self> {
        let port = interline_ports::free()?;
        Self::start_at(port, &format!("port {port}\n{lines}"), &[]).await
    }

    /// Starts one whose lines say where it listens.
    pub async fn start_at(port: u16, lines: &str, arguments: &[&str]) -> Result<Self> {
        let folder = TempDir::new()?;
        let config = folder.path().join("redis.conf");
        let always = format!("bind 127.0.0.1\ndir {}\nsave \"\"\nappendonly no\n", folder.path().display());
        std::fs::write(&config, format!("{always}{lines}\n"))?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let child = Command::new(program("redis-server")?)
            .arg(&config)
            .args(arguments)
            .env("LD_LIBRARY_PATH", std::env::var_os("INTERLINE_REDIS_LIB").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting redis-server")?;
        let mut server = Self { port, child, folder };
        until("a listening server", async || {
            if server.child.try_wait().ok().flatten().is_some() {
                return Some(false);
            }
            tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok().then_some(true)
        })
        .await?
        .then_some(())
        .with_context(|| format!("it ended: {}", server.log()))?;
        Ok(server)
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A connection of the test's own.
    pub async fn connection(&self) -> Result<MultiplexedConnection> {
        connection(&format!("redis://{}", self.address())).await
    }

    /// Runs one command.
    pub async fn ask<T: FromRedisValue>(&self, command: &str) -> Result<T> {
        let mut words = command.split(' ');
        let mut cmd = Cmd::new();
        words.by_ref().for_each(|word| {
            cmd.arg(word);
        });
        Ok(cmd.query_async(&mut self.connection().await?).await?)
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.context("killing redis-server")
    }

    /// SIGSTOP: it is there, and does nothing.
    pub async fn freeze(&self) -> Result<()> {
        self.signal("-STOP").await
    }

    /// SIGCONT.
    pub async fn thaw(&self) -> Result<()> {
        self.signal("-CONT").await
    }

    async fn signal(&self, signal: &str) -> Result<()> {
        let Some(id) = self.child.id() else { bail!("it has ended: {}", self.log()) };
        let status = Command::new("kill").arg(signal).arg(id.to_string()).status().await?;
        status.success().then_some(()).context("kill")
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// A connection that waits long enough on a busy machine.
pub async fn connection(url: &str) -> Result<MultiplexedConnection> {
    let patience = Some(Duration::from_secs(10));
    let config = AsyncConnectionConfig::new().set_connection_timeout(patience).set_response_timeout(patience);
    Ok(Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await?)
}

/// A program of Redis: from `INTERLINE_REDIS`, else from the machine's own.
pub fn program(name: &str) -> Result<PathBuf> {
    match std::env::var_os("INTERLINE_REDIS") {
        Some(folder) => {
            let path = PathBuf::from(folder).join(name);
            path.canonicalize().map(|_| path).context("INTERLINE_REDIS has no Redis; `make test` gets one")
        }
        None => Ok(PathBuf::from(name)),
    }
}

//! Other processes of this program.

use crate::cores::Cores;
use crate::load::Mix;
use crate::spent;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A server of this program, on the server's processor. Dropping it ends it.
pub struct Floor {
    /// Where it listens.
    pub address: SocketAddr,
    process: Child,
}

impl Floor {
    /// Serves what `origin` answers to these requests.
    pub async fn mirror(cores: &Cores, origin: SocketAddr, mix: &Mix) -> Result<Self> {
        let file = NamedTempFile::new()?;
        let requests: Vec<&[u8]> = mix.requests.iter().map(|request| &request[..]).collect();
        serde_json::to_writer(&file, &requests)?;
        let origin = origin.to_string();
        Self::start(cores, &["mirror", "--origin", &origin, "--requests", &file.path().display().to_string()]).await
    }

    /// Serves one body of JSON to whatever is asked.
    pub async fn of(cores: &Cores, body: &[u8]) -> Result<Self> {
        let file = NamedTempFile::new()?;
        std::fs::write(file.path(), body)?;
        Self::start(cores, &["mirror", "--body", &file.path().display().to_string()]).await
    }

    async fn start(cores: &Cores, arguments: &[&str]) -> Result<Self> {
        cores.be_server()?;
        let started = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        cores.be_driver()?;
        let mut process = started?;
        let output = process.stdout.take().context("no output")?;
        let line = BufReader::new(output).lines().next_line().await?.context("the floor did not start")?;
        Ok(Self { address: line.parse()?, process })
    }

    /// Processor time that it has used.
    pub fn cpu(&self) -> Result<Duration> {
        spent::cpu(self.process.id().context("the floor has ended")?)
    }
}

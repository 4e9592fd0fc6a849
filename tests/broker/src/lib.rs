//! A real Kafka broker for one test: it can be killed as a machine dies, and started again on what it had written.
//!
//! `INTERLINE_BROKER` names a program that runs one, as `BROKER serve PORT FOLDER`; `make test` sees to it (scripts/kafka.sh).

#![deny(missing_docs)]

use anyhow::{Context, Result, bail, ensure};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Far above what any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A broker on a port of its own. Dropping it kills it.
pub struct Broker {
    program: PathBuf,
    port: u16,
    folder: TempDir,
    /// With it it speaks TLS alone, and with users alone.
    certificate: Option<Certificate>,
    child: Option<Child>,
}

/// What it proves itself with: PEM files.
struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
}

impl Broker {
    /// One that has yet to be started: its address stands already.
    pub fn reserve() -> Result<Self> {
        let program =
            std::env::var_os("INTERLINE_BROKER").context("INTERLINE_BROKER is not set; `make test` sets it")?;
        let port = interline_ports::free()?;
        Ok(Self { program: program.into(), port, folder: TempDir::new()?, certificate: None, child: None })
    }

    /// A running one.
    pub async fn start() -> Result<Self> {
        let mut broker = Self::reserve()?;
        broker.launch().await?;
        Ok(broker)
    }

    /// A running one that speaks TLS alone, and only with this user, who proves himself by SCRAM-SHA-512.
    pub async fn start_secured(user: &str, password: &str) -> Result<Self> {
        // A user is made by who may, and at first everybody may.
        let mut broker = Self::start().await?;
        let port = broker.port.to_string();
        let mut making = Command::new(&broker.program);
        let made = making.args(["user", &port, user, password]).kill_on_drop(true).output();
        let made = tokio::time::timeout(PATIENCE, made).await.context("the broker makes no user")??;
        ensure!(made.status.success(), "making a user: {}", String::from_utf8_lossy(&made.stderr));
        broker.kill().await?;
        broker.certificate = Some(broker.certify()?);
        broker.launch().await?;
        Ok(broker)
    }

    fn certify(&self) -> Result<Certificate> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()])?;
        let file = |name| self.folder.path().join(name);
        let certificate = Certificate { certificate: file("certificate.pem"), key: file("key.pem") };
        std::fs::write(&certificate.certificate, cert.pem())?;
        std::fs::write(&certificate.key, signing_key.serialize_pem())?;
        Ok(certificate)
    }

    /// The certificate that a client must trust: a PEM file.
    pub fn authority(&self) -> Option<PathBuf> {
        self.certificate.as_ref().map(|files| files.certificate.clone())
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it on what it had, and waits until it takes connections.
    pub async fn launch(&mut self) -> Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log"))?;
        let certificate = self.certificate.iter().flat_map(|files| [&files.certificate, &files.key]);
        let child = Command::new(&self.program)
            .args(["serve", &self.port.to_string()])
            .arg(self.folder.path())
            .args(certificate)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let child = self.child.insert(child);
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
            if let Some(status) = child.try_wait()? {
                bail!("the broker ended with {status}: {}", self.log());
            }
            if begun.elapsed() > PATIENCE {
                bail!("the broker takes no connections: {}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the broker does not run")?;
        child.kill().await.context("killing the broker")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

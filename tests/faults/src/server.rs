//! A program that is killed and started again, on the same port and the same data.

use anyhow::{Context, Result};
use interline_journey::process::Process;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use tokio::process::Command;

/// A program, and how it is started. It dies with this process, however that ends.
pub struct Server {
    name: String,
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
    owner: Option<String>,
    log: PathBuf,
    process: Option<Process>,
}

impl Server {
    /// A program that does not run yet; its output goes to `log`.
    pub fn new(name: impl Into<String>, program: impl Into<OsString>, log: PathBuf) -> Self {
        let (arguments, environment) = (Vec::new(), Vec::new());
        Self { name: name.into(), program: program.into(), arguments, environment, owner: None, log, process: None }
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Adds environment variables.
    #[must_use]
    pub fn environment(mut self, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(environment);
        self
    }

    /// Runs it as somebody else, `UID:GID`; none for ourselves.
    #[must_use]
    pub fn owned_by(mut self, owner: Option<String>) -> Self {
        self.owner = owner;
        self
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts it, unless it runs.
    pub fn start(&mut self) -> Result<()> {
        if self.runs() {
            return Ok(());
        }
        let mut program = dies_with_us(&self.program, self.owner.as_deref())?;
        program.args(&self.arguments).envs(self.environment.iter().cloned());
        self.process = Some(Process::spawn(program, &self.log).with_context(|| self.name.clone())?);
        Ok(())
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.check().is_ok())
    }

    /// Fails, with its log's end, if it was started and has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        match &mut self.process {
            Some(process) => process.check().with_context(|| self.name.clone()),
            None => Ok(()),
        }
    }

    /// SIGKILL; waits until it is gone.
    pub async fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await.with_context(|| self.name.clone()),
            None => Ok(()),
        }
    }

    /// SIGTERM; waits for a clean end.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop().await.with_context(|| self.name.clone()),
            None => Ok(()),
        }
    }

    /// The last lines of its log.
    pub fn log_end(&self, lines: usize) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let all: Vec<&str> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

/// A program that is killed when this process ends, run as somebody else if an owner, `UID:GID`, is given.
pub fn dies_with_us(program: impl AsRef<OsStr>, owner: Option<&str>) -> Result<Command> {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some(owner) = owner {
        let (user, group) = owner.split_once(':').context("an owner is UID:GID")?;
        command.args(["--reuid", user, "--regid", group, "--clear-groups"]).current_dir("/");
    }
    command.arg("--").arg(program);
    Ok(command)
}

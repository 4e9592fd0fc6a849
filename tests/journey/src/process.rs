//! A program of the gateway under test, started as an operator starts it and killed as a machine dies.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// A running process, of `interline` or of a server that it needs. Dropping it kills it.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `interline` with these arguments; its output goes to `log`.
    pub fn start(arguments: &[&str], environment: &[(String, String)], log: &Path) -> Result<Self> {
        let mut program = Command::new(binary()?);
        // It goes before the configuration, which says where they are.
        program.args(arguments).env_remove("INTERLINE_COMPONENTS").envs(environment.iter().cloned());
        Self::spawn(program, log)
    }

    /// Starts any program; its output goes to `log`, after what is there.
    pub fn spawn(mut program: Command, log: &Path) -> Result<Self> {
        let output = std::fs::File::options().create(true).append(true).open(log)?;
        program.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let child = program.spawn().with_context(|| format!("starting {:?}", program.as_std()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// SIGKILL, and waits until it is gone.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.context("killing the process")
    }

    /// SIGTERM, and waits for a clean end.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(id) = self.child.id() else { bail!("it has ended already; its log: {}", self.log()) };
        Command::new("kill").arg("-TERM").arg(id.to_string()).status().await?;
        let status = tokio::time::timeout(Duration::from_secs(60), self.child.wait()).await??;
        if !status.success() {
            bail!("it ended with {status}; its log: {}", self.log());
        }
        Ok(())
    }

    /// Fails, with the log's end, if the process has ended.
    pub fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("it ended with {status}; its log: {}", self.log()),
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// Runs `interline` to its end and answers its output.
pub async fn run(arguments: &[&str], environment: &[(String, String)]) -> Result<String> {
    let output = Command::new(binary()?).args(arguments).envs(environment.iter().cloned()).output().await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!(
            "interline {}: {}\n{text}{}",
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(text)
}

/// The built program: `INTERLINE_BIN`, else beside the tests' own folder.
pub fn binary() -> Result<PathBuf> {
    beside_tests("INTERLINE_BIN", "interline", "`cargo build -p interline-gateway` makes it")
}

/// The built components: `INTERLINE_COMPONENTS`, else `components` in the target folder.
pub fn components() -> Result<PathBuf> {
    beside_tests("INTERLINE_COMPONENTS", "../components", "`make plugins` makes them")
}

fn beside_tests(variable: &str, name: &str, how: &str) -> Result<PathBuf> {
    let path = match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        // target/debug/deps/test → target/debug
        None => std::env::current_exe()?.ancestors().nth(2).context("the test has no folder")?.join(name),
    };
    path.canonicalize().with_context(|| format!("{} is not there; {how}", path.display()))
}

//! The mail server of `smtp_server.py`, for one test.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

pub struct MailServer {
    pub port: u64,
    /// The certificate, which nobody trusts by himself.
    pub certificate: PathBuf,
    told: Lines<BufReader<ChildStdout>>,
    commands: ChildStdin,
    _child: Child,
    _folder: TempDir,
}

impl MailServer {
    pub async fn start() -> Self {
        let program = std::env::var_os("INTERLINE_AIOSMTPD");
        let program = program.expect("INTERLINE_AIOSMTPD names no program; `make test` installs aiosmtpd and sets it");
        let folder = tempfile::tempdir().unwrap();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, cert.pem()).unwrap();
        std::fs::write(&key, signing_key.serialize_pem()).unwrap();
        let mut child = Command::new(program)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/write_path/smtp_server.py"))
            .args([&certificate, &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        let commands = child.stdin.take().unwrap();
        let mut server = Self { port: 0, certificate, told, commands, _child: child, _folder: folder };
        server.port = server.hears("port").await["port"].as_u64().unwrap();
        server
    }

    /// How the next message is answered: `take`, `later`, `refuse` or `cut`.
    pub async fn answers(&mut self, how: &str) {
        self.commands.write_all(format!("{how}\n").as_bytes()).await.unwrap();
        self.hears("told").await;
    }

    /// The next thing of this kind that it tells.
    pub async fn hears(&mut self, kind: &str) -> Value {
        loop {
            let line = tokio::time::timeout(Duration::from_secs(60), self.told.next_line()).await;
            let line = line.expect("the mail server is silent").unwrap().expect("the mail server has ended");
            let told: Value = serde_json::from_str(&line).unwrap();
            if told.get(kind).is_some() {
                return told;
            }
        }
    }

    /// Everything that it has told up to now.
    pub async fn heard(&mut self) -> Vec<Value> {
        self.commands.write_all(b"take\n").await.unwrap();
        let mut all = Vec::new();
        loop {
            let line = self.told.next_line().await.unwrap().expect("the mail server has ended");
            let told: Value = serde_json::from_str(&line).unwrap();
            if told.get("told").is_some() {
                return all;
            }
            all.push(told);
        }
    }
}

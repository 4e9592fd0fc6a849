//! The section [redis] of the gateway's configuration.

use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How Redis is reached. Without this section every node is on its own.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// What kind of Redis it is.
    pub mode: Mode,
    /// `host:port`: the server; some nodes of the cluster; or the Sentinels.
    pub nodes: Vec<String>,
    /// Name that the Sentinels know the master by.
    #[serde(default)]
    pub service: Option<String>,
    /// ACL user; none: `default`.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password.
    #[serde(default)]
    pub password: Option<String>,
    /// ACL user at the Sentinels.
    #[serde(default)]
    pub sentinel_user: Option<String>,
    /// Its password.
    #[serde(default)]
    pub sentinel_password: Option<String>,
    /// Number of the database; a cluster has only 0.
    #[serde(default)]
    pub database: i64,
    /// TLS to every node; none: in the clear.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// Stands before every key, where several installations share one Redis.
    #[serde(default)]
    pub prefix: String,
    /// Milliseconds that one command may take: what a search loses at most each time until the breaker opens, beside what its own
    /// threads are late.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Milliseconds that a connection may take, off the path of any request.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Milliseconds after which another node takes over the search of a node that died.
    #[serde(default = "lease_ms")]
    pub lease_ms: u64,
    /// Nodes that share the rate limits while Redis can't be asked; none: as many as were last seen.
    #[serde(default)]
    pub share_nodes: Option<u32>,
}

/// Kind of Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// One server.
    Standalone,
    /// A master that Sentinels know.
    Sentinel,
    /// Redis Cluster.
    Cluster,
}

/// TLS.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// PEM file of the authority that signed the servers' certificates; none: those that the machine trusts.
    pub ca: Option<PathBuf>,
    /// PEM file of this client's certificate.
    pub certificate: Option<PathBuf>,
    /// PEM file of its key.
    pub key: Option<PathBuf>,
}

fn timeout_ms() -> u64 {
    100
}

fn connect_timeout_ms() -> u64 {
    1_000
}

fn lease_ms() -> u64 {
    2_000
}

impl RedisConfig {
    /// In the clear, without a user, all else as by default.
    pub fn new(mode: Mode, nodes: Vec<String>) -> Self {
        Self {
            mode,
            nodes,
            service: None,
            user: None,
            password: None,
            sentinel_user: None,
            sentinel_password: None,
            database: 0,
            tls: None,
            prefix: String::new(),
            timeout_ms: timeout_ms(),
            connect_timeout_ms: connect_timeout_ms(),
            lease_ms: lease_ms(),
            share_nodes: None,
        }
    }

    /// See `timeout_ms`.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// See `connect_timeout_ms`.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    /// See `lease_ms`.
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    /// Everything that can be told to be wrong without asking Redis.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut expect = |holds: bool, text: &str| {
            if !holds {
                wrong.push(format!("[redis] {text}"));
            }
        };
        expect(!self.nodes.is_empty(), "nodes: at least one is needed, like \"redis-1:6379\"");
        expect(self.mode != Mode::Standalone || self.nodes.len() <= 1, "nodes: mode \"standalone\" has one");
        expect(
            self.mode != Mode::Sentinel || self.service.is_some(),
            "service: mode \"sentinel\" needs the master's name",
        );
        expect(self.mode != Mode::Cluster || self.database == 0, "database: a cluster has only 0");
        expect(self.user.is_none() || self.password.is_some(), "password: `user` needs one");
        expect((1..=2_000).contains(&self.timeout_ms), "timeout_ms is 1 to 2000");
        expect((1..=30_000).contains(&self.connect_timeout_ms), "connect_timeout_ms is 1 to 30000");
        expect((200..=60_000).contains(&self.lease_ms), "lease_ms is 200 to 60000");
        expect(self.share_nodes != Some(0), "share_nodes is at least 1");
        expect(!self.prefix.contains(['{', '}']), "prefix: braces choose a cluster's slot, and are not for it");
        if let Err(error) = crate::dial::Dialer::new(self) {
            wrong.push(format!("[redis] {error}"));
        }
        wrong
    }
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisConfig({:?} at {:?})", self.mode, self.nodes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RedisConfig, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = parse("mode = \"cluster\"\nnodes = []\nnode = 1").unwrap_err();
        assert!(error.contains("node"), "{error}");
    }

    #[test]
    fn a_check_names_all_that_is_wrong() {
        let config = parse(
            "mode = \"sentinel\"\nnodes = [\"nowhere\"]\nuser = \"x\"\nlease_ms = 1\ntls = { ca = \"/nowhere.pem\" }",
        );
        let wrong = config.unwrap().check().join("\n");
        for part in ["service", "password", "lease_ms", "/nowhere.pem"] {
            assert!(wrong.contains(part), "{part}: {wrong}");
        }
        let good =
            parse("mode = \"cluster\"\nnodes = [\"a:1\", \"b:2\"]\nuser = \"x\"\npassword = \"hunter2\"").unwrap();
        assert_eq!(good.check(), Vec::<String>::new());
        assert!(!format!("{good:?}").contains("hunter2"));
    }
}

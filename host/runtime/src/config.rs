//! What the operator decides: where components are, what each may do, and how much of everything it may use.

use crate::observer::{CallObserver, Unobserved};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// How a [`crate::Runtime`] is started.
#[derive(Clone)]
pub struct RuntimeConfig {
    /// Folder of `NAME.wasm` with `NAME.toml`.
    pub components: PathBuf,
    /// Folder for compiled artifacts; made if it is missing, readable by its owner alone.
    pub artifacts: PathBuf,
    /// By component name. Suppliers and payment providers without one stay disabled; rule sets need none.
    pub grants: BTreeMap<String, Grant>,
    /// Where neither manifest nor grant says otherwise.
    pub defaults: Limits,
    /// The most that a manifest may ask for; a grant may give more.
    pub ceiling: Limits,
    /// Reload components when their files change.
    pub watch: bool,
    /// Hears of each call.
    pub observer: Arc<dyn CallObserver>,
}

impl RuntimeConfig {
    /// With default limits, watching, and nothing granted.
    pub fn new(components: impl Into<PathBuf>, artifacts: impl Into<PathBuf>) -> Self {
        Self {
            components: components.into(),
            artifacts: artifacts.into(),
            grants: BTreeMap::new(),
            defaults: Limits::default(),
            ceiling: Limits::ceiling(),
            watch: true,
            observer: Arc::new(Unobserved),
        }
    }
}

/// What the operator lets a component do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Whether it is loaded at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Hosts (`host` or `host:port`) that its requests may go to, as far as the manifest names them too.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Manifest host → base URL that its requests are sent to instead (sandbox, private link, proxy).
    #[serde(default)]
    pub endpoints: BTreeMap<String, url::Url>,
    /// Lets requests go to private and loopback addresses.
    #[serde(default)]
    pub allow_private: bool,
    /// Name of the set of credentials: components' state is kept apart by it.
    #[serde(default = "main")]
    pub credential_set: String,
    /// What `host/config.get` answers.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// By the name that the manifest gives.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretSource>,
    /// Over the manifest's and the defaults.
    #[serde(default)]
    pub limits: LimitOverrides,
}

impl Default for Grant {
    fn default() -> Self {
        Self {
            enabled: true,
            hosts: Vec::new(),
            endpoints: BTreeMap::new(),
            allow_private: false,
            credential_set: main(),
            config: BTreeMap::new(),
            secrets: BTreeMap::new(),
            limits: LimitOverrides::default(),
        }
    }
}

fn yes() -> bool {
    true
}

fn main() -> String {
    "main".to_owned()
}

/// Where a secret comes from. `Debug` shows no value.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum SecretSource {
    /// The value itself.
    Value(String),
    /// An environment variable of the gateway, read at load.
    Env(SecretEnv),
    /// A file, read at load; a line end at its end is not part of it.
    File(SecretFile),
}

/// `{ env = "NAME" }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretEnv {
    /// Name of the variable.
    pub env: String,
    /// The hosts that it may be sent to; none: all that are granted.
    pub hosts: Option<Vec<String>>,
}

/// `{ file = "PATH" }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    /// Path of the file.
    pub file: PathBuf,
    /// The hosts that it may be sent to; none: all that are granted.
    pub hosts: Option<Vec<String>>,
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value"),
            Self::Env(source) => source.fmt(f),
            Self::File(source) => source.fmt(f),
        }
    }
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr, at most $ceiling:expr;)*) => {
        /// How much of everything a component may use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits { $($(#[$doc])* pub $name: $type,)* }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// The most that a manifest may ask for.
            pub fn ceiling() -> Self {
                Self { $($name: $ceiling,)* }
            }

            /// These, with what the manifest asks for up to a ceiling, and with what the operator says above all.
            pub fn with(self, manifest: &LimitOverrides, ceiling: &Self, grant: &LimitOverrides) -> Self {
                Self {
                    $($name: grant.$name.or(manifest.$name.map(|asked| asked.min(ceiling.$name))).unwrap_or(self.$name),)*
                }
            }
        }

        /// Limits that a manifest or the operator sets for one component.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct LimitOverrides { $($(#[$doc])* pub $name: Option<$type>,)* }
    };
}

limits! {
    /// Linear memory of one instance, in MiB.
    memory_mb: u32 = 64, at most 512;
    /// Length of a search.
    search_timeout_ms: u64 = 8_000, at most 60_000;
    /// Length of any other call.
    call_timeout_ms: u64 = 30_000, at most 120_000;
    /// Calls that run at the same time.
    concurrency: u32 = 32, at most 256;
    /// Calls that wait for a place; beyond it they are refused.
    queue: u32 = 256, at most 4_096;
    /// Body of one HTTP answer.
    max_reply_kb: u32 = 8_192, at most 65_536;
    /// HTTP requests of one call.
    max_requests: u32 = 32, at most 256;
    /// HTTP requests under way at the same time, over all calls.
    connections: u32 = 64, at most 512;
    /// HTTP requests a second, over all calls; 0: no limit.
    requests_per_second: u32 = 0, at most 10_000;
    /// Resolving, connecting and the TLS handshake.
    connect_timeout_ms: u64 = 3_000, at most 30_000;
    /// From the request sent to the answer's head.
    first_byte_timeout_ms: u64 = 25_000, at most 120_000;
    /// Between two pieces of the answer's body.
    between_bytes_timeout_ms: u64 = 10_000, at most 60_000;
    /// Failures in a row that open the circuit; 0: it never opens.
    circuit_failures: u32 = 10, at most 1_000;
    /// How long an open circuit refuses before one request tries again.
    circuit_pause_ms: u64 = 5_000, at most 60_000;
}

//! The gateway's configuration: one TOML file, and the environment over it.
//!
//! A string in the file may hold `${NAME}` or `${NAME:-default}`: the environment's value stands in its place. Unknown keys
//! are refused, with their place.

mod environment;
mod interpolation;

use anyhow::{Context, Result, anyhow, bail};
use interline_api::ApiConfig;
use interline_booking::{BookingConfig, WorkerConfig};
use interline_pricing::RateTable;
use interline_redis::RedisConfig;
use interline_runtime::{Grant, Limits};
use interline_search::{OfferSigner, SearchConfig, SigningKey};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

pub use environment::VARIABLES;

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// Where a worker shows `/metrics`, `/healthz` and `/readyz`; without it, nowhere.
    pub worker_listen: Option<SocketAddr>,
    /// Seconds between SIGTERM, when `/readyz` turns 503, and the end of the listener: a balancer notices meanwhile.
    pub unready_seconds: u64,
    /// Seconds that connections and jobs under way have to end when the gateway stops.
    pub drain_seconds: u64,
    /// PostgreSQL.
    pub database: Database,
    /// Logging.
    pub log: Log,
    /// Tracing.
    pub traces: Traces,
    /// HTTP.
    pub api: ApiConfig,
    /// The read path.
    pub search: SearchConfig,
    /// Offer ids.
    pub offers: Offers,
    /// The write path.
    pub booking: BookingConfig,
    /// The worker.
    pub worker: WorkerConfig,
    /// What several nodes share; none: this node is alone.
    pub redis: Option<RedisConfig>,
    /// Exchange rates.
    pub rates: Rates,
    /// Where components are, and what they may use.
    pub components: Components,
    /// Suppliers, by component name.
    pub suppliers: BTreeMap<String, Grant>,
    /// Payment providers, by component name.
    pub payments: BTreeMap<String, Grant>,
    /// Rule sets, by component name.
    pub rules: BTreeMap<String, Grant>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            worker_listen: None,
            unready_seconds: 5,
            drain_seconds: 20,
            database: Database::default(),
            log: Log::default(),
            traces: Traces::default(),
            api: ApiConfig::default(),
            search: SearchConfig::default(),
            offers: Offers::default(),
            booking: BookingConfig::default(),
            worker: WorkerConfig::default(),
            redis: None,
            rates: Rates::default(),
            components: Components::default(),
            suppliers: BTreeMap::new(),
            payments: BTreeMap::new(),
            rules: BTreeMap::new(),
        }
    }
}

/// PostgreSQL.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://user:password@host:port/name`; `DATABASE_URL` goes before it.
    pub url: Option<String>,
    /// Connections at once.
    pub max_connections: u32,
    /// Seconds to wait for a free one.
    pub acquire_seconds: u64,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, max_connections: 20, acquire_seconds: 5 }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database(at most {})", self.max_connections)
    }
}

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// JSON lines, or text for people.
    pub format: LogFormat,
    /// What is logged, as `tracing` filters are written: `info`, `info,interline_search=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Json, filter: "info".to_owned() }
    }
}

impl Log {
    /// Only what is wrong, for people.
    pub fn quiet(&self) -> Self {
        Self { format: LogFormat::Text, filter: "warn".to_owned() }
    }
}

/// Where traces go: to a collector, by OTLP over HTTP (protobuf).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traces {
    /// The collector's address, like `http://127.0.0.1:4318`; without one nothing is exported. It stands beside the
    /// gateway: TLS to the world outside is its business.
    pub otlp_endpoint: Option<Url>,
    /// Share of new traces that is exported, 0 to 1; of a caller's trace, the caller decides.
    pub sample_ratio: f64,
}

impl Default for Traces {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_ratio: 0.01 }
    }
}

impl Traces {
    fn check(&self) -> Result<()> {
        if self.otlp_endpoint.as_ref().is_some_and(|url| url.scheme() != "http" || url.host().is_none()) {
            bail!("[traces] otlp_endpoint: is an address like http://127.0.0.1:4318");
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            bail!("[traces] sample_ratio: is a number from 0 to 1");
        }
        Ok(())
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Offer ids.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offers {
    /// The first signs; the others still verify, for the 30 minutes that an offer id lives after a change.
    pub signing_keys: Vec<OfferKey>,
}

/// A key that signs offer ids.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferKey {
    /// 0 to 255, another for each key.
    pub id: u8,
    /// At least 64 hexadecimal digits, the same on all nodes.
    pub hex: String,
}

impl fmt::Debug for OfferKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OfferKey({})", self.id)
    }
}

/// Exchange rates.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// A table of rates; read again whenever it changes.
    pub file: Option<PathBuf>,
    /// Use the made-up table that comes with the gateway.
    pub sandbox: bool,
}

/// Where components are, and what they may use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Components {
    /// Folder of `NAME.wasm` with `NAME.toml`; `INTERLINE_COMPONENTS` goes before it.
    pub path: PathBuf,
    /// Folder for compiled components.
    pub artifacts: PathBuf,
    /// Reload when files change.
    pub watch: bool,
    /// Limits where neither manifest nor grant says otherwise.
    pub defaults: Limits,
    /// The most that a manifest may ask for.
    pub ceiling: Limits,
}

impl Default for Components {
    fn default() -> Self {
        Self {
            path: PathBuf::from("target/components"),
            artifacts: PathBuf::from(".data/artifacts"),
            watch: true,
            defaults: Limits::default(),
            ceiling: Limits::ceiling(),
        }
    }
}

impl Config {
    /// Reads a file, if one is named, and puts the environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let text = match file {
            Some(file) => std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?,
            None => String::new(),
        };
        let name = file.map_or_else(|| "the defaults".to_owned(), |file| file.display().to_string());
        Self::parse(&text, &name, &environment)
    }

    /// Reads a file's text.
    pub fn parse(text: &str, name: &str, environment: &BTreeMap<String, String>) -> Result<Self> {
        let text = interpolation::fill(text, environment).map_err(|error| anyhow!("{name}: {error}"))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| anyhow!("{name}: {error}"))?;
        environment::overlay(&mut config, environment)?;
        Ok(config)
    }

    /// The URL of the database.
    pub fn database_url(&self) -> Result<&str> {
        let url = self.database.url.as_deref();
        url.context("no database is configured: set DATABASE_URL, or `url` in the section [database]")
    }

    /// All grants, by component name.
    pub fn grants(&self) -> Result<BTreeMap<String, Grant>> {
        let mut grants = BTreeMap::new();
        for (section, named) in [("suppliers", &self.suppliers), ("payments", &self.payments), ("rules", &self.rules)] {
            for (name, grant) in named {
                if grants.insert(name.clone(), grant.clone()).is_some() {
                    bail!("[{section}.{name}]: a component of this name is granted in another section too");
                }
            }
        }
        Ok(grants)
    }

    /// What signs offer ids.
    pub fn signer(&self) -> Result<OfferSigner> {
        let key = |key: &OfferKey| -> Result<SigningKey> {
            let place = format!("[offers] signing_keys: key {}", key.id);
            let bytes = hex::decode(&key.hex).map_err(|_| anyhow!("{place} is not hexadecimal"))?;
            SigningKey::new(key.id, &bytes).map_err(|error| anyhow!("{place}: {error}"))
        };
        let mut keys = self.offers.signing_keys.iter().map(key).collect::<Result<Vec<_>>>()?.into_iter();
        let current = keys.next().context(
            "[offers] signing_keys: at least one key is needed, like \
            { id = 1, hex = \"…64 digits…\" } (openssl rand -hex 32 makes one)",
        )?;
        Ok(OfferSigner::new(current, keys.collect()))
    }

    /// The rate table.
    pub fn rate_table(&self) -> Result<RateTable> {
        match (&self.rates.file, self.rates.sandbox) {
            (Some(file), false) => RateTable::load(file).with_context(|| format!("[rates] file {}", file.display())),
            (None, true) => Ok(RateTable::sandbox()?),
            _ => bail!(
                "[rates]: set either `file`, or `sandbox = true` for the made-up table that comes with the gateway"
            ),
        }
    }

    /// Everything that can be told to be wrong without starting.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut note = |result: Result<()>| {
            if let Err(error) = result {
                wrong.push(format!("{error:#}"));
            }
        };
        note(self.database_url().map(drop));
        note(self.signer().map(drop));
        note(self.rate_table().map(drop));
        note(self.grants().map(drop));
        note(self.traces.check());
        note(if self.booking.master_keys.is_empty() {
            Err(anyhow!(
                "[booking] master_keys: at least one key is needed, like {{ id = \"2026\", hex = \"…64 digits…\" }}"
            ))
        } else {
            Ok(())
        });
        for key in &self.booking.master_keys {
            note(match hex::decode(&key.hex) {
                Ok(bytes) if bytes.len() == 32 => Ok(()),
                _ => Err(anyhow!("[booking] master_keys: key `{}` is not 64 hexadecimal digits", key.id)),
            });
        }
        note(self.worker.queue.check().map_err(|wrong| anyhow!("[worker.queue] {wrong}")));
        for (plan, limit) in &self.api.rate_plans {
            note(match (limit.per_second, limit.burst) {
                (0, _) | (_, 0) => Err(anyhow!("[api.rate_plans.{plan}]: `per_second` and `burst` are at least 1")),
                _ => Ok(()),
            });
        }
        let folder = &self.components.path;
        note(if folder.is_dir() {
            Ok(())
        } else {
            Err(anyhow!(
                "[components] path: {} is no folder (`make plugins` fills target/components)",
                folder.display()
            ))
        });
        wrong.extend(self.redis.iter().flat_map(RedisConfig::check));
        wrong
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

//! Settings of the Kafka queue, typed; what librdkafka calls them stands here alone.

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseProducer;
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How jobs travel through Kafka: `[worker.queue]` with `kind = "kafka"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// Brokers to begin with: `host:port`.
    pub brokers: Vec<String>,
    /// What topics' names begin with: `PREFIX.jobs`, `PREFIX.jobs.dead`.
    #[serde(default = "interline")]
    pub topic_prefix: String,
    /// The workers' consumer group.
    #[serde(default = "interline")]
    pub group: String,
    /// This worker's name in the group, another one for each: a worker that comes back under its name before its session
    /// is over gets its partitions back without a rebalance. Without one, each start is a new member.
    #[serde(default)]
    pub instance: Option<String>,
    /// Partitions of the topics, when they are made here.
    #[serde(default = "partitions")]
    pub partitions: i32,
    /// Replicas of the topics, when they are made here; without it, as the brokers are set up.
    #[serde(default)]
    pub replication: Option<i32>,
    /// Seconds without a sign of life after which a worker's partitions go to others. Brokers take 6 and more.
    #[serde(default = "session_seconds")]
    pub session_seconds: u32,
    /// Milliseconds for which a broker may hold an answer back while nothing is there.
    #[serde(default = "fetch_wait_millis")]
    pub fetch_wait_millis: u32,
    /// How connections are secured.
    #[serde(default)]
    pub security: KafkaSecurity,
}

fn interline() -> String {
    "interline".to_owned()
}

fn partitions() -> i32 {
    24
}

fn session_seconds() -> u32 {
    15
}

fn fetch_wait_millis() -> u32 {
    100
}

/// How connections to the brokers are secured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum KafkaSecurity {
    /// Not at all.
    Plaintext {},
    /// TLS.
    Tls(KafkaTls),
    /// A user, over TLS.
    SaslTls {
        /// Who.
        sasl: KafkaSasl,
        /// The connection.
        #[serde(default)]
        tls: KafkaTls,
    },
    /// A user, over a network that nobody else can listen on.
    SaslPlaintext {
        /// Who.
        sasl: KafkaSasl,
    },
}

impl Default for KafkaSecurity {
    fn default() -> Self {
        Self::Plaintext {}
    }
}

/// TLS towards the brokers.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KafkaTls {
    /// PEM file with the authorities to trust; without one, the system's.
    pub ca: Option<PathBuf>,
    /// PEM file with this client's certificate.
    pub certificate: Option<PathBuf>,
    /// PEM file with its key.
    pub key: Option<PathBuf>,
    /// What the key is encrypted with.
    pub key_password: Option<String>,
    /// The broker's name must be in its certificate.
    pub verify_name: bool,
}

impl Default for KafkaTls {
    fn default() -> Self {
        Self { ca: None, certificate: None, key: None, key_password: None, verify_name: true }
    }
}

impl fmt::Debug for KafkaTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KafkaTls({:?}, {:?})", self.ca, self.certificate)
    }
}

/// A user of the brokers. `Debug` shows the name alone.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaSasl {
    /// How the password is proven.
    pub mechanism: SaslMechanism,
    /// Name.
    pub username: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for KafkaSasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KafkaSasl({}, {:?})", self.username, self.mechanism)
    }
}

/// How a password is proven to a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaslMechanism {
    /// By sending it.
    Plain,
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256,
    /// SCRAM-SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl KafkaConfig {
    /// The topic of jobs.
    pub fn jobs_topic(&self) -> String {
        format!("{}.jobs", self.topic_prefix)
    }

    /// The topic of dead letters.
    pub fn dead_topic(&self) -> String {
        format!("{}.jobs.dead", self.topic_prefix)
    }

    /// What is wrong, as far as can be told without a broker: files that can't be read among it.
    pub fn check(&self) -> Result<(), String> {
        if self.brokers.is_empty() || self.brokers.iter().any(|broker| !broker.contains(':')) {
            return Err("brokers: at least one `host:port`".to_owned());
        }
        let named = |name: &str| {
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            !name.is_empty() && name.len() <= 200 && name.chars().all(legal)
        };
        for (key, name) in [("topic_prefix", Some(&self.topic_prefix)), ("instance", self.instance.as_ref())] {
            if name.is_some_and(|name| !named(name)) {
                return Err(format!("{key}: letters, digits, `.`, `_` and `-`"));
            }
        }
        if self.group.is_empty() || self.partitions < 1 || self.replication.is_some_and(|count| count < 1) {
            return Err("`group` is not empty, `partitions` and `replication` are at least 1".to_owned());
        }
        if !(1..=1_800).contains(&self.session_seconds) || !(1..=60_000).contains(&self.fetch_wait_millis) {
            return Err("session_seconds is from 1 to 1800, fetch_wait_millis from 1 to 60000".to_owned());
        }
        // Reads certificates and keys; connects to nobody yet.
        self.client().create::<BaseProducer>().map(drop).map_err(|error| without_values(&error))
    }

    /// What all clients have in common.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client
            .set("bootstrap.servers", self.brokers.join(","))
            .set("client.id", "interline")
            .set("socket.keepalive.enable", "true")
            // Brokers come back sooner than in the 10 seconds that are usual.
            .set("reconnect.backoff.max.ms", "1000")
            .set_log_level(RDKafkaLogLevel::Info);
        self.security.set(&mut client);
        client
    }

    /// Nothing twice and nothing out of order between this process and the brokers; acknowledged by all replicas in step.
    pub(crate) fn producer(&self) -> ClientConfig {
        let mut client = self.client();
        client
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "2")
            .set("message.timeout.ms", DELIVERY.as_millis().to_string());
        client
    }

    /// A member of the group. Offsets are stored by hand when a job's end is in the database; librdkafka commits what is
    /// stored, every second and before a partition goes.
    pub(crate) fn consumer(&self, static_member: bool) -> ClientConfig {
        let mut client = self.client();
        client
            .set("group.id", &self.group)
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", (self.session_seconds * 1_000).to_string())
            .set("heartbeat.interval.ms", (self.session_seconds * 1_000 / 5).min(3_000).to_string())
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.offset.store", "false")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "1000")
            .set("fetch.wait.max.ms", self.fetch_wait_millis.to_string())
            // Messages are of some bytes; what is fetched ahead is fetched again after a pause.
            .set("queued.min.messages", "500")
            .set("queued.max.messages.kbytes", "1024")
            .set("statistics.interval.ms", "2000");
        if let (Some(instance), true) = (&self.instance, static_member) {
            client.set("group.instance.id", instance);
        }
        client
    }
}

/// For how long a message is tried to be delivered; then its job is announced again, later.
const DELIVERY: Duration = Duration::from_secs(10);

impl KafkaSecurity {
    fn set(&self, client: &mut ClientConfig) {
        let (protocol, sasl, tls) = match self {
            Self::Plaintext {} => ("plaintext", None, None),
            Self::Tls(tls) => ("ssl", None, Some(tls)),
            Self::SaslTls { sasl, tls } => ("sasl_ssl", Some(sasl), Some(tls)),
            Self::SaslPlaintext { sasl } => ("sasl_plaintext", Some(sasl), None),
        };
        client.set("security.protocol", protocol);
        if let Some(sasl) = sasl {
            client
                .set("sasl.mechanism", sasl.mechanism.as_str())
                .set("sasl.username", &sasl.username)
                .set("sasl.password", &sasl.password);
        }
        let Some(tls) = tls else { return };
        let ca = tls.ca.as_ref().map_or_else(|| "probe".to_owned(), |path| path.display().to_string());
        client
            .set("ssl.ca.location", ca)
            .set("ssl.endpoint.identification.algorithm", if tls.verify_name { "https" } else { "none" });
        if let Some(path) = &tls.certificate {
            client.set("ssl.certificate.location", path.display().to_string());
        }
        if let Some(path) = &tls.key {
            client.set("ssl.key.location", path.display().to_string());
        }
        if let Some(password) = &tls.key_password {
            client.set("ssl.key.password", password);
        }
    }
}

/// The error in words, without the value of a setting: it may be a password.
fn without_values(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, reason, key, _) => format!("{key}: {reason}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;

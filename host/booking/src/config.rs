//! Settings of the write path: a section of the gateway's configuration, unknown keys refused.

use crate::kafka::KafkaConfig;
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How bookings are made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BookingConfig {
    /// Seconds that a quote holds at most; the supplier's own end goes before it.
    pub quote_seconds: u64,
    /// Seconds from the booking until it must be paid.
    pub payment_seconds: u64,
    /// Seconds that a cancellation quote holds at most.
    pub cancellation_quote_seconds: u64,
    /// A supplier's price rise after payment is absorbed up to this share of the price, in hundredths of a percent.
    pub absorb_basis_points: u32,
    /// Minutes from payment within which tickets must be issued; after it the money goes back.
    pub ticketing_minutes: u64,
    /// Seconds that one call to a supplier or provider may take; also how long a lost one is waited for.
    pub call_seconds: u64,
    /// The key that the bookings' keys are wrapped with, and older ones that still unwrap.
    pub master_keys: Vec<MasterKey>,
}

impl Default for BookingConfig {
    fn default() -> Self {
        Self {
            quote_seconds: 20 * 60,
            payment_seconds: 30 * 60,
            cancellation_quote_seconds: 10 * 60,
            absorb_basis_points: 200,
            ticketing_minutes: 120,
            call_seconds: 30,
            master_keys: Vec::new(),
        }
    }
}

impl BookingConfig {
    /// Limit of one call to the far side.
    pub fn call_timeout(&self) -> Duration {
        Duration::from_secs(self.call_seconds)
    }
}

/// A key of 256 bits. `Debug` shows its name alone.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKey {
    /// Name; stands beside whatever was wrapped with it. The first of the list wraps.
    pub id: String,
    /// 64 hexadecimal digits.
    pub hex: String,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// How the worker works.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkerConfig {
    /// Jobs done at once.
    pub concurrency: usize,
    /// Seconds after which a job whose worker went silent is taken over.
    pub lease_seconds: u64,
    /// Milliseconds between two looks at the queue when nothing wakes the worker.
    pub poll_millis: u64,
    /// Seconds between two sweeps.
    pub sweep_seconds: u64,
    /// Seconds after which a payment without a webhook is looked up at its provider.
    pub payment_poll_seconds: u64,
    /// The most seconds between two tries of a job.
    pub max_backoff_seconds: u64,
    /// Tries after which a job goes to the dead letters.
    pub max_attempts: i32,
    /// How jobs reach the workers.
    pub queue: QueueConfig,
    /// How mail goes out.
    pub mail: MailConfig,
}

/// How jobs reach the workers. Either way the row in PostgreSQL is the only claim on a job, so that workers of both kinds
/// may run at once, and the kind may be changed at any time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum QueueConfig {
    /// They look for due rows.
    Postgres {},
    /// They are told the rows' ids by Kafka.
    Kafka(Box<KafkaConfig>),
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self::Postgres {}
    }
}

impl QueueConfig {
    /// What is wrong, as far as can be told without connecting.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Postgres {} => Ok(()),
            Self::Kafka(kafka) => kafka.check(),
        }
    }
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            concurrency: 16,
            lease_seconds: 60,
            poll_millis: 1_000,
            sweep_seconds: 15,
            payment_poll_seconds: 60,
            max_backoff_seconds: 600,
            max_attempts: 12,
            queue: QueueConfig::default(),
            mail: MailConfig::default(),
        }
    }
}

/// How mail goes out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// Sender, as in `Interline <tickets@example.com>`.
    pub from: String,
    /// Right of the @ in message ids.
    pub domain: String,
    /// Where to.
    pub transport: MailTransport,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            from: "Interline <tickets@interline.example>".to_owned(),
            domain: "interline.example".to_owned(),
            transport: MailTransport::Files { folder: PathBuf::from(".data/mail") },
        }
    }
}

/// Where mail goes.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum MailTransport {
    /// One `.eml` file a message, named by its message id.
    Files {
        /// Made if it is not there.
        folder: PathBuf,
    },
    /// A mail server.
    Smtp {
        /// `smtps://user:password@host:port`, `smtp://host:port?tls=required`, …
        url: String,
        /// PEM file of an authority that the server's certificate may be of, besides those of the public web.
        #[serde(default)]
        ca_file: Option<PathBuf>,
    },
}

impl fmt::Debug for MailTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files { folder } => write!(f, "Files({})", folder.display()),
            Self::Smtp { .. } => f.write_str("Smtp"),
        }
    }
}

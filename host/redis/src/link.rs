//! The way to Redis: one connection for all who ask, bounded in time, cut where it does not answer.

use crate::breaker::Breakers;
use crate::config::RedisConfig;
use crate::dial::{ConfigError, Connection, Dialer};
use crate::doctor;
use crate::metrics::Metrics;
use arc_swap::ArcSwapOption;
use futures::FutureExt;
use parking_lot::Mutex;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// Given to what reads answers once a command's time is up: to see that there is one, to read it, and to tell of it.
const TURNS: usize = 3;

/// Between two log lines on commands that Redis refuses.
const QUIET: Duration = Duration::from_secs(60);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not asked: it has not answered lately.
    #[error("Redis is not asked, since it did not answer")]
    Open,
    /// Asked, and not answered in time.
    #[error("Redis did not answer in time")]
    Late,
    /// The connection broke, or the server is not up to it now.
    #[error("Redis can't be asked")]
    Broken,
    /// Its memory is full: it reads, and does not write.
    #[error("Redis is full")]
    Full,
    /// The script is not known there.
    #[error("the script is not known")]
    NoScript,
    /// It does not do this, for this user or at all.
    #[error("Redis refuses: {0}")]
    Refused(String),
}

impl Failure {
    fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::NoScript) => Self::NoScript,
            ErrorKind::Server(
                ServerErrorKind::BusyLoading
                | ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::TryAgain
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly,
            ) => Self::Broken,
            ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType => match error.code() {
                Some("OOM") => Self::Full,
                // A replica that lost its master, or one that has too few replicas to write.
                Some("NOREPLICAS" | "UNKILLABLE" | "BUSY") => Self::Broken,
                _ => Self::Refused(error.to_string()),
            },
            _ if error.is_timeout() => Self::Late,
            _ => Self::Broken,
        }
    }

    fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Late => "late",
            Self::Broken => "broken",
            Self::Full => "full",
            Self::NoScript => "no_script",
            Self::Refused(_) => "refused",
        }
    }
}

/// A connection that heals itself. Cheap to clone; ends with the last clone.
#[derive(Clone)]
pub struct Link {
    line: Arc<Line>,
    _doctor: Arc<AbortOnDropHandle<()>>,
}

/// What those who ask and the doctor share.
pub(crate) struct Line {
    pub config: RedisConfig,
    pub name: &'static str,
    pub dialer: Dialer,
    pub breakers: Breakers,
    pub metrics: Metrics,
    connection: ArcSwapOption<Connection>,
    /// Whether a connection was ever there.
    pub connected: watch::Sender<bool>,
    refused_at: Mutex<Option<Instant>>,
}

impl Link {
    /// Starts connecting, and waits for it no longer than a connection may take: a Redis that is not there when the
    /// gateway starts is one that is not there later. The connection is served by the runtime that starts it; the log and the
    /// metrics call it by `name`.
    pub async fn start(config: RedisConfig, metrics: Metrics, name: &'static str) -> Result<Self, ConfigError> {
        let dialer = Dialer::new(&config)?;
        let line = Arc::new(Line {
            breakers: Breakers::new(dialer.is_cluster(), metrics.open.with_label_values(&[name])),
            name,
            dialer,
            metrics,
            connection: ArcSwapOption::empty(),
            connected: watch::Sender::new(false),
            refused_at: Mutex::new(None),
            config,
        });
        let doctor = tokio::spawn(doctor::attend(Arc::clone(&line)));
        let link = Self { line, _doctor: Arc::new(AbortOnDropHandle::new(doctor)) };
        let mut connected = link.line.connected.subscribe();
        // Not there yet: the doctor goes on, and says so.
        let _ = timeout(link.config().connect_timeout(), connected.wait_for(|connected| *connected)).await;
        Ok(link)
    }

    pub(crate) fn config(&self) -> &RedisConfig {
        &self.line.config
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.line.metrics
    }

    pub(crate) fn dialer(&self) -> &Dialer {
        &self.line.dialer
    }

    /// Whether a command on the key would be sent.
    pub(crate) fn allows(&self, key: &str) -> bool {
        self.line.breakers.allows(key)
    }

    /// Sends a command on a key, counted by `name`, and waits for its answer as long as one may take.
    pub(crate) async fn call<T: FromRedisValue>(&self, name: &str, key: &str, command: &Cmd) -> Result<T, Failure> {
        let since = Instant::now();
        let answer = self.line.call(key, command).await;
        let outcome = answer.as_ref().err().map_or("ok", Failure::as_str);
        self.line.metrics.command(name, outcome, since.elapsed());
        if let Err(Failure::Refused(why)) = &answer {
            self.line.tell_refused(name, why);
        }
        answer
    }
}

impl Line {
    async fn call<T: FromRedisValue>(&self, key: &str, command: &Cmd) -> Result<T, Failure> {
        let connection = self.connection.load_full().filter(|_| self.breakers.allows(key)).ok_or(Failure::Open)?;
        let answer = self.send(&connection, command).await;
        match &answer {
            Err(Failure::Late | Failure::Broken) => self.breakers.failed(key),
            _ => self.breakers.answered(key),
        }
        answer
    }

    pub async fn send<T: FromRedisValue>(&self, connection: &Connection, command: &Cmd) -> Result<T, Failure> {
        let mut sending = pin!(connection.send(command));
        let mut sent = timeout(self.config.timeout(), &mut sending).await.ok();
        // Where it is these threads that are late, the answer is there and not read yet: that is no failure of Redis'.
        for _ in 0..TURNS {
            if sent.is_some() {
                break;
            }
            yield_now().await;
            sent = sending.as_mut().now_or_never();
        }
        let value =
            sent.ok_or(Failure::Late)?.and_then(|value| value.extract_error()).map_err(|error| Failure::of(&error))?;
        T::from_redis_value(value).map_err(|error| Failure::Refused(error.to_string()))
    }

    /// Puts a new connection in place of the one before.
    pub fn replace(&self, connection: Connection) -> Arc<Connection> {
        let connection = Arc::new(connection);
        self.connection.store(Some(Arc::clone(&connection)));
        connection
    }

    fn tell_refused(&self, name: &str, why: &str) {
        let mut at = self.refused_at.lock();
        if at.is_none_or(|at| at.elapsed() > QUIET) {
            *at = Some(Instant::now());
            tracing::error!(command = name, why, "Redis refuses a command; further ones are counted");
        }
    }
}

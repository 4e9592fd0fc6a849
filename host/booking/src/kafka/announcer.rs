//! The sending side: announcements of jobs, and dead letters.

use super::config::KafkaConfig;
use super::context::Logged;
use crate::outbox::Announcement;
use futures::future::join_all;
use parking_lot::Mutex;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Header, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// Of a message that can't be used, so much is kept among the dead letters.
const KEPT_BYTES: usize = 4 * 1024;
/// How long a message waits for a place in the client's own queue.
const PLACE: Duration = Duration::from_secs(1);

/// Sends announcements. A message's key is its booking's id, its payload the job's id, both as text; nothing else is in it.
pub(crate) struct Announcer {
    config: KafkaConfig,
    producer: Mutex<FutureProducer<Logged>>,
}

/// A message that can't be used, as much as is kept of it.
pub(crate) struct Poison {
    key: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
    partition: i32,
    offset: i64,
}

/// Where it stood: its bytes may be anything, and are nothing for a log.
impl fmt::Display for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "partition {}, offset {}", self.partition, self.offset)
    }
}

impl Poison {
    pub(crate) fn of(message: &BorrowedMessage<'_>) -> Self {
        let kept = |bytes: &[u8]| bytes[..bytes.len().min(KEPT_BYTES)].to_vec();
        Self {
            key: message.key().map(kept),
            payload: message.payload().map(kept),
            partition: message.partition(),
            offset: message.offset(),
        }
    }
}

impl Announcer {
    /// Connects to nobody yet.
    pub(crate) fn new(config: KafkaConfig) -> Result<Self, KafkaError> {
        let producer = Mutex::new(config.producer().create_with_context(Logged)?);
        Ok(Self { config, producer })
    }

    /// The producer; a new one if the one before can't go on.
    fn producer(&self) -> Result<FutureProducer<Logged>, KafkaError> {
        let mut producer = self.producer.lock();
        if let Some((code, reason)) = producer.client().fatal_error() {
            tracing::warn!(%code, reason, "the Kafka producer cannot go on; making a new one");
            *producer = self.config.producer().create_with_context(Logged)?;
        }
        Ok(producer.clone())
    }

    /// Sends all; those that the brokers did not acknowledge come back. They may have them nevertheless.
    pub(crate) async fn announce(&self, announcements: &[Announcement]) -> Result<Vec<Uuid>, KafkaError> {
        let producer = self.producer()?;
        let (jobs, dead) = (self.config.jobs_topic(), self.config.dead_topic());
        let sent = join_all(announcements.iter().map(async |announcement| {
            let (key, id) = (announcement.booking.to_string(), announcement.job.to_string());
            let record = FutureRecord::to(if announcement.dead { &dead } else { &jobs }).key(&key).payload(&id);
            producer.send(record, PLACE).await.map_err(|(error, _)| (announcement.job, error))
        }));
        let failed: Vec<_> = sent.await.into_iter().filter_map(Result::err).collect();
        if let Some((_, error)) = failed.first() {
            tracing::warn!(jobs = failed.len(), %error, "jobs could not be announced; trying again");
        }
        Ok(failed.into_iter().map(|(job, _)| job).collect())
    }

    /// Puts a message that can't be used among the dead letters, with the reason and the place where it stood.
    pub(crate) async fn set_aside(&self, poison: &Poison, reason: &str) -> Result<(), KafkaError> {
        let (topic, partition, offset) =
            (self.config.dead_topic(), poison.partition.to_string(), poison.offset.to_string());
        let headers = [("reason", reason), ("partition", &partition), ("offset", &offset)]
            .into_iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let mut record = FutureRecord::to(&topic).headers(headers);
        record.key = poison.key.as_ref();
        record.payload = poison.payload.as_ref();
        self.producer()?.send(record, PLACE).await.map(drop).map_err(|(error, _)| error)
    }
}

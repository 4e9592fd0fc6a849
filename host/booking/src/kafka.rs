//! Jobs through Kafka. The relay announces due jobs (see [`crate::outbox`]) on a topic, keyed by booking; the workers are a
//! consumer group on it. A message is a hint, and holds a job's id alone: whoever reads it claims the row in PostgreSQL,
//! or finds it taken, done, or not due. So a message may be lost, doubled, late, or out of order, and two workers may read
//! it at once: nothing is lost, and nothing done twice.

mod announcer;
mod config;
mod consumer;
mod context;
mod offsets;
mod relay;
mod topics;

pub use config::{KafkaConfig, KafkaSasl, KafkaSecurity, KafkaTls, SaslMechanism};

use crate::error::BookingError;
use crate::observer::JobObserver;
use crate::worker::Shared;
use announcer::Announcer;
use consumer::Member;
use relay::Relay;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const AGAIN: Duration = Duration::from_secs(1);

/// Announces, and works on what is announced, until `shutdown`; then ends what is under way.
pub(crate) struct Kafka {
    config: KafkaConfig,
    announcer: Arc<Announcer>,
    observer: Arc<dyn JobObserver>,
}

impl Kafka {
    /// Fails if the settings can't be right. Connects to nobody yet.
    pub(crate) fn new(config: KafkaConfig, observer: Arc<dyn JobObserver>) -> Result<Self, BookingError> {
        let wrong = |what: String| BookingError::Internal(format!("[worker.queue] {what}"));
        config.check().map_err(wrong)?;
        let announcer = Announcer::new(config.clone()).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { config, announcer: Arc::new(announcer), observer })
    }

    pub(crate) async fn run(&self, shared: Arc<Shared>, shutdown: &CancellationToken) {
        loop {
            match shutdown.run_until_cancelled(topics::make(&self.config)).await {
                None => return,
                Some(Ok(())) => break,
                Some(Err(error)) => tracing::warn!(%error, "the topics cannot be made sure of; trying again"),
            }
            if shutdown.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                return;
            }
        }
        let relay =
            Relay { shared: shared.clone(), announcer: self.announcer.clone(), observer: self.observer.clone() };
        let member = Member {
            config: self.config.clone(),
            shared,
            announcer: self.announcer.clone(),
            observer: self.observer.clone(),
        };
        tokio::join!(relay.run(shutdown), member.run(shutdown));
    }
}

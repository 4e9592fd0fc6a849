//! What librdkafka calls back: logs, errors, rebalances, commits, statistics.

use super::offsets::Offsets;
use crate::observer::JobObserver;
use parking_lot::Mutex;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::statistics::{Partition, Statistics};
use rdkafka::{ClientContext, TopicPartitionList};
use std::sync::Arc;

/// Logs, and nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logged;

impl ClientContext for Logged {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "Kafka");
    }
}

/// Of a member of the group.
pub(crate) struct Member {
    pub(crate) topic: String,
    pub(crate) offsets: Arc<Mutex<Offsets>>,
    pub(crate) observer: Arc<dyn JobObserver>,
}

impl ClientContext for Member {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "Kafka");
    }

    fn stats(&self, statistics: Statistics) {
        let Some(topic) = statistics.topics.get(&self.topic) else { return };
        let ours = topic.partitions.values().filter(|partition| partition.desired && partition.partition >= 0);
        let mut lag: Vec<_> = ours.map(|partition| (partition.partition, behind(partition))).collect();
        lag.sort_unstable();
        self.observer.lag(&lag);
    }
}

impl ConsumerContext for Member {
    /// A job under way goes on: its row is claimed, and whoever has the partition next finds it taken.
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(_) => {}
            Rebalance::Revoke(gone) => {
                let mut offsets = self.offsets.lock();
                for partition in partitions(gone) {
                    offsets.leave(partition);
                }
                drop(offsets);
                let lost = rdkafka::consumer::Consumer::assignment_lost(consumer);
                tracing::info!(partitions = gone.count(), lost, "Kafka takes partitions away");
            }
            Rebalance::Error(error) => tracing::warn!(%error, "a rebalance failed"),
        }
    }

    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(new) = rebalance {
            tracing::info!(partitions = new.count(), "Kafka gives partitions");
        }
        self.observer.rebalanced();
    }

    /// A commit that meets a rebalance is none: librdkafka joins again, the partitions' next owner begins where they were
    /// last committed, and finds the jobs done.
    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        let Err(error) = result else { return };
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::NoOffset) => {}
            Some(
                RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::RebalanceInProgress
                | RDKafkaErrorCode::UnknownMemberId,
            ) => tracing::debug!(%error, "a commit met a rebalance"),
            _ => {
                tracing::warn!(%error, "offsets could not be committed; they will be with the next ones");
                self.observer.commit_failed();
            }
        }
    }
}

/// Messages that are not done; before anything is, all that the broker has.
fn behind(partition: &Partition) -> i64 {
    let from_start = partition.hi_offset - partition.lo_offset.max(0);
    [partition.consumer_lag_stored, partition.consumer_lag, from_start].into_iter().find(|lag| *lag >= 0).unwrap_or(0)
}

pub(crate) fn partitions(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(|element| element.partition()).collect()
}

fn log(level: RDKafkaLogLevel, facility: &str, line: &str) {
    match level {
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
            tracing::warn!(facility, line, "librdkafka");
        }
        RDKafkaLogLevel::Warning | RDKafkaLogLevel::Notice => tracing::info!(facility, line, "librdkafka"),
        RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => tracing::debug!(facility, line, "librdkafka"),
    }
}

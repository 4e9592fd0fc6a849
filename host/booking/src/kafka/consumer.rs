//! The receiving side: a member of the consumer group.

use super::announcer::{Announcer, Poison};
use super::config::KafkaConfig;
use super::context;
use super::offsets::{Offsets, Ticket};
use crate::jobs::{self, Claim};
use crate::observer::{JobObserver, MessageFate};
use crate::worker::Shared;
use futures::FutureExt;
use parking_lot::Mutex;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const AGAIN: Duration = Duration::from_secs(1);
/// Messages that may wait for each job at once. They are some bytes each, and the partition's next owner reads those anew that
/// were not begun; whereas to fetch again after a pause takes as long as some jobs do.
const AHEAD: usize = 4;
/// How long the last commit and the leave may take.
const LEAVE: Duration = Duration::from_secs(5);

/// A member of the group, over all its sessions.
pub(crate) struct Member {
    pub(crate) config: KafkaConfig,
    pub(crate) shared: Arc<Shared>,
    pub(crate) announcer: Arc<Announcer>,
    pub(crate) observer: Arc<dyn JobObserver>,
}

/// Why a session has ended.
enum End {
    ToldTo,
    /// Another process has taken our name in the group.
    Fenced,
}

impl Member {
    pub(crate) async fn run(self, shutdown: &CancellationToken) {
        let hands = Arc::new(Hands {
            shared: self.shared,
            announcer: self.announcer,
            observer: self.observer,
            shutdown: shutdown.clone(),
        });
        let mut named = true;
        loop {
            match Session::run(&self.config, named, &hands).await {
                Ok(End::ToldTo) => return,
                Ok(End::Fenced) => {
                    tracing::error!(
                        instance = self.config.instance,
                        "another worker has this one's name in the group; going on without a name"
                    );
                    named = false;
                }
                Err(error) => tracing::warn!(%error, "the Kafka consumer has ended; beginning anew"),
            }
            if shutdown.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                return;
            }
        }
    }
}

/// A message, as far as it matters.
struct Hint {
    ticket: Ticket,
    /// None: it holds no id.
    job: Option<Uuid>,
    message: Poison,
}

/// One connection to the group.
struct Session {
    consumer: StreamConsumer<context::Member>,
    offsets: Arc<Mutex<Offsets>>,
    topic: String,
    hands: Arc<Hands>,
    /// Jobs at once.
    most: usize,
    running: JoinSet<(Ticket, bool)>,
    /// Received while there is no place.
    waiting: VecDeque<Hint>,
    paused: bool,
}

impl Session {
    async fn run(config: &KafkaConfig, named: bool, hands: &Arc<Hands>) -> Result<End, KafkaError> {
        let offsets = Arc::new(Mutex::new(Offsets::default()));
        let topic = config.jobs_topic();
        let member =
            context::Member { topic: topic.clone(), offsets: offsets.clone(), observer: hands.observer.clone() };
        let consumer: StreamConsumer<context::Member> = config.consumer(named).create_with_context(member)?;
        consumer.subscribe(&[&topic])?;
        let mut session = Self {
            consumer,
            offsets,
            topic,
            hands: hands.clone(),
            most: hands.shared.concurrency(),
            running: JoinSet::new(),
            waiting: VecDeque::new(),
            paused: false,
        };
        let end = session.work().await;
        // Their rows are claimed: they come to their end whether we are a member or not.
        while session.running.join_next().await.is_some() {}
        leave(session.consumer).await;
        end
    }

    async fn work(&mut self) -> Result<End, KafkaError> {
        let shutdown = self.hands.shutdown.clone();
        let mut ending = false;
        while !(ending && self.running.is_empty()) {
            tokio::select! {
                () = shutdown.cancelled(), if !ending => {
                    ending = true;
                    self.waiting.clear();
                    self.pause();
                }
                Some(ended) = self.running.join_next(), if !self.running.is_empty() => {
                    if let Ok((ticket, true)) = ended {
                        self.done(ticket);
                    }
                }
                // Heard even while nothing is wanted: rebalances and commits come this way.
                received = self.consumer.recv() => match received {
                    Ok(message) if !ending => {
                        let hint = Hint::of(&message, &self.offsets);
                        drop(message);
                        self.waiting.push_back(hint);
                        // Also of partitions that came after a pause.
                        if self.waiting.len() >= self.most * AHEAD {
                            self.pause();
                        }
                    }
                    Ok(_) => {}
                    Err(KafkaError::MessageConsumptionFatal(_)) => return self.fatal(),
                    Err(error) => tracing::warn!(%error, "Kafka does not deliver just now"),
                }
            }
            if !ending {
                self.fill();
            }
            self.hands.observer.under_way(self.running.len(), self.paused);
        }
        Ok(End::ToldTo)
    }

    /// Begins what waits while there is place; fetches again once half of what may wait is gone.
    fn fill(&mut self) {
        while self.running.len() < self.most {
            let Some(hint) = self.waiting.pop_front() else { break };
            let hands = self.hands.clone();
            self.running.spawn(async move {
                let ticket = hint.ticket;
                // A panic is one job's; its row is taken over when its lease is over.
                let heeded = AssertUnwindSafe(hands.heed(hint)).catch_unwind().await;
                (ticket, heeded.unwrap_or(true))
            });
        }
        if self.paused && self.waiting.len() <= self.most * AHEAD / 2 {
            self.resume();
        }
    }

    fn pause(&mut self) {
        let paused = self.consumer.assignment().and_then(|ours| self.consumer.pause(&ours));
        if let Err(error) = paused {
            tracing::warn!(%error, "Kafka partitions could not be paused");
        }
        self.paused = true;
    }

    fn resume(&mut self) {
        let resumed = self.consumer.assignment().and_then(|ours| self.consumer.resume(&ours));
        match resumed {
            Ok(()) => self.paused = false,
            Err(error) => tracing::warn!(%error, "Kafka partitions could not be resumed"),
        }
    }

    /// What became of the job is in the database: the message need not come again.
    fn done(&self, ticket: Ticket) {
        let Some(next) = self.offsets.lock().finish(ticket) else { return };
        match self.consumer.store_offset(&self.topic, ticket.partition, next - 1) {
            Ok(()) => {}
            // The partition is on its way to another member, who reads the message again and finds the job done.
            Err(KafkaError::StoreOffset(RDKafkaErrorCode::State)) => {}
            Err(error) => tracing::warn!(%error, "an offset could not be stored"),
        }
    }

    fn fatal(&self) -> Result<End, KafkaError> {
        match self.consumer.client().fatal_error() {
            Some((RDKafkaErrorCode::FencedInstanceId, _)) => Ok(End::Fenced),
            Some((code, _)) => Err(KafkaError::MessageConsumptionFatal(code)),
            None => Err(KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::Fatal)),
        }
    }
}

/// Closing commits what is stored and waits for the brokers: not on a thread that others need, and not for ever.
async fn leave(consumer: StreamConsumer<context::Member>) {
    let (left, wait) = oneshot::channel();
    std::thread::spawn(move || {
        drop(consumer);
        let _ = left.send(());
    });
    if tokio::time::timeout(LEAVE, wait).await.is_err() {
        tracing::warn!("the Kafka group could not be left in time");
    }
}

impl Hint {
    fn of(message: &BorrowedMessage<'_>, offsets: &Mutex<Offsets>) -> Self {
        let ticket = offsets.lock().begin(message.partition(), message.offset());
        let job = message.payload().and_then(|payload| std::str::from_utf8(payload).ok()?.parse().ok());
        Self { ticket, job, message: Poison::of(message) }
    }
}

/// What works on messages.
struct Hands {
    shared: Arc<Shared>,
    announcer: Arc<Announcer>,
    observer: Arc<dyn JobObserver>,
    shutdown: CancellationToken,
}

impl Hands {
    /// Does the job that a message tells of; whether the message has served.
    async fn heed(&self, hint: Hint) -> bool {
        let lease = self.shared.lease();
        let fate = match hint.job {
            None => MessageFate::Unreadable,
            Some(id) => loop {
                match jobs::claim_one(self.shared.pool(), id, lease).await {
                    Ok(Claim::Ours(job)) => {
                        self.shared.work(&job, lease).await;
                        break MessageFate::Worked;
                    }
                    Ok(Claim::NotNow) => break MessageFate::NotNow,
                    Ok(Claim::Unknown) => break MessageFate::UnknownJob,
                    // Nothing can be done without the database: places fill up, and no more is fetched.
                    Err(error) => {
                        tracing::warn!(%error, "a job cannot be claimed; trying again");
                        let again = tokio::time::sleep(AGAIN);
                        if self.shutdown.run_until_cancelled(again).await.is_none() {
                            return false;
                        }
                    }
                }
            },
        };
        self.observer.received(fate);
        if let MessageFate::Unreadable | MessageFate::UnknownJob = fate {
            self.set_aside(&hint.message, fate).await;
        }
        true
    }

    /// A message that can't be used blocks nobody: it goes to the dead letters, or, if that fails too, into the log.
    async fn set_aside(&self, message: &Poison, fate: MessageFate) {
        tracing::warn!(fate = fate.as_str(), %message, "a Kafka message cannot be used");
        if let Err(error) = self.announcer.set_aside(message, fate.as_str()).await {
            tracing::error!(%error, "a Kafka message that cannot be used could not be set aside");
        }
    }
}

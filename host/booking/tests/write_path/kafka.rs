//! The same promises with jobs that travel through a real Kafka broker.

mod faults;
mod messages;
mod moves;
mod pressure;
mod security;

use crate::world::World;
use interline_booking::{
    JobObserver, KafkaConfig, KafkaSecurity, MailConfig, MailTransport, MessageFate, QueueConfig, Worker, WorkerConfig,
};
use interline_broker::Broker;
use interline_domain::booking::Status;
use rdkafka::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::{Headers, Message};
use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A condition that has not come true by then has failed.
const PATIENCE: Duration = Duration::from_secs(90);

/// A world whose jobs travel through a broker of its own.
struct Streets {
    world: World,
    broker: Broker,
    security: KafkaSecurity,
    seen: Arc<Seen>,
    partitions: i32,
    concurrency: usize,
}

/// What the observer was told.
#[derive(Default)]
struct Seen {
    fates: Mutex<HashMap<&'static str, usize>>,
    under_way: Mutex<(usize, bool)>,
    announced: Mutex<(usize, usize)>,
    lag: Mutex<Option<i64>>,
    rebalances: Mutex<usize>,
    failed_commits: Mutex<usize>,
}

impl JobObserver for Seen {
    fn announced(&self, sent: usize, failed: usize) {
        let mut announced = self.announced.lock().unwrap();
        *announced = (announced.0 + sent, announced.1 + failed);
    }

    fn received(&self, fate: MessageFate) {
        *self.fates.lock().unwrap().entry(fate.as_str()).or_default() += 1;
    }

    fn under_way(&self, jobs: usize, paused: bool) {
        let mut most = self.under_way.lock().unwrap();
        *most = (most.0.max(jobs), most.1 || paused);
    }

    fn rebalanced(&self) {
        *self.rebalances.lock().unwrap() += 1;
    }

    fn commit_failed(&self) {
        *self.failed_commits.lock().unwrap() += 1;
    }

    fn lag(&self, partitions: &[(i32, i64)]) {
        *self.lag.lock().unwrap() = Some(partitions.iter().map(|(_, lag)| lag).sum());
    }
}

impl Seen {
    fn fate(&self, fate: MessageFate) -> usize {
        self.fates.lock().unwrap().get(fate.as_str()).copied().unwrap_or(0)
    }
}

/// A worker at work. Dropping it drops whatever it was doing where it stood, as a kill would leave the rows.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

impl Streets {
    async fn new(pool: PgPool) -> Self {
        Self::over(World::new(pool).await).await
    }

    async fn over(world: World) -> Self {
        Self::through(world, Broker::start().await.unwrap(), KafkaSecurity::default())
    }

    fn through(world: World, broker: Broker, security: KafkaSecurity) -> Self {
        Self { world, broker, security, seen: Arc::default(), partitions: 6, concurrency: 16 }
    }

    fn kafka(&self, instance: Option<&str>) -> KafkaConfig {
        KafkaConfig {
            brokers: vec![self.broker.address()],
            topic_prefix: "test".into(),
            group: "workers".into(),
            instance: instance.map(str::to_owned),
            partitions: self.partitions,
            replication: None,
            session_seconds: 6,
            fetch_wait_millis: 20,
            security: self.security.clone(),
        }
    }

    fn config(&self, queue: QueueConfig) -> WorkerConfig {
        let transport = MailTransport::Files { folder: self.world.mail.path().to_owned() };
        WorkerConfig {
            queue,
            concurrency: self.concurrency,
            lease_seconds: 3,
            poll_millis: 100,
            max_attempts: 2,
            max_backoff_seconds: 1,
            payment_poll_seconds: 0,
            mail: MailConfig { transport, ..MailConfig::default() },
            ..WorkerConfig::default()
        }
    }

    fn start(&self, instance: Option<&str>) -> Running {
        let queue = QueueConfig::Kafka(Box::new(self.kafka(instance)));
        self.start_with(self.config(queue))
    }

    fn start_on_postgres(&self) -> Running {
        self.start_with(self.config(QueueConfig::Postgres {}))
    }

    fn start_with(&self, config: WorkerConfig) -> Running {
        let worker = Worker::observed(self.world.service.clone(), config, self.seen.clone()).unwrap();
        let stop = CancellationToken::new();
        Running { task: tokio::spawn(worker.run(stop.clone())), stop }
    }

    async fn pay(&self, bookings: usize) -> Vec<Uuid> {
        let mut paid = Vec::new();
        for _ in 0..bookings {
            paid.push(self.world.paid().await.id);
        }
        paid
    }

    fn rebalances(&self) -> usize {
        *self.seen.rebalances.lock().unwrap()
    }

    /// Waits until partitions have come or gone so many times.
    async fn rebalanced(&self, times: usize) {
        until("a rebalance", || async {
            let seen = self.rebalances();
            (seen >= times).then_some(()).ok_or(format!("{seen}"))
        })
        .await;
    }

    /// Waits until no job is open, and holds each booking's end against all books.
    async fn all_ticketed(&self, bookings: &[Uuid]) {
        until("every job done", || async {
            let open: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state <> 'done'")
                .fetch_one(&self.world.pool)
                .await
                .unwrap();
            (open == 0).then_some(()).ok_or(format!("{open} open"))
        })
        .await;
        for booking in bookings {
            assert_eq!(self.world.assert_at_its_end(*booking).await, Status::Ticketed);
        }
        assert_eq!(self.world.mails().len(), bookings.len());
    }

    /// Puts a message on the jobs' topic, past the relay.
    async fn send(&self, partition: Option<i32>, payload: &[u8]) {
        let producer: FutureProducer = self.client().create().unwrap();
        let mut record = FutureRecord::to("test.jobs").key("stranger").payload(payload);
        record.partition = partition;
        producer.send(record, Duration::from_secs(10)).await.unwrap();
    }

    /// Of a broker in the clear.
    fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", self.broker.address());
        client
    }

    /// Reads so many messages of a topic from its start.
    async fn read(&self, topic: &str, count: usize) -> Vec<Letter> {
        let mut config = self.client();
        config.set("group.id", format!("reader-{}", Uuid::new_v4())).set("auto.offset.reset", "earliest");
        let reader: StreamConsumer = config.set("fetch.wait.max.ms", "20").create().unwrap();
        reader.subscribe(&[topic]).unwrap();
        let mut letters = Vec::new();
        while letters.len() < count {
            let message = tokio::time::timeout(PATIENCE, reader.recv()).await.unwrap().unwrap();
            letters.push(Letter {
                key: message.key().map(<[u8]>::to_vec).unwrap_or_default(),
                payload: message.payload().map(<[u8]>::to_vec).unwrap_or_default(),
                headers: message.headers().map_or_else(Vec::new, |headers| {
                    let text = |value: Option<&[u8]>| String::from_utf8(value.unwrap_or_default().to_vec()).unwrap();
                    headers.iter().map(|header| (header.key.to_owned(), text(header.value))).collect()
                }),
            });
        }
        letters
    }
}

/// A message, as it was read.
#[derive(Debug)]
struct Letter {
    key: Vec<u8>,
    payload: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Letter {
    fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Waits for a condition; `Err` is what is seen instead.
async fn until<T, F, Fut>(what: &str, mut ask: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, String>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(value) => return value,
            Err(seen) if begun.elapsed() > PATIENCE => panic!("never came: {what}; last seen: {seen}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

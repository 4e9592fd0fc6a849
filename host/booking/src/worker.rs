//! The worker: does jobs, whichever way they come, and sweeps.

mod polling;

use crate::alerts;
use crate::config::{QueueConfig, WorkerConfig};
use crate::error::BookingError;
use crate::failure::{Failure, from_fresh_reads};
use crate::jobs::{self, Job, JobKind};
use crate::kafka::Kafka;
use crate::mail::Mailer;
use crate::observer::{JobEnd, JobObserver};
use crate::rows::BookingRow;
use crate::service::BookingService;
use interline_domain::booking::Status;
use interline_runtime::TraceContext;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// How a job's run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing is left to do.
    Done,
    /// To be done again after this pause.
    Again(Duration, String),
    /// After a growing pause, and not before this one is over.
    AtLeast(Duration, String),
    /// After a growing pause.
    Backoff(String),
    /// Can't end by itself.
    Dead(String),
}

impl Outcome {
    pub(crate) fn again(pause: Duration, why: impl Into<String>) -> Self {
        Self::Again(pause, why.into())
    }

    pub(crate) fn backoff(why: impl Into<String>) -> Self {
        Self::Backoff(why.into())
    }
}

/// Does what takes time: ticketing, compensation, refunds, mail, sweeps. As many as you like may run.
pub struct Worker {
    shared: Arc<Shared>,
    kafka: Option<Kafka>,
}

/// What all jobs are done with, whichever way they come.
pub(crate) struct Shared {
    service: BookingService,
    config: WorkerConfig,
    mailer: Mailer,
    observer: Arc<dyn JobObserver>,
    wake: Notify,
}

impl Worker {
    /// A worker over a service's parts; fails if mail or the queue can't be set up.
    pub fn new(service: BookingService, config: WorkerConfig) -> Result<Self, BookingError> {
        Self::observed(service, config, Arc::new(()))
    }

    /// The same, with somebody who counts.
    pub fn observed(
        service: BookingService,
        config: WorkerConfig,
        observer: Arc<dyn JobObserver>,
    ) -> Result<Self, BookingError> {
        let mailer = Mailer::new(&config.mail)?;
        let kafka = match &config.queue {
            QueueConfig::Postgres {} => None,
            QueueConfig::Kafka(kafka) => Some(Kafka::new((**kafka).clone(), observer.clone())?),
        };
        Ok(Self { shared: Arc::new(Shared { service, config, mailer, observer, wake: Notify::new() }), kafka })
    }

    /// Works until `shutdown`, then ends what is under way.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = self.shared;
        let mut beside = JoinSet::new();
        beside.spawn(sweep(shared.clone()));
        match self.kafka {
            None => polling::run(shared, &shutdown).await,
            Some(kafka) => kafka.run(shared, &shutdown).await,
        }
        beside.shutdown().await;
    }

    /// Does all jobs that are due, one after the other, without sweeping or waiting; how many there were. For tests and
    /// for operators at the command line.
    pub async fn drain(&self) -> Result<usize, BookingError> {
        let lease = self.shared.lease();
        let mut done = 0;
        while let Some(job) = jobs::claim(self.shared.pool(), lease).await? {
            self.shared.work(&job, lease).await;
            done += 1;
        }
        Ok(done)
    }

    /// Sweeps once.
    pub async fn sweep(&self) {
        self.shared.sweep_once().await;
    }
}

impl Shared {
    pub(crate) fn pool(&self) -> &PgPool {
        &self.service.parts.pool
    }

    /// Jobs done at once.
    pub(crate) fn concurrency(&self) -> usize {
        self.config.concurrency.max(1)
    }

    /// For how long a job is ours, unless it is prolonged.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.config.lease_seconds.max(1))
    }

    /// Between two looks at the database when nothing wakes us.
    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.config.poll_millis.max(10))
    }

    /// Does a job of ours, and stores how it ended.
    pub(crate) async fn work(&self, job: &Job, lease: Duration) {
        let span = tracing::info_span!(
            "job",
            trace_id = tracing::field::Empty,
            otel.name = %job.kind,
            otel.kind = "consumer",
            job = %job.id,
            booking = %job.booking,
        );
        let place = TraceContext::enter(&span, job.made_at);
        place.within(self.run_job(job, lease)).instrument(span).await;
    }

    async fn run_job(&self, job: &Job, lease: Duration) {
        tracing::debug!(tries = job.tries, "job begins");
        let begun = Instant::now();
        let outcome = tokio::select! {
            outcome = self.handle(job) => outcome,
            lost = self.keep_lease(job, lease) => Err(lost),
        };
        let end = self.settle(job, outcome).await.unwrap_or_else(|error| {
            // The lease runs out, and the job is taken up again.
            tracing::warn!(%error, "a job's end could not be stored");
            JobEnd::Failed
        });
        self.observer.worked(job.kind.as_str(), end, begun.elapsed());
    }

    async fn handle(&self, job: &Job) -> Result<Outcome, Failure> {
        let service = &self.service;
        match job.kind {
            JobKind::Ticketing => service.do_ticketing(job).await,
            JobKind::Resolve => service.do_resolve(job).await,
            JobKind::Compensate => service.do_compensate(job).await,
            JobKind::Refund => service.do_refund(job).await,
            JobKind::Cancel => service.do_cancel(job).await,
            JobKind::Mail => service.do_mail(job, &self.mailer).await,
        }
    }

    /// Prolongs the lease while the job runs; ends only when it is lost.
    async fn keep_lease(&self, job: &Job, lease: Duration) -> Failure {
        loop {
            tokio::time::sleep(lease / 3).await;
            if let Err(Failure::LeaseLost) = jobs::prolong(self.pool(), job, lease).await {
                return Failure::LeaseLost;
            }
        }
    }

    async fn settle(&self, job: &Job, outcome: Result<Outcome, Failure>) -> Result<JobEnd, Failure> {
        let most = Duration::from_secs(self.config.max_backoff_seconds.max(1));
        let pool = self.pool();
        match outcome {
            Ok(Outcome::Done) => jobs::finish(pool, job).await.map(|()| JobEnd::Done),
            Ok(Outcome::Again(pause, why)) => self.again(job, pause, &why).await,
            Ok(Outcome::AtLeast(pause, why)) => {
                let pause = pause.max(jobs::backoff(job.tries, most));
                self.again(job, pause, &why).await
            }
            Ok(Outcome::Backoff(why)) => self.again(job, jobs::backoff(job.tries, most), &why).await,
            Ok(Outcome::Dead(why)) => self.bury(job, &why).await,
            Err(Failure::LeaseLost) => {
                tracing::warn!("another worker has taken the job");
                Ok(JobEnd::Lost)
            }
            Err(Failure::Stale) => self.again(job, Duration::from_millis(200), "lost a race").await,
            Err(failure) => {
                tracing::warn!(%failure, "a job failed");
                let why = failure.to_string();
                if job.failures + 1 >= self.config.max_attempts {
                    return self.bury(job, &why).await;
                }
                let pause = jobs::backoff(job.failures + 1, most);
                jobs::again(pool, job, pause, &why, true).await.map(|()| JobEnd::Failed)
            }
        }
    }

    async fn again(&self, job: &Job, pause: Duration, why: &str) -> Result<JobEnd, Failure> {
        jobs::again(self.pool(), job, pause, why, false).await.map(|()| JobEnd::Again)
    }

    /// To the dead letters, with an alert; a booking that depends on the job waits for a person.
    async fn bury(&self, job: &Job, why: &str) -> Result<JobEnd, Failure> {
        from_fresh_reads(async || -> Result<JobEnd, Failure> {
            let mut tx = self.service.begin().await?;
            jobs::fence(&mut tx, job).await?;
            jobs::bury(&mut tx, job, why).await?;
            alerts::raise(&mut tx, job.booking, "dead-letter", &format!("{}: {why}", job.kind)).await?;
            let mut booking = BookingRow::get(&mut tx, job.booking).await?;
            let waits = match job.kind {
                JobKind::Ticketing | JobKind::Compensate => booking.status == Status::PendingTicket,
                JobKind::Cancel => booking.status == Status::CancelPending,
                JobKind::Refund => booking.status == Status::RefundPending,
                JobKind::Resolve | JobKind::Mail => false,
            };
            if waits {
                booking.need_attention(&mut tx, &format!("the {} job is dead", job.kind)).await?;
            }
            tx.commit().await?;
            Ok(JobEnd::Dead)
        })
        .await
    }

    async fn sweep_once(&self) {
        let service = &self.service;
        let report = |what: &str, result: Result<(), Failure>| {
            if let Err(error) = result {
                tracing::warn!(what, %error, "a sweep failed");
            }
        };
        report("unpaid bookings", service.sweep_unpaid().await);
        report("payments", service.sweep_payments(self.config.payment_poll_seconds).await);
        report("orphans", service.sweep_orphans().await);
        report("old rows", service.sweep_old().await);
    }
}

async fn sweep(shared: Arc<Shared>) {
    let every = Duration::from_secs(shared.config.sweep_seconds.max(1));
    loop {
        shared.sweep_once().await;
        tokio::time::sleep(every).await;
    }
}

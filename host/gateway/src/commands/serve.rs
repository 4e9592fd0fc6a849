//! `interline serve`.

use crate::config::Config;
use crate::gauges::Backlog;
use crate::signals;
use crate::wiring::Services;
use anyhow::{Context, Result, bail};
use interline_api::{router, server};
use interline_booking::Worker;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Serves HTTP until told to end.
pub async fn run(config: Config, with_worker: bool) -> Result<()> {
    let shutdown = signals::shutdown()?;
    // Taken first: who starts it a second time hears so at once.
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let services = Services::start(&config).await?;
    let api = services.api(&config, shutdown.clone())?;
    let app = router::build(&api);
    let backlog = tokio::spawn(backlog(&config, &services)?);
    let worker = if with_worker {
        let worker =
            Worker::new(services.booking.clone(), config.worker.clone()).context("the worker does not start")?;
        Some(tokio::spawn(worker.run(shutdown.clone())))
    } else {
        None
    };
    let tidy = tokio::spawn({
        let (api, shutdown) = (api.clone(), shutdown.clone());
        async move {
            while tokio::time::timeout(TIDY_EVERY, shutdown.cancelled()).await.is_err() {
                api.limits().tidy();
            }
        }
    });
    tracing::info!(listen = %listener.local_addr()?, "serving");
    let drain = Duration::from_secs(config.drain_seconds);
    server::serve(listener, app, api.config(), shutdown, drain).await;
    tidy.await?;
    let unfinished = match worker {
        Some(worker) => tokio::time::timeout(drain, worker).await.is_err(),
        None => false,
    };
    backlog.abort();
    services.stop().await;
    if unfinished {
        bail!("the worker did not end in time");
    }
    tracing::info!("ended");
    Ok(())
}

/// Works until told to end.
pub async fn work(config: Config) -> Result<()> {
    let shutdown: CancellationToken = signals::shutdown()?;
    let services = Services::start(&config).await?;
    let backlog = tokio::spawn(backlog(&config, &services)?);
    let worker = Worker::new(services.booking.clone(), config.worker.clone()).context("the worker does not start")?;
    tracing::info!("working");
    let drain = Duration::from_secs(config.drain_seconds);
    let too_late = async {
        shutdown.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        () = worker.run(shutdown.clone()) => {}
        // Another worker takes over what is under way, once its lease is over.
        () = too_late => tracing::warn!("jobs under way did not end in time"),
    }
    backlog.abort();
    services.stop().await;
    tracing::info!("ended");
    Ok(())
}

fn backlog(config: &Config, services: &Services) -> Result<impl Future<Output = ()> + Send + 'static> {
    let every = Duration::from_secs(config.worker.sweep_seconds.max(1));
    Ok(Backlog::watch(&services.metrics, services.booking.clone(), every)?)
}

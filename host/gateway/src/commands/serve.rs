//! `interline serve`.

use crate::config::Config;
use crate::gauges::Backlog;
use crate::search_threads::SearchThreads;
use crate::signals;
use crate::wiring::Services;
use anyhow::{Context, Result, bail};
use interline_api::front::Front;
use interline_api::{router, server};
use interline_search::Workshop;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Serves HTTP until told to end.
pub async fn run(config: Config, with_worker: bool) -> Result<()> {
    let told_to_end = signals::shutdown()?;
    let shutdown = later(told_to_end.clone(), Duration::from_secs(config.unready_seconds));
    // Taken first: who starts it a second time hears so at once.
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let search_threads = SearchThreads::start()?;
    let services = Services::start(&config, search_threads.workshop()).await?;
    let api = services.api(&config, told_to_end.clone(), shutdown.clone())?;
    let front = Front::new(api.clone(), router::build(&api));
    let backlog = tokio::spawn(backlog(&config, &services)?);
    let worker = if with_worker { Some(tokio::spawn(services.worker(&config)?.run(told_to_end))) } else { None };
    let tidy = tokio::spawn({
        let (api, shutdown) = (api.clone(), shutdown.clone());
        async move {
            while tokio::time::timeout(TIDY_EVERY, shutdown.cancelled()).await.is_err() {
                api.limits().tidy();
            }
        }
    });
    let (search, here) = (services.search.clone(), services.search.pressure().clone());
    let watching = [
        search_threads.workshop().spawn(async move { search.watch().await }),
        tokio::spawn(async move { here.watch_serving().await }),
    ];
    tracing::info!(listen = %listener.local_addr()?, "serving");
    let drain = Duration::from_secs(config.drain_seconds);
    server::serve(listener, front, api.config(), shutdown, drain).await;
    tidy.await?;
    watching.iter().for_each(JoinHandle::abort);
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

/// A token that is cancelled so long after another one: meanwhile `/readyz` tells balancers to send no more requests.
fn later(told_to_end: CancellationToken, pause: Duration) -> CancellationToken {
    let shutdown = CancellationToken::new();
    let ends = shutdown.clone();
    tokio::spawn(async move {
        told_to_end.cancelled().await;
        tokio::time::sleep(pause).await;
        ends.cancel();
    });
    shutdown
}

/// Works until told to end.
pub async fn work(config: Config) -> Result<()> {
    let shutdown: CancellationToken = signals::shutdown()?;
    let listener = match config.worker_listen {
        Some(listen) => {
            Some(TcpListener::bind(listen).await.with_context(|| format!("worker_listen: cannot listen on {listen}"))?)
        }
        None => None,
    };
    let services = Services::start(&config, Workshop::default()).await?;
    let backlog = tokio::spawn(backlog(&config, &services)?);
    let worker = services.worker(&config)?;
    tracing::info!("working");
    let drain = Duration::from_secs(config.drain_seconds);
    let shown = listener.map(|listener| {
        let app = router::operation(services.readiness(shutdown.clone()), services.metrics.clone());
        let (api, shutdown) = (config.api.clone(), shutdown.clone());
        tokio::spawn(async move { server::serve(listener, app, &api, shutdown, drain).await })
    });
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
    if let Some(shown) = shown {
        shown.await?;
    }
    services.stop().await;
    tracing::info!("ended");
    Ok(())
}

fn backlog(config: &Config, services: &Services) -> Result<impl Future<Output = ()> + Send + 'static> {
    let every = Duration::from_secs(config.worker.sweep_seconds.max(1));
    Ok(Backlog::watch(&services.metrics, services.booking.clone(), every)?)
}

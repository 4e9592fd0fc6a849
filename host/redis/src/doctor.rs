//! Heals the link: connects, tries what did not answer, and lets it be asked again.

use crate::link::{Failure, Line};
use crate::slots::one_key_each;
use futures::future::join_all;
use redis::cmd;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Waits for breakers to open, and closes them when their slots answer again. Each try is over a new connection, which
/// learns anew who is master and who has which slots; the one before serves the others meanwhile. Pauses are scattered, so
/// that nodes that lost Redis together don't come back together.
pub async fn attend(line: Arc<Line>) {
    let keys = one_key_each(&line.config.prefix);
    loop {
        line.breakers.opened.notified().await;
        let (since, mut pause, mut told) = (Instant::now(), FIRST_PAUSE, false);
        while !line.breakers.open().is_empty() {
            treat(&line, &keys).await;
            let open = line.breakers.open().len();
            if open == 0 {
                break;
            }
            if !told {
                tracing::warn!(
                    link = line.name,
                    open,
                    of = line.breakers.ranges(),
                    "Redis does not answer; searches go on without it"
                );
                told = true;
            }
            sleep(pause.mul_f64(0.5 + rand::random::<f64>())).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if told {
            let seconds = since.elapsed().as_secs();
            tracing::info!(link = line.name, seconds, "Redis answers again");
        }
    }
}

/// One try.
async fn treat(line: &Line, keys: &[String]) {
    // A cluster is connected in two steps, each of which may wait for a node that is dead.
    let Ok(Ok(connection)) = timeout(line.config.connect_timeout() * 3, line.dialer.connect()).await else { return };
    let connection = line.replace(connection);
    let open = line.breakers.open();
    let probes = open.into_iter().filter_map(|range| keys.get(range)).map(|key| {
        let connection = Arc::clone(&connection);
        async move {
            let mut probe = cmd("SET");
            probe.arg(key).arg(1).arg("PX").arg(1_000);
            // A full server is one that answers.
            if matches!(line.send::<()>(&connection, &probe).await, Ok(()) | Err(Failure::Full | Failure::Refused(_))) {
                line.breakers.close(key);
            }
        }
    });
    join_all(probes).await;
    if line.breakers.open().is_empty() {
        line.connected.send_replace(true);
    }
}

//! Word of what other nodes put: one standing subscription of the whole process, and who waits for which key.
//!
//! The subscription is there before anybody waits, and a waiter is noted before it looks for the value, so that no word
//! falls between. What is lost while the subscription is down is made good by waking everybody when it is up again, and by
//! each waiter's own look when the lease that it saw must have ended.

use crate::link::Link;
use futures::StreamExt;
use interline_search::Wakes;
use parking_lot::Mutex;
use redis::aio::PubSub;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

/// A server that is frozen, or a network that swallows everything, is noticed after about this.
const PING_EVERY: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Who waits for which key.
#[derive(Clone, Default)]
pub struct Waiting(Arc<Mutex<HashMap<String, Waited>>>);

struct Waited {
    changes: watch::Sender<u64>,
    waiters: usize,
}

/// One who waits; leaves nothing behind when dropped.
struct Place {
    waiting: Waiting,
    key: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waiting.0.lock();
        if let Some(waited) = waiting.get_mut(&self.key) {
            waited.waiters -= 1;
            if waited.waiters == 0 {
                waiting.remove(&self.key);
            }
        }
    }
}

impl Waiting {
    /// Is woken by every word on the key from now on.
    pub fn wait_for(&self, key: &str) -> Wakes {
        let mut waiting = self.0.lock();
        let new = || Waited { changes: watch::Sender::new(0), waiters: 0 };
        let waited = waiting.entry(key.to_owned()).or_insert_with(new);
        waited.waiters += 1;
        let changes = waited.changes.subscribe();
        drop(waiting);
        Wakes::new(changes, Place { waiting: self.clone(), key: key.to_owned() })
    }

    fn wake(&self, key: &str) {
        if let Some(waited) = self.0.lock().get(key) {
            waited.changes.send_modify(|changes| *changes += 1);
        }
    }

    fn wake_all(&self) {
        self.0.lock().values().for_each(|waited| waited.changes.send_modify(|changes| *changes += 1));
    }
}

/// The name of the channel.
pub fn channel(prefix: &str) -> String {
    format!("{prefix}interline:wake")
}

/// Keeps the subscription up until the handle is dropped.
pub fn listen(link: &Link, waiting: Waiting) -> AbortOnDropHandle<()> {
    let link = link.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut pause = Duration::ZERO;
        loop {
            sleep(pause.mul_f64(0.5 + rand::random::<f64>())).await;
            pause = (pause * 2).clamp(Duration::from_millis(50), LONGEST_PAUSE);
            let patience = link.config().connect_timeout();
            let subscribed = async {
                let mut connection = link.dialer().listen().await?;
                connection.subscribe(channel(&link.config().prefix)).await?;
                Ok::<_, redis::RedisError>(connection)
            };
            if let Ok(Ok(connection)) = timeout(patience, subscribed).await {
                link.metrics().listening.set(1);
                waiting.wake_all();
                hear(connection, &waiting, patience).await;
                link.metrics().listening.set(0);
                pause = Duration::ZERO;
            }
        }
    }))
}

/// Passes words on until the connection ends or goes silent.
async fn hear(connection: PubSub, waiting: &Waiting, patience: Duration) {
    let (mut sink, mut words) = connection.split();
    let alive = async {
        loop {
            sleep(PING_EVERY).await;
            if !matches!(timeout(patience, sink.ping::<redis::Value>()).await, Ok(Ok(_))) {
                break;
            }
        }
    };
    let heard = async {
        while let Some(word) = words.next().await {
            if let Ok(key) = std::str::from_utf8(word.get_payload_bytes()) {
                waiting.wake(key);
            }
        }
    };
    tokio::select! {
        () = alive => {}
        () = heard => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn waiters_that_are_dropped_leave_nothing_behind() {
        let waiting = Waiting::default();
        let (mut first, second) = (waiting.wait_for("a"), waiting.wait_for("a"));
        waiting.wake("a");
        assert!(first.next().now_or_never().is_some());
        assert!(first.next().now_or_never().is_none());
        drop((first, second));
        assert!(waiting.0.lock().is_empty());
    }

    #[test]
    fn a_word_before_the_wait_is_not_lost() {
        let waiting = Waiting::default();
        let mut wakes = waiting.wait_for("a");
        waiting.wake("b");
        assert!(wakes.next().now_or_never().is_none());
        waiting.wake_all();
        assert!(wakes.next().now_or_never().is_some());
    }
}

//! Waiting for a condition, never for a time.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// A condition that has not come true by then has failed: far above what any machine needs.
const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again and again, until the answer is there.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return Ok(answer);
        }
        if begun.elapsed() > PATIENCE {
            bail!("never came: {what}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

//! Waiting for a condition, never for a time.

use anyhow::{Result, bail};
use std::future::Future;
use std::time::{Duration, Instant};

/// A condition that has not come true by then has failed: far above what any machine needs.
const PATIENCE: Duration = Duration::from_secs(90);

/// Asks again and again, until the answer is `Ok(Ok(value))`. `Ok(Err(why))` is "not yet"; the last one is told when
/// patience ends.
pub async fn until<T, F, Fut>(what: &str, mut ask: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Result<T, String>>>,
{
    let begun = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        match ask().await? {
            Ok(value) => return Ok(value),
            Err(why) if begun.elapsed() > PATIENCE => bail!("never came: {what}; last seen: {why}"),
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

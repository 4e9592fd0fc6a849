//! Work that would hold a serving thread for milliseconds, done elsewhere.

/// Runs `work` on a thread for blocking work; a panic in it goes on here.
pub async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(died) => match died.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Not started since the process ends: nobody waits for the answer any more.
            Err(_) => std::future::pending().await,
        },
    }
}

//! What `/readyz` looks at.

use async_trait::async_trait;
use interline_api::{Check, Readiness};
use interline_runtime::{ComponentStatus, Runtime};
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DATABASE_PATIENCE: Duration = Duration::from_secs(2);

/// The database and the components.
pub struct Gateway {
    /// PostgreSQL.
    pub pool: PgPool,
    /// The component host.
    pub runtime: Runtime,
    /// Cancelled when the process was told to end.
    pub told_to_end: CancellationToken,
}

#[async_trait]
impl Readiness for Gateway {
    async fn check(&self) -> Vec<Check> {
        let query = sqlx::query("SELECT 1").execute(&self.pool);
        let answered = tokio::time::timeout(DATABASE_PATIENCE, query).await;
        let ready = matches!(answered, Ok(Ok(_)));
        let detail = if ready { "answers" } else { "does not answer" };
        let mut checks = vec![Check { name: "database".into(), ready, detail: detail.into(), essential: true }];
        if self.told_to_end.is_cancelled() {
            let detail = "told to end; what is under way is ended".into();
            checks.push(Check { name: "process".into(), ready: false, detail, essential: true });
        }
        for component in self.runtime.components() {
            let (ready, detail) = match &component.status {
                ComponentStatus::Active => (true, format!("active, version {}", component.version)),
                ComponentStatus::Disabled => continue,
                // Why stands in the log and in `plugin list`: this page is for everybody.
                ComponentStatus::Broken { serving: true, .. } => {
                    (true, "the new file is broken; the one before serves".into())
                }
                ComponentStatus::Broken { serving: false, .. } => (false, "broken".to_owned()),
            };
            checks.push(Check { name: component.name, ready, detail, essential: false });
        }
        checks
    }
}

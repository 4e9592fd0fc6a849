//! Every gateway is stopped and started again, one after the other, while it is used, and no request fails.

use anyhow::{Context, Result, ensure};
use interline_faults::journal::Journal;
use interline_faults::load::Load;
use interline_faults::system::{Shape, System};
use interline_journey::wait::until;
use std::sync::Arc;
use tempfile::TempDir;

/// Waits until so many more requests were answered.
async fn goes_on(journal: &Journal, more: u64) -> Result<()> {
    let answered = || journal.notes().answers.values().sum::<u64>();
    let before = answered();
    until("requests answered", || async {
        let now = answered();
        Ok(if now >= before + more { Ok(()) } else { Err(format!("{before} → {now}")) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_gateways_are_restarted_one_by_one() -> Result<()> {
    let folder = TempDir::with_prefix("interline-rolling.")?;
    let mut system = System::start(Shape { nodes: 2, workers: 1 }, folder.path()).await?;
    let journal = Arc::new(Journal::default());
    let load = Load { travellers: 3, searchers: 2, most: None };
    let load = load.start(7, &system.client, &system.provider(), &journal)?;

    goes_on(&journal, 20).await?;
    for index in 0..system.gateways.len() {
        // Ends by itself, and cleanly.
        system.gateways[index].stop().await.with_context(|| system.gateways[index].log_end(20))?;
        goes_on(&journal, 10).await?;
        system.start_gateway(index).await?;
        goes_on(&journal, 10).await?;
    }
    load.end().await;

    let notes = journal.notes();
    let failed = notes.answers.iter().find(|(status, _)| status.starts_with('5') || status.as_str() == "no answer");
    ensure!(failed.is_none(), "{:?}", notes.answers);
    ensure!(notes.made.len() >= 3, "only {} bookings were made", notes.made.len());
    Ok(())
}

//! Searchers and travellers, as many at once as asked for, one after the other until told to end.

use crate::journal::Journal;
use crate::traveller::{Frontend, Traveller, travel_plan};
use anyhow::Result;
use interline_journey::client::Client;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How much is asked of the gateways.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Travellers at once.
    pub travellers: usize,
    /// Searchers at once.
    pub searchers: usize,
    /// Bookings after which no further traveller sets out; none: no limit.
    pub most: Option<u64>,
}

/// Between two travellers, and between two searches of one searcher.
const BREATH: Duration = Duration::from_millis(150);

/// A running load.
pub struct Running {
    over: CancellationToken,
    tasks: JoinSet<()>,
}

impl Load {
    /// Begins. Travellers' decisions follow from the seed and their number.
    pub fn start(self, seed: u64, client: &Client, provider: &str, journal: &Arc<Journal>) -> Result<Running> {
        let (over, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let number = Arc::new(AtomicU64::new(0));
        let frontend = Frontend::new(client.clone(), provider, journal.clone())?;
        for _ in 0..self.travellers {
            let (frontend, over, number) = (frontend.clone(), over.clone(), number.clone());
            tasks.spawn(async move {
                while !over.is_cancelled() {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    if self.most.is_some_and(|most| number >= most) {
                        return;
                    }
                    Traveller::new(seed, number).travel(&frontend).await;
                    rest(&over).await;
                }
            });
        }
        for searcher in 0..self.searchers {
            let (frontend, over) = (frontend.clone(), over.clone());
            tasks.spawn(async move {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(1_000_000 + searcher as u64);
                while !over.is_cancelled() {
                    let (trip, _, _) = travel_plan(&mut rng);
                    frontend.search(&trip).await;
                    rest(&over).await;
                }
            });
        }
        Ok(Running { over, tasks })
    }
}

async fn rest(over: &CancellationToken) {
    let _ = tokio::time::timeout(BREATH, over.cancelled()).await;
}

impl Running {
    /// No further journey begins; waits until those under way have ended.
    pub async fn end(mut self) {
        self.over.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

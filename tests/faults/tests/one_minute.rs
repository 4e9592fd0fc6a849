//! A minute in which everything dies, and books that agree after it. `make faults MINUTES=10` does so for longer.

use anyhow::{Result, ensure};
use interline_faults::load::Load;
use interline_faults::run::{Plan, run};
use interline_faults::system::Shape;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_of_deaths_and_faults_all_books_agree() -> Result<()> {
    let plan = Plan {
        seed: 7,
        time: Duration::from_secs(60),
        shape: Shape { nodes: 3, workers: 2 },
        load: Load { travellers: 4, searchers: 1, most: None },
    };
    let report = run(plan, &|_, _| {}).await?;
    ensure!(report.difference.is_none(), "{report}");
    // It was a test of something: travellers booked, and everything died.
    ensure!(report.deaths.len() == 5, "{report}");
    ensure!(report.bookings.get("TICKETED").is_some_and(|ticketed| *ticketed >= 5), "{report}");
    println!("{report}");
    Ok(())
}

//! `interline migrate`.

use crate::config::Config;
use crate::wiring;
use anyhow::{Context, Result};

/// Brings the tables up to date.
pub async fn run(config: &Config) -> Result<()> {
    let pool = wiring::database(config).await?;
    interline_booking::MIGRATOR.run(&pool).await.context("the tables cannot be brought up to date")?;
    println!("the tables are up to date");
    Ok(())
}

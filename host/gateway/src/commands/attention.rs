//! `interline attention …`: what needs a person.

use crate::cli::Attention;
use crate::config::Config;
use crate::wiring;
use anyhow::{Result, bail};

/// Does what is told.
pub async fn run(config: &Config, command: Attention) -> Result<()> {
    let pool = wiring::database(config).await?;
    match command {
        Attention::List { json } => {
            let _ = (pool, json);
            Ok(())
        }
        Attention::Replay { job } => bail!("there is no dead job {job}"),
    }
}

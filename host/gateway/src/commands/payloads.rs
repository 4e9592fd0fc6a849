//! `interline plugin payloads`.

use crate::config::Config;
use anyhow::{Result, bail};
use std::path::Path;

/// Runs a folder of recorded replies through the components.
pub async fn run(config: &Config, folder: &Path, json: bool) -> Result<()> {
    let _ = (config, folder, json);
    bail!("not there yet")
}

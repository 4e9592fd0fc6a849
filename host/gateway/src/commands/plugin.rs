//! `interline plugin list` and `interline plugin map`.

use crate::cli::PluginMap;
use crate::config::Config;
use crate::wiring;
use anyhow::{Result, bail};
use interline_runtime::ComponentStatus;
use prometheus::Registry;

/// Lists the components of the folder.
pub async fn list(config: &Config, json: bool) -> Result<()> {
    let runtime = wiring::runtime(config, &Registry::new(), false).await?;
    let components = runtime.components();
    if json {
        println!("{}", serde_json::to_string_pretty(&components)?);
        return Ok(());
    }
    for component in components {
        let state = match &component.status {
            ComponentStatus::Active => "active".to_owned(),
            ComponentStatus::Disabled => "disabled".to_owned(),
            ComponentStatus::Broken { error, .. } => format!("broken: {error}"),
        };
        let hash = component.hash.get(..12).unwrap_or_default();
        println!("{:20} {:10} {hash:12} {state}", component.name, component.version);
        if !component.capabilities.is_empty() {
            println!("  {}", component.capabilities.join(", "));
        }
    }
    Ok(())
}

/// Feeds a recorded reply through a component.
pub async fn map(mut config: Config, map: PluginMap) -> Result<()> {
    if let Some(folder) = map.components {
        config.components.path = folder;
    }
    let _ = (map.name, map.operation, map.reply, map.status, map.request);
    bail!("not there yet")
}

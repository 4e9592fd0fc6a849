//! `interline plugin list` and `interline plugin map`.

use crate::cli::PluginMap;
use crate::config::Config;
use crate::wiring;
use anyhow::{Context, Result};
use interline_runtime::{ComponentStatus, MemoryStateStore, RecordedReply, Replayed, Replayer, RuntimeConfig};
use prometheus::Registry;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Lists the components of the folder.
pub async fn list(config: &Config, json: bool) -> Result<()> {
    let state = Arc::new(MemoryStateStore::default());
    let runtime = wiring::runtime(config, &Registry::new(), false, state).await?;
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
    let replayer = open(&config, &map.name).await?;
    let request = match &map.request {
        Some(file) => {
            let text = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
            Some(serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))?)
        }
        None => None,
    };
    let replayed = replayer.run(&map.operation, vec![reply(&map.reply, map.status)?], request).await?;
    println!("{}", serde_json::to_string_pretty(&shown(&replayed))?);
    Ok(())
}

/// The component of this name, ready to be replayed.
pub async fn open(config: &Config, name: &str) -> Result<Replayer> {
    let components = &config.components;
    let runtime = RuntimeConfig {
        grants: config.grants()?,
        defaults: components.defaults,
        ceiling: components.ceiling,
        watch: false,
        ..RuntimeConfig::new(&components.path, &components.artifacts)
    };
    let wasm = components.path.join(format!("{name}.wasm"));
    Replayer::open(&runtime, &wasm).await.with_context(|| format!("the component `{name}`"))
}

/// A recorded reply; its kind by the file's ending.
pub fn reply(file: &Path, status: u16) -> Result<RecordedReply> {
    let body = std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    let kind = match file.extension().and_then(|ending| ending.to_str()) {
        Some("xml") => "text/xml; charset=utf-8",
        _ => "application/json",
    };
    Ok(RecordedReply { status, headers: vec![("content-type".to_owned(), kind.to_owned())], body: body.into() })
}

fn shown(replayed: &Replayed) -> Value {
    let mut shown = match &replayed.result {
        Ok(result) => json!({ "result": result }),
        Err(fault) => json!({ "fault": fault }),
    };
    shown["requests"] = json!(replayed.requests);
    if !replayed.printed.is_empty() {
        shown["printed"] = json!(replayed.printed);
    }
    shown
}

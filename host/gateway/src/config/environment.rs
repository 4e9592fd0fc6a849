//! Environment variables that go before the file.

use super::{Config, LogFormat};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// A variable: its name, what it sets, and how.
pub struct Variable {
    /// Name.
    pub name: &'static str,
    /// For `--help`.
    pub meaning: &'static str,
    set: fn(&mut Config, &str) -> Result<()>,
}

/// Every variable that is looked at.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "INTERLINE_LISTEN",
        meaning: "address to serve on, over `listen`",
        set: |config, value| {
            config.listen = value.parse().context("is an address and port, like 127.0.0.1:8080")?;
            Ok(())
        },
    },
    Variable {
        name: "INTERLINE_WORKER_LISTEN",
        meaning: "address of a worker's metrics, over `worker_listen`",
        set: |config, value| {
            config.worker_listen = Some(value.parse().context("is an address and port, like 127.0.0.1:9464")?);
            Ok(())
        },
    },
    Variable {
        name: "DATABASE_URL",
        meaning: "PostgreSQL, over `url` in [database]",
        set: |config, value| {
            config.database.url = Some(value.to_owned());
            Ok(())
        },
    },
    Variable {
        name: "INTERLINE_COMPONENTS",
        meaning: "folder of components, over `path` in [components]",
        set: |config, value| {
            config.components.path = value.into();
            Ok(())
        },
    },
    Variable {
        name: "INTERLINE_LOG",
        meaning: "what is logged, over `filter` in [log]",
        set: |config, value| {
            config.log.filter = value.to_owned();
            Ok(())
        },
    },
    Variable {
        name: "INTERLINE_LOG_FORMAT",
        meaning: "`json` or `text`, over `format` in [log]",
        set: |config, value| {
            config.log.format = match value {
                "json" => LogFormat::Json,
                "text" => LogFormat::Text,
                _ => bail!("is `json` or `text`"),
            };
            Ok(())
        },
    },
];

/// Puts the environment over the file.
pub fn overlay(config: &mut Config, environment: &BTreeMap<String, String>) -> Result<()> {
    for variable in VARIABLES {
        if let Some(value) = environment.get(variable.name).filter(|value| !value.is_empty()) {
            (variable.set)(config, value).with_context(|| format!("the environment variable {}", variable.name))?;
        }
    }
    Ok(())
}

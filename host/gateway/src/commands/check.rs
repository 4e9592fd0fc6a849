//! `interline config check`.

use crate::config::{Config, VARIABLES};
use anyhow::{Result, bail};
use std::path::Path;

/// Names everything that is wrong.
pub fn run(config: &Config, file: Option<&Path>) -> Result<()> {
    let wrong = config.check();
    if !wrong.is_empty() {
        bail!("{} things are wrong:\n  {}", wrong.len(), wrong.join("\n  "));
    }
    let file = file.map_or_else(|| "the defaults".to_owned(), |file| file.display().to_string());
    println!("{file}: good");
    println!("  listens on {}", config.listen);
    let named = |grants: &std::collections::BTreeMap<String, interline_runtime::Grant>| {
        let names: Vec<_> = grants.iter().filter(|(_, grant)| grant.enabled).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    println!("  suppliers: {}", named(&config.suppliers));
    println!("  payment providers: {}", named(&config.payments));
    let redis = config.redis.as_ref().map_or_else(|| "none".to_owned(), |redis| redis.nodes.join(", "));
    println!("  redis: {redis}");
    println!("  components: {}", config.components.path.display());
    println!("The environment may change it:");
    for variable in VARIABLES {
        println!("  {:24} {}", variable.name, variable.meaning);
    }
    Ok(())
}

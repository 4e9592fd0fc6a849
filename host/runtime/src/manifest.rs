//! `NAME.toml` beside `NAME.wasm`: who the component is and what it wants.

use crate::config::LimitOverrides;
use crate::interfaces::RELEASED;
use crate::version::ComponentKind;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A manifest, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) kind: ComponentKind,
    pub(crate) contract: String,
    /// For people.
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default)]
    pub(crate) capabilities: Wanted,
    #[serde(default)]
    pub(crate) limits: LimitOverrides,
    /// How recorded replies are read: of who replays them.
    #[serde(default, rename = "replay")]
    _replay: IgnoredAny,
}

/// What the component asks to be allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Wanted {
    pub(crate) hosts: Vec<String>,
    pub(crate) secrets: Vec<String>,
    pub(crate) state: bool,
}

impl Manifest {
    /// Reads the manifest of the component whose file stem is `stem`.
    pub(crate) fn parse(text: &str, stem: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| format!("manifest: {error}"))?;
        if manifest.name != stem {
            return Err(format!("manifest: it names `{}`, and the file is `{stem}.wasm`", manifest.name));
        }
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if manifest.name.is_empty() || !manifest.name.bytes().all(letters) {
            return Err(format!("manifest: `{}` is not a name of a-z, 0-9 and -", manifest.name));
        }
        if !RELEASED.contains(&manifest.contract.as_str()) {
            let offered = RELEASED.join(", ");
            return Err(format!("manifest: contract {} is not offered; on offer: {offered}", manifest.contract));
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "duffel"
        version = "0.1.0"
        kind = "supplier"
        contract = "0.1.0"
        [capabilities]
        hosts = ["api.example.com"]
        secrets = ["token"]
        state = true
        [limits]
        memory_mb = 32
    "#;

    #[test]
    fn a_manifest_says_who_and_what() {
        let manifest = Manifest::parse(GOOD, "duffel").unwrap();
        assert_eq!(manifest.kind, ComponentKind::Supplier);
        assert_eq!(manifest.limits.memory_mb, Some(32));
    }

    #[test]
    fn each_mistake_is_named() {
        let error = |from: &str, to: &str| Manifest::parse(&GOOD.replace(from, to), "duffel").unwrap_err();
        assert!(error("secrets", "sekrets").contains("sekrets"));
        assert!(error("contract = \"0.1.0\"", "contract = \"9.0.0\"").contains("on offer: 0.1.0"));
        assert!(error("name = \"duffel\"", "name = \"other\"").contains("other"));
    }
}

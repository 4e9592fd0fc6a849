//! Which component, in which version, in which state.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A version of a component: what a booking remembers of who made it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PluginVersion {
    /// The component's name, from its manifest.
    pub name: String,
    /// Its semantic version, from its manifest.
    pub version: String,
    /// SHA-256 of the component file, in hex.
    pub hash: String,
}

impl fmt::Display for PluginVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.hash.get(..12).unwrap_or(&self.hash);
        write!(f, "{}@{}+{short}", self.name, self.version)
    }
}

/// What a component is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// An adapter of an airline, GDS or other seller.
    Supplier,
    /// An adapter of a payment provider.
    Payment,
    /// A rule set.
    Rules,
}

/// A component of the folder, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentState {
    /// File stem.
    pub name: String,
    /// Version that answers calls; of a broken or disabled one the version that was tried, as far as it could be read.
    pub version: String,
    /// SHA-256 of the component file that answers calls, in hex.
    pub hash: String,
    /// From the manifest; none where that cannot be read.
    pub kind: Option<ComponentKind>,
    /// Where it stands.
    pub status: ComponentStatus,
    /// The interfaces that were found in it.
    pub capabilities: Vec<String>,
    /// Since when the version answers, or the status stands.
    pub since: Timestamp,
}

/// Where a component stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ComponentStatus {
    /// Answers calls.
    Active,
    /// The file in the folder cannot be used.
    Broken {
        /// Why.
        error: String,
        /// Whether an earlier version still answers calls.
        serving: bool,
    },
    /// The operator has not enabled it.
    Disabled,
}

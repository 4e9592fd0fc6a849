//! The component host itself.

use crate::config::RuntimeConfig;
use crate::payment::{PaymentProvider, PaymentProviders};
use crate::rules::{BaggageRules, CancellationRules, FareRules, RuleSets};
use crate::state::StateStore;
use crate::supplier::{Supplier, Suppliers};
use crate::version::ComponentState;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the host does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The components' folder cannot be read.
    #[error("the components' folder {path} cannot be read: {source}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The artifacts' folder cannot be made or is open to others.
    #[error("the artifacts' folder {path} cannot be used: {reason}")]
    Artifacts {
        /// Which folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The engine does not start on this machine.
    #[error("the WebAssembly engine does not start: {0}")]
    Engine(String),
}

/// The component host: all components of a folder, each in the version that answers now. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {}

impl Runtime {
    /// Loads the folder; components that cannot be used are logged and listed as broken, and don't stop the others.
    pub async fn start(_config: RuntimeConfig, _state: Arc<dyn StateStore>) -> Result<Self, StartError> {
        Ok(Self {})
    }

    /// Every component of the folder, by name.
    pub fn components(&self) -> Vec<ComponentState> {
        Vec::new()
    }

    /// Stops watching; waits for calls under way.
    pub async fn shutdown(&self) {}
}

impl Suppliers for Runtime {
    fn all(&self) -> Vec<Arc<dyn Supplier>> {
        Vec::new()
    }

    fn get(&self, _name: &str) -> Option<Arc<dyn Supplier>> {
        None
    }
}

impl PaymentProviders for Runtime {
    fn all(&self) -> Vec<Arc<dyn PaymentProvider>> {
        Vec::new()
    }

    fn get(&self, _name: &str) -> Option<Arc<dyn PaymentProvider>> {
        None
    }
}

impl RuleSets for Runtime {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        None
    }

    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        None
    }

    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        None
    }
}

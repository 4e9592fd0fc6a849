//! The component host itself.

use crate::artifacts::Artifacts;
use crate::call::Shared;
use crate::component::{Loaded, Loader};
use crate::config::RuntimeConfig;
use crate::engine::{self, INSTANCES, Ticker, WARM_INSTANCES};
use crate::payment::{PaymentProvider, PaymentProviders};
use crate::registry::Registry;
use crate::rules::{BaggageRules, CancellationRules, FareRules, RuleSets};
use crate::state::StateStore;
use crate::supplier::{Supplier, Suppliers};
use crate::version::ComponentState;
use crate::watch::watch;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long calls under way may take to end when the host stops.
const GRACE: Duration = Duration::from_secs(30);

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
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Arc<Registry>,
    shared: Arc<Shared>,
    stopping: CancellationToken,
    watching: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Runtime {
    /// Loads the folder; components that cannot be used are logged and listed as broken, and don't stop the others.
    pub async fn start(config: RuntimeConfig, state: Arc<dyn StateStore>) -> Result<Self, StartError> {
        let loader = loader(&config, state)?;
        let shared = Arc::clone(&loader.shared);
        let registry = Arc::new(Registry::new(config.components.clone(), loader));
        registry.scan().await.map_err(|source| StartError::Folder { path: config.components.clone(), source })?;
        let stopping = CancellationToken::new();
        let watching = config.watch.then(|| tokio::spawn(keep(Arc::clone(&registry), stopping.clone())));
        Ok(Self { inner: Arc::new(Inner { registry, shared, stopping, watching: Mutex::new(watching) }) })
    }

    /// Every component of the folder, by name.
    pub fn components(&self) -> Vec<ComponentState> {
        self.inner.registry.states()
    }

    /// Looks at the folder now, and takes in what has changed. Watching does the same by itself.
    pub async fn reload(&self) -> Result<(), std::io::Error> {
        self.inner.registry.scan().await
    }

    /// Stops watching; waits for calls under way, not longer than half a minute.
    pub async fn shutdown(&self) {
        self.inner.stopping.cancel();
        let watching = self.inner.watching.lock().take();
        if let Some(watching) = watching
            && let Err(error) = watching.await
        {
            tracing::error!(%error, "watching the components ended badly");
        }
        let idle = self.inner.shared.instances.empty(INSTANCES - WARM_INSTANCES);
        if tokio::time::timeout(GRACE, idle).await.is_err() {
            tracing::warn!("calls of components are still under way");
        }
    }

    fn loaded<T>(&self, pick: impl Fn(&Loaded) -> Option<T>) -> Vec<T> {
        self.inner.registry.active().iter().filter_map(pick).collect()
    }
}

/// Takes in what changes in the folder.
async fn keep(registry: Arc<Registry>, stopping: CancellationToken) {
    let look = async || {
        if let Err(error) = registry.scan().await {
            tracing::error!(%error, folder = %registry.folder().display(), "the components' folder cannot be read");
        }
    };
    watch(registry.folder(), stopping, look).await;
}

/// What loads components: engine, artifacts, grants.
pub(crate) fn loader(config: &RuntimeConfig, state: Arc<dyn StateStore>) -> Result<Loader, StartError> {
    let artifacts = Artifacts::open(&config.artifacts)?;
    let engine = engine::engine(config.ceiling.memory_mb)?;
    let ticker = Ticker::start(engine.clone())?;
    let shared = Arc::new(Shared::new(engine, ticker, Arc::clone(&config.observer), state));
    let loader = Loader::new(shared, artifacts, config.grants.clone(), config.defaults, config.ceiling);
    loader.map_err(|error| StartError::Engine(format!("{error:#}")))
}

impl Suppliers for Runtime {
    fn all(&self) -> Vec<Arc<dyn Supplier>> {
        self.loaded(|loaded| match loaded {
            Loaded::Supplier(supplier) => Some(Arc::clone(supplier) as Arc<dyn Supplier>),
            _ => None,
        })
    }

    fn get(&self, name: &str) -> Option<Arc<dyn Supplier>> {
        match self.inner.registry.get(name)? {
            Loaded::Supplier(supplier) => Some(supplier),
            _ => None,
        }
    }
}

impl PaymentProviders for Runtime {
    fn all(&self) -> Vec<Arc<dyn PaymentProvider>> {
        self.loaded(|loaded| match loaded {
            Loaded::Payment(payment) => Some(Arc::clone(payment) as Arc<dyn PaymentProvider>),
            _ => None,
        })
    }

    fn get(&self, name: &str) -> Option<Arc<dyn PaymentProvider>> {
        PaymentProviders::all(self).into_iter().find(|provider| provider.name() == name)
    }
}

impl RuleSets for Runtime {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        let pick = |loaded: &Loaded| match loaded {
            Loaded::Rules(rules) => rules.fares.clone(),
            _ => None,
        };
        self.loaded(pick).into_iter().next()
    }

    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        let pick = |loaded: &Loaded| match loaded {
            Loaded::Rules(rules) => rules.baggage.clone().map(|set| set as Arc<dyn BaggageRules>),
            _ => None,
        };
        self.loaded(pick).into_iter().next()
    }

    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        let pick = |loaded: &Loaded| match loaded {
            Loaded::Rules(rules) => rules.cancellation.clone().map(|set| set as Arc<dyn CancellationRules>),
            _ => None,
        };
        self.loaded(pick).into_iter().next()
    }
}

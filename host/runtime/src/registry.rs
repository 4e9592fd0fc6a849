//! The components of a folder: which version of each answers now.
//!
//! Swapping is one atomic pointer change. Who holds a component keeps calling the version that it got.

use crate::component::{Files, Loaded, Loader};
use crate::interfaces::Exported;
use crate::manifest::Manifest;
use crate::version::{ComponentKind, ComponentState, ComponentStatus};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Mutex;

pub(crate) struct Registry {
    folder: PathBuf,
    loader: Arc<Loader>,
    slots: ArcSwap<BTreeMap<String, Slot>>,
    /// Held while the folder is looked at: two looks at a time would overtake each other.
    looking: Mutex<HashMap<String, Stamps>>,
}

/// One component: the version that answers, and what an operator is told.
#[derive(Clone)]
struct Slot {
    loaded: Option<Loaded>,
    state: ComponentState,
}

/// Changes when one of the two files does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamps([Option<(u64, SystemTime, u64)>; 2]);

impl Stamps {
    fn of(wasm: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        let stamp = |path: &Path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.len(), metadata.modified().ok()?, metadata.ino()))
        };
        Self([stamp(wasm), stamp(&wasm.with_extension("toml"))])
    }
}

/// What came of trying to load a component.
enum Tried {
    Active(Loaded, ComponentKind, Exported),
    Disabled(Option<Box<Manifest>>),
    Broken(String),
}

impl Registry {
    pub(crate) fn new(folder: PathBuf, loader: Loader) -> Self {
        Self { folder, loader: Arc::new(loader), slots: ArcSwap::default(), looking: Mutex::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn states(&self) -> Vec<ComponentState> {
        self.slots.load().values().map(|slot| slot.state.clone()).collect()
    }

    pub(crate) fn active(&self) -> Vec<Loaded> {
        self.slots.load().values().filter_map(|slot| slot.loaded.clone()).collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Loaded> {
        self.slots.load().get(name)?.loaded.clone()
    }

    /// Looks at the folder, and loads what has changed since the last look, or could not be used then.
    pub(crate) async fn scan(&self) -> io::Result<()> {
        let mut seen = self.looking.lock().await;
        let found = self.found()?;
        for (stem, path) in &found {
            let stamps = Stamps::of(path);
            let usable = |slot: &Slot| !matches!(slot.state.status, ComponentStatus::Broken { .. });
            let settled = self.slots.load().get(stem).is_some_and(usable);
            if settled && seen.get(stem) == Some(&stamps) {
                continue;
            }
            let tried = self.try_load(path.clone()).await;
            self.settle(stem, tried);
            // Taken before the files were read: a write in between shows at the next look.
            seen.insert(stem.clone(), stamps);
        }
        let gone: Vec<String> = self.slots.load().keys().filter(|stem| !found.contains_key(*stem)).cloned().collect();
        for stem in gone {
            // It may be on its way back: a file replaced by deleting and writing it.
            self.settle(&stem, Tried::Broken("its file is gone".to_owned()));
            seen.remove(&stem);
        }
        Ok(())
    }

    fn found(&self) -> io::Result<BTreeMap<String, PathBuf>> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|extension| extension == "wasm")) {
                found.insert(stem.to_owned(), path);
            }
        }
        Ok(found)
    }

    async fn try_load(&self, wasm: PathBuf) -> Tried {
        let loader = Arc::clone(&self.loader);
        let checking = tokio::task::spawn_blocking(move || {
            let files = Files::read(&wasm)?;
            if !is_enabled(&loader, &files) {
                return Ok(Err(Manifest::parse(&files.manifest, &files.stem).ok()));
            }
            loader.check(&files).map(Ok)
        });
        let checked = match checking.await {
            Ok(Ok(Ok(checked))) => checked,
            Ok(Ok(Err(manifest))) => return Tried::Disabled(manifest.map(Box::new)),
            Ok(Err(error)) => return Tried::Broken(error),
            Err(error) => return Tried::Broken(error.to_string()),
        };
        match self.loader.load(&checked).await {
            Ok(loaded) => Tried::Active(loaded, checked.manifest.kind, checked.exported),
            Err(error) => Tried::Broken(error),
        }
    }

    /// Puts what was tried in its place; what answers calls stays unless there is something better.
    fn settle(&self, stem: &str, tried: Tried) {
        let mut slots = BTreeMap::clone(&self.slots.load());
        let before = slots.get(stem).cloned();
        let slot = match tried {
            Tried::Active(loaded, kind, exported) => {
                let version = loaded.version().clone();
                tracing::info!(component = %version, "component active");
                let state = ComponentState {
                    name: stem.to_owned(),
                    version: version.version,
                    hash: version.hash,
                    kind: Some(kind),
                    status: ComponentStatus::Active,
                    capabilities: exported.names().into_iter().map(str::to_owned).collect(),
                    since: Timestamp::now(),
                };
                Slot { loaded: Some(loaded), state }
            }
            Tried::Disabled(manifest) => {
                tracing::info!(component = stem, "component not enabled by its operator");
                let mut state = empty(stem, ComponentStatus::Disabled);
                state.version = manifest.as_ref().map(|manifest| manifest.version.clone()).unwrap_or_default();
                state.kind = manifest.map(|manifest| manifest.kind);
                Slot { loaded: None, state }
            }
            Tried::Broken(error) => {
                let serving = before.as_ref().is_some_and(|slot| slot.loaded.is_some());
                let status = ComponentStatus::Broken { error, serving };
                match before {
                    Some(slot) if slot.state.status == status => return,
                    Some(slot) => {
                        log_broken(stem, &status);
                        Slot { state: ComponentState { status, ..slot.state }, ..slot }
                    }
                    None => {
                        log_broken(stem, &status);
                        Slot { loaded: None, state: empty(stem, status) }
                    }
                }
            }
        };
        slots.insert(stem.to_owned(), slot);
        self.slots.store(Arc::new(slots));
    }
}

fn log_broken(stem: &str, status: &ComponentStatus) {
    if let ComponentStatus::Broken { error, serving } = status {
        let serving = if *serving { "the version before it keeps answering" } else { "nothing answers in its place" };
        tracing::error!(component = stem, %error, serving, "component file cannot be used");
    }
}

fn empty(stem: &str, status: ComponentStatus) -> ComponentState {
    ComponentState {
        name: stem.to_owned(),
        version: String::new(),
        hash: String::new(),
        kind: None,
        status,
        capabilities: Vec::new(),
        since: Timestamp::now(),
    }
}

/// Rule sets can do no harm; whatever talks to the outside needs its operator's word.
fn is_enabled(loader: &Loader, files: &Files) -> bool {
    match loader.grants.get(&files.stem) {
        Some(grant) => grant.enabled,
        None => {
            Manifest::parse(&files.manifest, &files.stem).map_or(true, |manifest| manifest.kind == ComponentKind::Rules)
        }
    }
}

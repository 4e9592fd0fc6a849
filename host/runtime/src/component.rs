//! A component version: loaded, checked, linked.

use crate::artifacts::Artifacts;
use crate::call::{CallState, Callee, Given, Shared};
use crate::config::{Grant, LimitOverrides, Limits};
use crate::egress::{Egress, Live, Policy, Recorded};
use crate::gate::Gate;
use crate::host_calls::{self, LogBudget};
use crate::interfaces::{Exported, Names};
use crate::manifest::Manifest;
use crate::payment_component::PaymentComponent;
use crate::rules_component::RulesComponent;
use crate::secrets::Secrets;
use crate::supplier_component::SupplierComponent;
use crate::version::{ComponentKind, PluginVersion};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use wasmtime::component::{Component, InstancePre, Linker};

/// What loading needs beside the files.
pub(crate) struct Loader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) artifacts: Artifacts,
    pub(crate) linker: Linker<CallState>,
    pub(crate) grants: BTreeMap<String, Grant>,
    pub(crate) defaults: Limits,
    pub(crate) ceiling: Limits,
}

/// A component of one kind, ready to be called.
#[derive(Clone)]
pub(crate) enum Loaded {
    Supplier(Arc<SupplierComponent>),
    Payment(Arc<PaymentComponent>),
    Rules(Arc<RulesComponent>),
}

impl Loaded {
    pub(crate) fn version(&self) -> &PluginVersion {
        match self {
            Self::Supplier(supplier) => &supplier.callee.version,
            Self::Payment(payment) => &payment.callee.version,
            Self::Rules(rules) => &rules.version,
        }
    }
}

/// The two files, as they were read.
pub(crate) struct Files {
    pub(crate) stem: String,
    pub(crate) wasm: Vec<u8>,
    pub(crate) manifest: String,
}

impl Files {
    /// Reads `NAME.wasm` and the `NAME.toml` beside it.
    pub(crate) fn read(wasm: &Path) -> Result<Self, String> {
        let stem = wasm.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let unreadable = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        let manifest_path = wasm.with_extension("toml");
        let manifest = std::fs::read_to_string(&manifest_path).map_err(|error| unreadable(&manifest_path, error))?;
        let wasm = std::fs::read(wasm).map_err(|error| unreadable(wasm, error))?;
        Ok(Self { stem, wasm, manifest })
    }

    pub(crate) fn hash(&self) -> String {
        hex::encode(Sha256::digest(&self.wasm))
    }
}

/// A component that was checked, before it is told what it may do.
pub(crate) struct Checked {
    pub(crate) manifest: Manifest,
    pub(crate) version: PluginVersion,
    pub(crate) exported: Exported,
    component: Component,
}

impl Loader {
    pub(crate) fn new(
        shared: Arc<Shared>,
        artifacts: Artifacts,
        grants: BTreeMap<String, Grant>,
        defaults: Limits,
        ceiling: Limits,
    ) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&shared.engine);
        host_calls::add_to_linker(&mut linker)?;
        Ok(Self { shared, artifacts, linker, grants, defaults, ceiling })
    }

    /// Reads and compiles; slow, and not for an async worker thread. The error says what is wrong, for operators.
    pub(crate) fn check(&self, files: &Files) -> Result<Checked, String> {
        let manifest = Manifest::parse(&files.manifest, &files.stem)?;
        let hash = files.hash();
        let engine = &self.shared.engine;
        let component = self.artifacts.component(engine, &files.wasm, &hash);
        let component = component.map_err(|error| format!("component `{}`: {error:#}", files.stem))?;
        let exported = Names::of(&component, engine).check(&manifest.name, manifest.kind)?;
        exported.fits(&manifest.name, &manifest.contract)?;
        let version = PluginVersion { name: manifest.name.clone(), version: manifest.version.clone(), hash };
        Ok(Checked { manifest, version, exported, component })
    }

    /// Gives it what its operator grants, links it, and asks it who it is.
    pub(crate) async fn load(&self, checked: &Checked) -> Result<Loaded, String> {
        let default = Grant::default();
        let grant = self.grants.get(&checked.manifest.name).unwrap_or(&default);
        let limits = self.limits(&checked.manifest.limits, &grant.limits);
        if checked.manifest.kind == ComponentKind::Rules {
            let shared = Arc::clone(&self.shared);
            let pre = link(&Linker::new(&shared.engine), checked)?;
            let version = checked.version.clone();
            let rules = RulesComponent::load(shared, version, &checked.exported, limits, pre).await?;
            return Ok(Loaded::Rules(Arc::new(rules)));
        }
        let policy = Policy::new(&checked.manifest.capabilities.hosts, grant)?;
        let egress = Egress::Live(Arc::new(Live::new(&checked.manifest.name, policy, limits)?));
        let secrets = Secrets::read(&checked.manifest.capabilities.secrets, grant)?;
        self.bind(checked, limits, grant, egress, secrets).await
    }

    /// The same with recorded replies in the place of the far side, and dummy secrets.
    pub(crate) async fn load_recorded(&self, checked: &Checked, recorded: Arc<Recorded>) -> Result<Loaded, String> {
        if checked.manifest.kind == ComponentKind::Rules {
            return self.load(checked).await;
        }
        let limits = self.limits(&checked.manifest.limits, &LimitOverrides::default());
        let secrets = Secrets::dummies(&checked.manifest.capabilities.secrets);
        let mut grant = self.grants.get(&checked.manifest.name).cloned().unwrap_or_default();
        // An adapter may do without what a recording can't have, such as a token of an earlier answer.
        grant.config.insert("replay".to_owned(), "true".to_owned());
        self.bind(checked, limits, &grant, Egress::Recorded(recorded), secrets).await
    }

    async fn bind(
        &self,
        checked: &Checked,
        limits: Limits,
        grant: &Grant,
        egress: Egress,
        secrets: Secrets,
    ) -> Result<Loaded, String> {
        let pre = link(&self.linker, checked)?;
        let scope = format!("{}/{}", checked.manifest.name, grant.credential_set);
        let given = Given {
            config: grant.config.clone(),
            secrets,
            state_scope: checked.manifest.capabilities.state.then_some(scope),
            egress,
            log: LogBudget::new(),
        };
        let callee = Callee {
            version: checked.version.clone(),
            limits,
            pre,
            gate: Gate::new(limits.concurrency as usize, limits.queue as usize),
            given: Arc::new(given),
            shared: Arc::clone(&self.shared),
        };
        Ok(match checked.manifest.kind {
            ComponentKind::Payment => Loaded::Payment(Arc::new(PaymentComponent::load(callee).await?)),
            _ => Loaded::Supplier(Arc::new(SupplierComponent::load(callee, &checked.exported).await?)),
        })
    }

    fn limits(&self, manifest: &LimitOverrides, grant: &LimitOverrides) -> Limits {
        let mut limits = self.defaults.with(manifest, &self.ceiling, grant);
        // The pool's memories are of the ceiling's size.
        limits.memory_mb = limits.memory_mb.min(self.ceiling.memory_mb);
        limits
    }
}

fn link<T: 'static>(linker: &Linker<T>, checked: &Checked) -> Result<InstancePre<T>, String> {
    let pre = linker.instantiate_pre(&checked.component);
    pre.map_err(|error| format!("component `{}` does not link: {error:#}", checked.manifest.name))
}

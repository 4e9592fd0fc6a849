//! A host with a folder of its own.

use crate::build;
use crate::far_side::FarSide;
use anyhow::{Context, Result};
use interline_domain::order::{Contact, Gender, Traveller};
use interline_domain::passengers::{PassengerKind, PassengerMix};
use interline_domain::trip::{Cabin, SliceQuery, Trip};
use interline_runtime::{
    ComponentState, Grant, LimitOverrides, MemoryStateStore, OrderRequest, Runtime, RuntimeConfig, SearchRequest,
    SecretFile, SecretSource, Supplier, Suppliers,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A running host, the far side of its components, and their folder.
pub struct Lab {
    /// The host.
    pub runtime: Runtime,
    /// Where the components' requests go.
    pub far: FarSide,
    root: TempDir,
}

impl Lab {
    /// A host with the hostile component under each of the names.
    pub async fn start(names: &[&str], limits: LimitOverrides) -> Result<Self> {
        let root = tempfile::tempdir()?;
        let far = FarSide::start().await?;
        let components = root.path().join("components");
        std::fs::create_dir(&components)?;
        std::fs::write(root.path().join("secret"), "s3cret\n")?;
        let mut config = RuntimeConfig::new(&components, artifacts()?);
        for name in names {
            std::fs::write(components.join(format!("{name}.toml")), manifest(name, "0.1.0"))?;
            std::fs::write(components.join(format!("{name}.wasm")), build::wasm()?)?;
            config.grants.insert((*name).to_owned(), grant(&root, &far, limits)?);
        }
        let runtime = Runtime::start(config, Arc::new(MemoryStateStore::default())).await?;
        Ok(Self { runtime, far, root })
    }

    /// The version of a supplier that is active now.
    pub fn supplier(&self, name: &str) -> Result<Arc<dyn Supplier>> {
        Suppliers::get(&self.runtime, name).with_context(|| format!("no supplier {name}: {:?}", self.state(name)))
    }

    /// What the host says of a component.
    pub fn state(&self, name: &str) -> Option<ComponentState> {
        self.runtime.components().into_iter().find(|state| state.name == name)
    }

    /// Waits until the host says something of a component.
    pub async fn wait_until(&self, name: &str, holds: impl Fn(&ComponentState) -> bool) {
        while !self.state(name).is_some_and(|state| holds(&state)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A component's file.
    pub fn file(&self, name: &str, extension: &str) -> PathBuf {
        self.root.path().join("components").join(format!("{name}.{extension}"))
    }

    /// Writes another version of a component: the same code under another hash.
    pub fn replace(&self, name: &str, number: u8) -> Result<()> {
        let partial = self.file(name, "partial");
        std::fs::write(&partial, another(number)?)?;
        std::fs::rename(partial, self.file(name, "wasm"))?;
        Ok(())
    }
}

/// The hostile component with a custom section that changes nothing but the hash.
fn another(number: u8) -> Result<Vec<u8>> {
    let mut wasm = build::wasm()?.to_vec();
    wasm.extend_from_slice(&[0, 3, 1, b'n', number]);
    Ok(wasm)
}

/// Compiled once for all tests.
fn artifacts() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().context("the test program's folder")?.join("hostile-artifacts"))
}

fn manifest(name: &str, version: &str) -> String {
    format!(
        r#"
        name = "{name}"
        version = "{version}"
        kind = "supplier"
        contract = "0.1.0"
        description = "Misbehaves"
        [capabilities]
        hosts = ["far.example.com", "ungranted.example.com"]
        secrets = ["secret", "other-secret"]
        state = true
        "#
    )
}

fn grant(root: &TempDir, far: &FarSide, limits: LimitOverrides) -> Result<Grant> {
    let secret = |hosts| {
        let file = root.path().join("secret");
        SecretSource::File(SecretFile { file, hosts })
    };
    Ok(Grant {
        hosts: vec![far.name()],
        endpoints: BTreeMap::from([("far.example.com".to_owned(), format!("http://{}", far.name()).parse()?)]),
        allow_private: true,
        secrets: BTreeMap::from([
            ("secret".to_owned(), secret(None)),
            ("other-secret".to_owned(), secret(Some(vec!["other.example.com".to_owned()]))),
        ]),
        limits,
        ..Grant::default()
    })
}

/// A search from an origin, which tells the hostile component what to do.
pub fn search(origin: &str) -> Result<SearchRequest> {
    let slice = SliceQuery {
        origin: origin.parse()?,
        destination: "LAX".parse()?,
        departure_date: "2027-01-20".parse().context("a date")?,
    };
    Ok(SearchRequest {
        trip: Trip::new(vec![slice], PassengerMix::new(1, Vec::new(), 0)?, Cabin::Economy)?,
        currency: None,
        point_of_sale: None,
        timeout: Duration::from_secs(60),
        max_offers: 1000,
    })
}

/// An order of an offer, whose id tells the hostile component what to do.
pub fn contract_order(steps: &str) -> Result<OrderRequest> {
    let traveller = Traveller {
        kind: PassengerKind::Adult,
        title: None,
        given_name: "Rita".to_owned(),
        family_name: "Example".to_owned(),
        born_on: "1990-01-31".parse().context("a date")?,
        gender: Gender::Unspecified,
        document: None,
        lap_of: None,
    };
    Ok(OrderRequest {
        client_reference: "reference".to_owned(),
        offer_id: steps.to_owned(),
        token: Arc::from([]),
        expected_total: interline_domain::money::Money::new(1, "EUR".parse()?),
        travellers: vec![traveller],
        contact: Contact { email: "rita@example.com".to_owned(), phone: "+10000000".to_owned() },
        timeout: Duration::from_secs(60),
    })
}

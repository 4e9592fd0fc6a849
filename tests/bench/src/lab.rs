//! The component host in this process, its suppliers' components talking to a far side.

use crate::far::Far;
use anyhow::{Context, Result};
use interline_domain::passengers::PassengerMix;
use interline_domain::trip::{Cabin, SliceQuery, Trip};
use interline_journey::people::day;
use interline_journey::process::components;
use interline_runtime::{
    Grant, MemoryStateStore, Runtime, RuntimeConfig, SearchRequest, SecretSource, Supplier, Suppliers,
};
use interline_sandbox::{
    Config as SandboxConfig, DUFFEL_TOKEN, NDC_KEY, Sandbox, TRAVELPORT_BRANCH, TRAVELPORT_PASSWORD, TRAVELPORT_USER,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A sandbox, and a far side before it.
pub struct Outside {
    /// Where components send their requests.
    pub far: Far,
    _sandbox: Sandbox,
}

impl Outside {
    /// Sells so many offers a search at each supplier.
    pub async fn selling(offers: usize) -> Result<Self> {
        let sandbox = Sandbox::start(SandboxConfig {
            offers_per_search: offers,
            offer_life: Duration::from_secs(6 * 3600),
            ..SandboxConfig::on_a_free_port()
        })
        .await?;
        let far = Far::start().await?;
        far.pass_on_to(sandbox.addr());
        Ok(Self { far, _sandbox: sandbox })
    }
}

/// Starts the host with the suppliers' components, and those of a folder.
pub async fn host(folder: &Path, outside: SocketAddr) -> Result<Runtime> {
    let artifacts = components()?.with_file_name("artifacts");
    let grants = BTreeMap::from([
        grant("duffel", "api.duffel.com", outside, ("access-token", DUFFEL_TOKEN.to_owned()))?,
        grant("ndc", "ndc.example.com", outside, ("api-key", NDC_KEY.to_owned()))?,
        grant(
            "travelport",
            "americas.universal-api.travelport.com",
            outside,
            ("credential", format!("{TRAVELPORT_USER}:{TRAVELPORT_PASSWORD}")),
        )?,
    ]);
    let config = RuntimeConfig { grants, watch: false, ..RuntimeConfig::new(folder, artifacts) };
    Ok(Runtime::start(config, Arc::new(MemoryStateStore::default())).await?)
}

fn grant(name: &str, host: &str, outside: SocketAddr, secret: (&str, String)) -> Result<(String, Grant)> {
    let grant = Grant {
        hosts: vec![host.to_owned()],
        endpoints: BTreeMap::from([(host.to_owned(), format!("http://{outside}/{name}").parse()?)]),
        allow_private: true,
        config: BTreeMap::from([("branch".to_owned(), TRAVELPORT_BRANCH.to_owned())]),
        secrets: BTreeMap::from([(secret.0.to_owned(), SecretSource::Value(secret.1))]),
        ..Grant::default()
    };
    Ok((name.to_owned(), grant))
}

/// A supplier of the host.
pub fn supplier(runtime: &Runtime, name: &str) -> Result<Arc<dyn Supplier>> {
    Suppliers::get(runtime, name).with_context(|| format!("no supplier {name}: {:?}", runtime.components()))
}

/// One adult, economy: from, to, and days ahead of the first day of all.
pub fn trip(slices: &[(&str, &str, i64)]) -> Result<Trip> {
    let slice = |(from, to, ahead): &(&str, &str, i64)| {
        anyhow::Ok(SliceQuery { origin: from.parse()?, destination: to.parse()?, departure_date: day(*ahead) })
    };
    let slices = slices.iter().map(slice).collect::<Result<_>>()?;
    Ok(Trip::new(slices, PassengerMix::new(1, Vec::new(), 0)?, Cabin::Economy)?)
}

/// A search for a trip, as the read path makes it.
pub fn search(trip: Trip) -> Result<SearchRequest> {
    Ok(SearchRequest {
        trip,
        currency: Some("USD".parse()?),
        point_of_sale: Some("ID".to_owned()),
        timeout: Duration::from_secs(30),
        max_offers: 10_000,
    })
}

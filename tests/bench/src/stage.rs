//! A gateway with everything around it: alone on its processor, with nothing that runs out while it is measured.

use crate::cores::Cores;
use crate::far::Far;
use crate::load::{Answer, fetch, get};
use crate::spent;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use interline_journey::stack::{Setup, Stack};
use interline_sandbox::Config as SandboxConfig;
use std::net::SocketAddr;
use std::time::Duration;

/// Suppliers of a stage, unless a row wants others.
pub const SUPPLIERS: [&str; 3] = ["duffel", "ndc", "travelport"];

/// What a row changes about its gateway.
pub struct Wish {
    /// Names of the suppliers' components.
    pub suppliers: Vec<&'static str>,
    /// Offers of each supplier.
    pub offers: usize,
    /// A worker runs too.
    pub worker: bool,
    /// Further lines of configuration, by section.
    pub sections: Vec<(&'static str, String)>,
}

impl Default for Wish {
    fn default() -> Self {
        Self { suppliers: SUPPLIERS.to_vec(), offers: 100, worker: false, sections: Vec::new() }
    }
}

/// A running gateway.
pub struct Stage {
    /// The gateway and all that is around it.
    pub stack: Stack,
    /// What the suppliers' components talk to.
    pub far: Far,
    /// Where the gateway listens.
    pub address: SocketAddr,
    api_key: String,
}

impl Stage {
    /// Starts it on the server's processor; sandbox and far side stay here.
    pub async fn start(cores: &Cores, wish: Wish) -> Result<Self> {
        let mut setup = Setup::with_all(&wish.suppliers)
            .section("api", "address_limit = { per_second = 1000000, burst = 1000000 }")
            .section("api", "rate_plans = { standard = { per_second = 1000000, burst = 1000000 } }")
            .section("search", "freshness = [{ fresh_seconds = 14400, stale_seconds = 14400 }]\nmemory_mb = 4096\npage_memory_mb = 2048");
        setup.worker = wish.worker;
        for (name, lines) in &wish.sections {
            setup = setup.section(name, lines);
        }
        setup.sandbox = SandboxConfig {
            offers_per_search: wish.offers,
            offer_life: Duration::from_secs(6 * 3600),
            ..SandboxConfig::on_a_free_port()
        };
        let far = Far::start().await?;
        for (name, lines) in endpoints(&wish.suppliers, far.address) {
            setup = setup.section(name, &lines);
        }
        cores.be_server()?;
        let started = Stack::start(setup).await;
        cores.be_driver()?;
        let stack = started?;
        far.pass_on_to(stack.sandbox.addr());
        let address = stack.client.base.trim_start_matches("http://").parse()?;
        let api_key = stack.client.api_key().to_owned();
        Ok(Self { stack, far, address, api_key })
    }

    /// A GET request of a frontend.
    pub fn get(&self, path: &str) -> Bytes {
        get(path, &[("x-api-key", &self.api_key)])
    }

    /// Asks once, over a connection of its own; anything but a page is an error.
    pub async fn page(&self, path: &str) -> Result<Answer> {
        let answer = fetch(self.address, &self.get(path)).await?;
        if answer.status != 200 {
            let log = self.stack.gateway.log();
            let why = log.lines().rev().find(|line| line.contains("\"ERROR\"")).unwrap_or_default();
            bail!("{path}: {} {}\n{why}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(answer)
    }

    /// The gateway's process.
    pub fn process(&self) -> Result<u32> {
        self.stack.gateway.id().context("the gateway has ended")
    }

    /// Processor time that the gateway has used.
    pub fn cpu(&self) -> Result<Duration> {
        spent::cpu(self.process()?)
    }
}

/// Sends the suppliers' components to the far side; those of an unknown name speak Duffel's protocol.
fn endpoints<'a>(
    suppliers: &'a [&'static str],
    far: SocketAddr,
) -> impl Iterator<Item = (&'static str, String)> + use<'a> {
    suppliers.iter().map(move |name| {
        let (host, path) = match *name {
            "travelport" => ("americas.universal-api.travelport.com", "travelport"),
            "ndc" => ("ndc.example.com", "ndc"),
            _ => ("api.duffel.com", "duffel"),
        };
        let section: &'static str = format!("suppliers.{name}").leak();
        (section, format!("endpoints = {{ {host:?} = \"http://{far}/{path}\" }}"))
    })
}

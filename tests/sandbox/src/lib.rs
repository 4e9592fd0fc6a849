//! Suppliers and a payment provider to run against: Duffel, Travelport uAPI, NDC 21.3 and Stripe, over HTTP.
//!
//! It runs in a process of its own (the binary `interline-sandbox`) or inside a test ([`Sandbox::start`]). What it sells
//! is made from date, route and seed; what is ordered stays ordered until [`Control::reset`].

pub mod books;
pub mod calls;
pub mod control;
pub mod dice;
pub mod duffel;
pub mod faults;
pub mod gate;
pub mod inventory;
pub mod money;
pub mod ndc;
mod server;
mod shelf;
pub mod stripe;
pub mod supplier;
pub mod travelport;
#[cfg(test)]
mod visitor;
mod wire;
mod world;
mod xml;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use control::Control;
pub use faults::{Fault, Kind as FaultKind, Latency};
pub use supplier::Supplier;
pub use world::World;

/// Bearer token that the Duffel side takes.
pub const DUFFEL_TOKEN: &str = "duffel_test_sandbox";
/// Secret key that the Stripe side takes.
pub const STRIPE_SECRET_KEY: &str = "sk_test_sandbox";
/// Publishable key that the Stripe side takes from a browser, beside a client secret.
pub const STRIPE_PUBLISHABLE_KEY: &str = "pk_test_sandbox";
/// Secret that webhooks are signed with.
pub const STRIPE_WEBHOOK_SECRET: &str = "whsec_sandbox";
/// Basic authentication of the Travelport side: user name.
pub const TRAVELPORT_USER: &str = "Universal API/uAPI-sandbox";
/// Basic authentication of the Travelport side: password.
pub const TRAVELPORT_PASSWORD: &str = "uapi-sandbox";
/// Branch that Travelport requests must target.
pub const TRAVELPORT_BRANCH: &str = "P0000001";
/// Bearer token that the NDC side takes.
pub const NDC_KEY: &str = "ndc_sandbox";

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens; port 0 for any that is free.
    pub listen: SocketAddr,
    /// What its inventory is made from.
    pub seed: u64,
    /// Most offers in the answer to one search.
    pub offers_per_search: usize,
    /// Currency that the Duffel account is billed in.
    pub duffel_currency: String,
    /// Currency of the Travelport point of sale.
    pub travelport_currency: String,
    /// Currency that NDC offers are made in, where none is asked for.
    pub ndc_currency: String,
    /// How long an offer can be bought.
    pub offer_life: Duration,
    /// How long an order is held without payment.
    pub hold: Duration,
    /// Where webhooks go.
    pub webhook_url: String,
    /// Wait before a webhook is sent again; doubled each time.
    pub webhook_first_retry: Duration,
    /// Tries in all.
    pub webhook_tries: u32,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            seed: 1,
            offers_per_search: 60,
            duffel_currency: "USD".to_owned(),
            travelport_currency: "EUR".to_owned(),
            ndc_currency: "USD".to_owned(),
            offer_life: Duration::from_secs(30 * 60),
            hold: Duration::from_secs(24 * 60 * 60),
            webhook_url: "http://127.0.0.1:8080/v1/webhooks/stripe".to_owned(),
            webhook_first_retry: Duration::from_millis(250),
            webhook_tries: 8,
        }
    }
}

impl Config {
    /// The default, on a free port: what tests want.
    pub fn on_a_free_port() -> Self {
        Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() }
    }
}

/// Why a sandbox didn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// No fares are known in a currency.
    #[error("{field}: no fares in {code:?}")]
    Currency {
        /// The field of [`Config`].
        field: &'static str,
        /// What it said.
        code: String,
    },
}

/// A running sandbox. It ends when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    control: Control,
    task: tokio::task::JoinHandle<()>,
}

impl Sandbox {
    /// Binds the address and serves from a task of the current tokio runtime.
    pub async fn start(config: Config) -> Result<Sandbox, StartError> {
        let listen = config.listen;
        let world = Arc::new(World::new(config)?);
        let failed = |error| StartError::Listen(listen, error);
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let control = Control::new(Arc::clone(&world));
        let task = tokio::spawn(server::serve(listener, world));
        Ok(Sandbox { addr, control, task })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Base address of one far side, without a slash at its end: `http://127.0.0.1:8090/duffel`.
    pub fn url(&self, supplier: Supplier) -> String {
        format!("http://{}/{}", self.addr, supplier.name())
    }

    /// Its books, faults and webhooks, without HTTP.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Serves until the listener fails.
    pub async fn wait(mut self) {
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "the sandbox stopped");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

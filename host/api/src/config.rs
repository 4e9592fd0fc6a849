//! Settings of the HTTP side: a section of the gateway's configuration, unknown keys refused.

use crate::limits::RatePlan;
use crate::network::Network;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How HTTP is served.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiConfig {
    /// Seconds after which a request is given up. Event streams are longer.
    pub request_timeout_seconds: u64,
    /// Seconds that a connection is kept without a request, and that the head of one may take; longer than balancers keep
    /// their idle connections, who else meet one that was just closed.
    pub idle_seconds: u64,
    /// Largest body taken, in KiB.
    pub max_body_kb: usize,
    /// Largest head of a request, in KiB.
    pub max_header_kb: usize,
    /// Seconds between two signs of life on an event stream.
    pub heartbeat_seconds: u64,
    /// Origins whose pages may call the API from a browser; `*` for all.
    pub cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed: addresses, or networks that nobody else can send from.
    pub trusted_proxies: Vec<Network>,
    /// Requests of one client address; all its API keys together, and those without one.
    pub address_limit: RatePlan,
    /// Requests of one API key, by the plan that it was made with.
    pub rate_plans: BTreeMap<String, RatePlan>,
    /// Serve `/metrics`. It needs no key: leave it off where strangers reach the listener.
    pub metrics: bool,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            request_timeout_seconds: 60,
            idle_seconds: 75,
            max_body_kb: 256,
            max_header_kb: 32,
            heartbeat_seconds: 15,
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            address_limit: RatePlan { per_second: 100, burst: 500 },
            rate_plans: BTreeMap::from([("standard".to_owned(), RatePlan { per_second: 50, burst: 200 })]),
            metrics: true,
        }
    }
}

impl ApiConfig {
    /// See `request_timeout_seconds`.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }

    /// See `idle_seconds`.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds.max(1))
    }

    /// See `heartbeat_seconds`.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_secs(self.heartbeat_seconds.max(1))
    }
}

//! HAProxy in front of the gateways, on one address that clients know.

use crate::server::Server;
use anyhow::{Context, Result};
use interline_journey::wait::until;
use interline_ports as ports;
use std::fmt::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use tokio::net::TcpStream;

/// A running balancer.
pub struct Balancer {
    port: u16,
    server: Server,
}

impl Balancer {
    /// Chooses its port; it does not run yet.
    ///
    /// `INTERLINE_HAPROXY` is the program, `INTERLINE_HAPROXY_LIBRARIES` the path of its libraries if those are nowhere usual,
    /// `INTERLINE_HAPROXY_CONFIG` its settings but for the gateways, which are written to `folder`.
    pub fn prepare(folder: &Path, gateways: &[u16]) -> Result<Self> {
        let variable =
            |name: &str| std::env::var_os(name).with_context(|| format!("{name} is not set; `make` sets it"));
        let (program, settings) =
            (variable("INTERLINE_HAPROXY")?, PathBuf::from(variable("INTERLINE_HAPROXY_CONFIG")?));
        let port = ports::free()?;
        let servers = folder.join("gateways.cfg");
        std::fs::write(&servers, backend(gateways)?)?;
        let mut environment = vec![("BALANCER_LISTEN".to_owned(), format!("127.0.0.1:{port}"))];
        if let Ok(path) = std::env::var("INTERLINE_HAPROXY_LIBRARIES") {
            environment.push(("LD_LIBRARY_PATH".to_owned(), path));
        }
        let server = Server::new("the balancer", program, folder.join("logs/balancer.log"))
            .arguments(["-db".as_ref(), "-f".as_ref(), settings.as_os_str(), "-f".as_ref(), servers.as_os_str()])
            .environment(environment);
        Ok(Self { port, server })
    }

    /// Where clients go, without a slash at its end.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it, and waits until it takes connections.
    pub async fn start(&mut self) -> Result<()> {
        self.server.start()?;
        let (server, port) = (tokio::sync::Mutex::new(&mut self.server), self.port);
        until("the balancer", || async {
            server.lock().await.check()?;
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
            Ok(connected.map(drop).map_err(|error| error.to_string()))
        })
        .await
    }
}

/// The section that names the gateways.
fn backend(gateways: &[u16]) -> Result<String> {
    let mut section = "backend gateways\n".to_owned();
    for (index, port) in gateways.iter().enumerate() {
        writeln!(section, "    server gateway-{index} 127.0.0.1:{port} check")?;
    }
    Ok(section)
}

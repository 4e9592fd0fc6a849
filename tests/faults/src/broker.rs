//! A Kafka broker of our own, to be killed.

use crate::server::Server;
use anyhow::{Context, Result};
use interline_journey::wait::until;
use interline_ports as ports;
use std::net::Ipv4Addr;
use std::path::Path;
use tokio::net::TcpStream;

/// One broker.
pub struct Broker {
    port: u16,
    server: Server,
}

impl Broker {
    /// Starts one with its data below `folder`. `INTERLINE_BROKER` is a program that runs one, as `BROKER serve PORT FOLDER`.
    pub async fn start(folder: &Path) -> Result<Self> {
        let program = std::env::var_os("INTERLINE_BROKER").context("INTERLINE_BROKER is not set; `make` sets it")?;
        let (port, data) = (ports::free()?, folder.join("kafka"));
        std::fs::create_dir_all(&data)?;
        let server = Server::new("the broker", program, folder.join("logs/broker.log")).arguments([
            "serve".as_ref(),
            port.to_string().as_ref(),
            data.as_os_str(),
        ]);
        let mut broker = Self { port, server };
        broker.restart().await?;
        Ok(broker)
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it, on what it had, and waits until it takes connections.
    pub async fn restart(&mut self) -> Result<()> {
        self.server.start()?;
        let (server, port) = (tokio::sync::Mutex::new(&mut self.server), self.port);
        until("the broker", || async {
            server.lock().await.check()?;
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
            Ok(connected.map(drop).map_err(|error| error.to_string()))
        })
        .await
    }

    /// SIGKILL.
    pub async fn kill(&mut self) -> Result<()> {
        self.server.kill().await
    }
}

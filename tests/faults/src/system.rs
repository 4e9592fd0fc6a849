//! Everything that runs: servers, gateways, workers and the balancer, each a process that can be killed; the suppliers and
//! the payment provider, who fail in other ways; and a frontend's credentials.

use crate::balancer::Balancer;
use crate::broker::Broker;
use crate::database::Database;
use crate::postbox::Postbox;
use crate::redis::Redis;
use crate::schedule::Target;
use crate::server::Server;
use anyhow::{Context, Result};
use interline_journey::client::Client;
use interline_journey::process::{binary, run};
use interline_journey::stack::{Setup, configuration};
use interline_journey::wait::until;
use interline_ports as ports;
use interline_sandbox::{Config as SandboxConfig, Sandbox, Supplier};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Gateways.
    pub nodes: usize,
    /// Workers.
    pub workers: usize,
}

/// A running system. It ends when this is dropped.
pub struct System {
    /// The far side. It is not killed: its books are what the others are compared with.
    pub sandbox: Sandbox,
    /// PostgreSQL.
    pub database: Database,
    /// The mail that went out.
    pub postbox: Postbox,
    /// A frontend, behind the balancer.
    pub client: Client,
    /// `interline serve`, each.
    pub gateways: Vec<Server>,
    /// `interline worker`, each.
    pub workers: Vec<Server>,
    ports: Vec<u16>,
    redis: Redis,
    broker: Broker,
    balancer: Balancer,
}

impl System {
    /// Starts all of it below a folder, and waits until every gateway is ready.
    pub async fn start(shape: Shape, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder.join("logs"))?;
        // PostgreSQL's own user must get through.
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))?;
        let ports = (0..shape.nodes).map(|_| ports::free()).collect::<Result<Vec<_>>>()?;
        let balancer = Balancer::prepare(folder, &ports)?;
        let setup = setup();
        let sandbox =
            SandboxConfig { webhook_url: format!("{}/v1/webhooks/stripe", balancer.base()), ..setup.sandbox.clone() };
        let sandbox = Sandbox::start(sandbox).await?;
        let (database, redis, broker) =
            tokio::try_join!(Database::start(folder), Redis::start(folder), Broker::start(folder))?;
        let postbox = Postbox::watch(&folder.join("mail"))?;

        let cache = format!("mode = \"cluster\"\nnodes = {:?}", redis.addresses());
        let setup = setup.over_kafka(&broker.address()).section("redis", &cache);
        let config = folder.join("interline.toml");
        // Long enough for the balancer to notice.
        let text = format!("unready_seconds = 2\n{}", configuration(&setup, &sandbox, 0, folder)?);
        std::fs::write(&config, text)?;
        let environment = vec![
            ("DATABASE_URL".to_owned(), database.url.clone()),
            ("INTERLINE_CONFIG".to_owned(), config.display().to_string()),
        ];
        run(&["migrate"], &environment).await?;
        let client = frontend(&balancer.base(), folder, &environment).await?;
        let gateways = ports.iter().enumerate().map(|(index, port)| {
            let listen = ("INTERLINE_LISTEN".to_owned(), format!("127.0.0.1:{port}"));
            process("serve", &format!("gateway-{index}"), folder, &environment)
                .map(|server| server.environment([listen]))
        });
        let gateways = gateways.collect::<Result<Vec<_>>>()?;
        let workers =
            (0..shape.workers).map(|index| process("worker", &format!("worker-{index}"), folder, &environment));
        let workers = workers.collect::<Result<Vec<_>>>()?;
        let mut system = Self { sandbox, database, postbox, client, gateways, workers, ports, redis, broker, balancer };
        for index in 0..shape.nodes {
            system.start_gateway(index).await?;
        }
        for worker in &mut system.workers {
            worker.start()?;
        }
        system.balancer.start().await?;
        Ok(system)
    }

    /// Base address of the payment provider.
    pub fn provider(&self) -> String {
        self.sandbox.url(Supplier::Stripe)
    }

    /// SIGKILL.
    pub async fn kill(&mut self, target: Target) -> Result<()> {
        match target {
            Target::Gateway(index) => self.gateways.get_mut(index).context("no such gateway")?.kill().await,
            Target::Worker(index) => self.workers.get_mut(index).context("no such worker")?.kill().await,
            Target::RedisPrimary(shard) => self.redis.kill_primary(shard).await,
            Target::Broker => self.broker.kill().await,
            Target::Database => self.database.kill().await,
        }
    }

    /// Starts what was killed. Of a gateway and a worker it is not waited for: the others go on meanwhile.
    pub async fn restart(&mut self, target: Target) -> Result<()> {
        match target {
            Target::Gateway(index) => self.gateways.get_mut(index).context("no such gateway")?.start(),
            Target::Worker(index) => self.workers.get_mut(index).context("no such worker")?.start(),
            Target::RedisPrimary(shard) => self.redis.restart(shard).await,
            Target::Broker => self.broker.restart().await,
            Target::Database => self.database.restart().await,
        }
    }

    /// Fails, with the log's end, if a gateway or a worker has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        self.gateways.iter_mut().chain(&mut self.workers).try_for_each(Server::check)
    }

    /// Starts a gateway, and waits until it is ready.
    pub async fn start_gateway(&mut self, index: usize) -> Result<()> {
        let gateway = self.gateways.get_mut(index).context("no such gateway")?;
        gateway.start()?;
        let gateway = tokio::sync::Mutex::new(gateway);
        let url = format!("http://127.0.0.1:{}/readyz", self.ports.get(index).context("no such gateway")?);
        until("a gateway ready", || async {
            gateway.lock().await.check()?;
            Ok(match reqwest::get(&url).await {
                Ok(answer) if answer.status().is_success() => Ok(()),
                Ok(answer) => Err(answer.text().await.unwrap_or_default()),
                Err(error) => Err(error.to_string()),
            })
        })
        .await
    }
}

/// Times short enough that what is left to time happens within a minute.
fn setup() -> Setup {
    let mut setup = Setup::with_all(&["duffel", "ndc"])
        .section("api", "trusted_proxies = [\"127.0.0.1\"]\nrequest_timeout_seconds = 20")
        .section("booking", "call_seconds = 5\npayment_seconds = 25")
        .section(
            "worker",
            "concurrency = 8\nlease_seconds = 5\npoll_millis = 500\nsweep_seconds = 1\npayment_poll_seconds = 3\n\
             max_backoff_seconds = 4",
        );
    setup.sandbox.offers_per_search = 40;
    setup
}

fn process(command: &str, name: &str, folder: &Path, environment: &[(String, String)]) -> Result<Server> {
    let log: PathBuf = folder.join(format!("logs/{name}.log"));
    let node = ("WORKER".to_owned(), name.to_owned());
    let server = Server::new(name, binary()?, log).arguments([command]);
    Ok(server.environment(environment.iter().cloned()).environment([node]))
}

async fn frontend(base: &str, folder: &Path, environment: &[(String, String)]) -> Result<Client> {
    let (key, token) = (folder.join("api-key"), folder.join("user-token"));
    let (key_path, token_path) = (key.display().to_string(), token.display().to_string());
    run(&["demo", "--api-key-file", &key_path, "--user-token-file", &token_path], environment).await?;
    let read = |path: &Path| std::fs::read_to_string(path).map(|text| text.trim().to_owned());
    Client::new(base, &read(&key)?, &read(&token)?)
}

//! A gateway with everything around it, for one test.

use crate::client::Client;
use crate::database::Database;
use crate::people::{Party, day, trip};
use crate::process::{Process, components, run};
use crate::wait::until;
use anyhow::{Context, Result, anyhow};
use interline_sandbox::{Config as SandboxConfig, Sandbox, Supplier};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use toml::{Table, Value};

/// How a [`Stack`] is set up.
pub struct Setup {
    /// Suppliers that are enabled.
    pub suppliers: Vec<&'static str>,
    /// The worker runs, in a process of its own.
    pub worker: bool,
    /// The sandbox.
    pub sandbox: SandboxConfig,
    /// Further lines of the gateway's configuration, by section.
    pub sections: Vec<(&'static str, String)>,
}

impl Setup {
    /// One supplier, and a worker.
    pub fn with(supplier: &'static str) -> Self {
        Self::with_all(&[supplier])
    }

    /// These suppliers, and a worker.
    pub fn with_all(suppliers: &[&'static str]) -> Self {
        Self {
            suppliers: suppliers.to_vec(),
            worker: true,
            sandbox: SandboxConfig::on_a_free_port(),
            sections: Vec::new(),
        }
    }

    /// Jobs travel through the broker at this address.
    #[must_use]
    pub fn over_kafka(self, address: &str) -> Self {
        let lines = format!(
            "kind = \"kafka\"\nbrokers = [{address:?}]\ninstance = \"${{WORKER:-none}}\"\npartitions = 6\n\
             session_seconds = 6\nfetch_wait_millis = 20"
        );
        self.section("worker.queue", &lines)
    }

    /// Adds lines to a section of the configuration.
    #[must_use]
    pub fn section(mut self, name: &'static str, lines: &str) -> Self {
        self.sections.push((name, lines.to_owned()));
        self
    }
}

/// Everything that runs for a test; it ends when this is dropped.
pub struct Stack {
    /// The far side.
    pub sandbox: Sandbox,
    /// `interline serve`.
    pub gateway: Process,
    /// `interline worker`.
    pub worker: Option<Process>,
    /// What they write.
    pub database: Database,
    /// A frontend.
    pub client: Client,
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// One more gateway beside a stack's first.
pub struct Beside {
    /// `interline serve`.
    pub gateway: Process,
    /// The same frontend, asking it.
    pub client: Client,
}

impl Stack {
    /// Starts all of it, and waits until the gateway is ready.
    pub async fn start(setup: Setup) -> Result<Self> {
        let database = Database::create().await?;
        let port = interline_ports::free()?;
        let base = format!("http://127.0.0.1:{port}");
        let sandbox = Sandbox::start(SandboxConfig {
            webhook_url: format!("{base}/v1/webhooks/stripe"),
            ..setup.sandbox.clone()
        })
        .await?;
        let folder = TempDir::new()?;
        let config = folder.path().join("interline.toml");
        std::fs::write(&config, configuration(&setup, &sandbox, port, folder.path())?)?;
        let environment = vec![
            ("DATABASE_URL".to_owned(), database.url.clone()),
            ("INTERLINE_CONFIG".to_owned(), config.display().to_string()),
        ];
        run(&["migrate"], &environment).await?;
        let (key, token) = (folder.path().join("api-key"), folder.path().join("user-token"));
        let (key_path, token_path) = (key.display().to_string(), token.display().to_string());
        run(&["demo", "--api-key-file", &key_path, "--user-token-file", &token_path], &environment).await?;
        let read = |path: &Path| std::fs::read_to_string(path).map(|text| text.trim().to_owned());
        let client = Client::new(&base, &read(&key)?, &read(&token)?)?;
        let gateway = Process::start(&["serve"], &environment, &folder.path().join("gateway.log"))?;
        let mut stack = Self { sandbox, gateway, worker: None, database, client, folder, environment };
        if setup.worker {
            stack.start_worker()?;
        }
        ready(&mut stack.gateway, &base).await?;
        Ok(stack)
    }

    /// Starts a worker, in place of the one before.
    pub fn start_worker(&mut self) -> Result<()> {
        self.worker = Some(self.another_worker("worker")?);
        Ok(())
    }

    /// Starts one more gateway with the same configuration, and waits until it is ready.
    pub async fn another_gateway(&self) -> Result<Beside> {
        let port = interline_ports::free()?;
        let mut environment = self.environment.clone();
        environment.push(("INTERLINE_LISTEN".to_owned(), format!("127.0.0.1:{port}")));
        let log = self.folder.path().join(format!("gateway-{port}.log"));
        let mut gateway = Process::start(&["serve"], &environment, &log)?;
        let client = Client { base: format!("http://127.0.0.1:{port}"), ..self.client.clone() };
        ready(&mut gateway, &client.base).await?;
        Ok(Beside { gateway, client })
    }

    /// Starts one more worker. The configuration knows its name as `${WORKER:-}`.
    pub fn another_worker(&self, name: &str) -> Result<Process> {
        let mut environment = self.environment.clone();
        environment.push(("WORKER".to_owned(), name.to_owned()));
        Process::start(&["worker"], &environment, &self.folder.path().join(format!("{name}.log")))
    }

    /// The files that mail is written to.
    pub fn mails(&self) -> Result<Vec<PathBuf>> {
        let folder = self.folder.path().join("mail");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                files.push(path);
            }
        }
        Ok(files)
    }

    /// Pays a payment in the traveller's browser, with a card that is good.
    pub async fn confirm(&self, payment: &serde_json::Value) -> Result<()> {
        let secret = payment["client_secret"].as_str().context("the payment has no client secret")?;
        let intent = secret.split("_secret").next().context("no intent id")?;
        let url = format!("{}/v1/payment_intents/{intent}/confirm", self.sandbox.url(Supplier::Stripe));
        let form = [("payment_method", "pm_card_visa"), ("client_secret", secret)];
        let response = reqwest::Client::new()
            .post(url)
            .bearer_auth(interline_sandbox::STRIPE_PUBLISHABLE_KEY)
            .form(&form)
            .send()
            .await?;
        response.error_for_status().context("confirming at the provider")?;
        Ok(())
    }

    /// Searches, verifies and books a one-way trip for one adult; the booking's id.
    pub async fn booked(&self) -> Result<String> {
        let party = Party::one();
        let quote = self.client.quote(&trip(&[("CGK", "NRT", day(0))], &party)).await?;
        let booking = self.client.book(&quote, &party.passengers(day(0))).await?;
        Ok(booking["id"].as_str().context("the booking has no id")?.to_owned())
    }

    /// The same, and pays it with a good card.
    pub async fn paid(&self) -> Result<String> {
        let id = self.booked().await?;
        let payment = self.client.pay(&id).await?;
        self.confirm(&payment).await?;
        Ok(id)
    }

    /// What the provider took and gave back in all, in minor units.
    pub fn moved(&self) -> (i64, i64) {
        let payments = self.sandbox.control().payments();
        (payments.iter().map(|payment| payment.charged).sum(), payments.iter().map(|payment| payment.refunded).sum())
    }

    /// Sum of the ledger's rows of one kind for a booking, in minor units, and their number.
    pub async fn ledger(&self, booking: &str, event_type: &str) -> Result<(i64, i64)> {
        let row = sqlx::query_as(
            "SELECT COALESCE(SUM(amount), 0)::bigint, COUNT(*) FROM transactions
             WHERE booking_id = $1::uuid AND event_type = $2",
        );
        Ok(row.bind(booking).bind(event_type).fetch_one(&self.database.pool).await?)
    }

    /// Both processes' logs.
    pub fn logs(&self) -> String {
        let worker = self.worker.as_ref().map(Process::log).unwrap_or_default();
        format!("{}\n{worker}", self.gateway.log())
    }

    /// An error with both processes' logs behind it.
    pub fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        anyhow!("{error:#}\n{}", self.logs())
    }
}

async fn ready(gateway: &mut Process, base: &str) -> Result<()> {
    let url = format!("{base}/readyz");
    let gateway = std::sync::Mutex::new(gateway);
    until("the gateway ready", || async {
        if let Ok(mut gateway) = gateway.lock() {
            gateway.check()?;
        }
        match reqwest::get(&url).await {
            Ok(answer) if answer.status().is_success() => Ok(Ok(())),
            Ok(answer) => Ok(Err(answer.text().await?)),
            Err(error) => Ok(Err(error.to_string())),
        }
    })
    .await
}

/// The gateway's configuration for a setup, with mail in the folder.
pub fn configuration(setup: &Setup, sandbox: &Sandbox, port: u16, folder: &Path) -> Result<String> {
    let mut config: Table = format!(
        "listen = \"127.0.0.1:{port}\"\n{BASE}\n[components]\npath = {components:?}\nartifacts = {artifacts:?}\n\
         [worker.mail]\ntransport = {{ kind = \"files\", folder = {mail:?} }}\n\
         [payments.stripe]\nhosts = [\"api.stripe.com\"]\nallow_private = true\n\
         endpoints = {{ \"api.stripe.com\" = {stripe:?} }}\n\
         secrets = {{ secret-key = {key:?}, webhook-secret = {webhook:?} }}\n",
        components = components()?,
        artifacts = components()?.with_file_name("artifacts"),
        mail = folder.join("mail"),
        stripe = sandbox.url(Supplier::Stripe),
        key = interline_sandbox::STRIPE_SECRET_KEY,
        webhook = interline_sandbox::STRIPE_WEBHOOK_SECRET,
    )
    .parse()?;
    for supplier in &setup.suppliers {
        merge(&mut config, supplier_section(supplier, sandbox).parse()?);
    }
    for (name, lines) in &setup.sections {
        merge(&mut config, format!("[{name}]\n{lines}\n").parse()?);
    }
    Ok(toml::to_string(&config)?)
}

/// Puts `more` over `base`, table by table.
fn merge(base: &mut Table, more: Table) {
    for (key, value) in more {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(more)) => merge(inner, more),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

const BASE: &str = r#"
[api]
address_limit = { per_second = 10000, burst = 10000 }
rate_plans = { standard = { per_second = 10000, burst = 10000 } }
[rates]
sandbox = true
# How busy the machine is decides of no test; those of overload set it themselves.
[search]
lag_target_ms = 5000
[offers]
signing_keys = [{ id = 1, hex = "2b0e2d3c4b5a69788796a5b4c3d2e1f01f0e2d3c4b5a69788796a5b4c3d2e1f0" }]
[booking]
master_keys = [{ id = "test", hex = "10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" }]
"#;

fn supplier_section(name: &str, sandbox: &Sandbox) -> String {
    let (host, supplier, secrets, config) = match name {
        "travelport" => (
            "americas.universal-api.travelport.com",
            Supplier::Travelport,
            format!(
                "credential = \"{}:{}\"",
                interline_sandbox::TRAVELPORT_USER,
                interline_sandbox::TRAVELPORT_PASSWORD
            ),
            format!("branch = {:?}", interline_sandbox::TRAVELPORT_BRANCH),
        ),
        "ndc" => {
            ("ndc.example.com", Supplier::Ndc, format!("api-key = {:?}", interline_sandbox::NDC_KEY), String::new())
        }
        _ => {
            let token = format!("access-token = {:?}", interline_sandbox::DUFFEL_TOKEN);
            ("api.duffel.com", Supplier::Duffel, token, String::new())
        }
    };
    format!(
        "[suppliers.{name}]\nhosts = [{host:?}]\nallow_private = true\nendpoints = {{ {host:?} = {url:?} }}\n\
         config = {{ {config} }}\nsecrets = {{ {secrets} }}\n",
        url = sandbox.url(supplier),
    )
}

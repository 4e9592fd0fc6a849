//! `interline-sandbox`: serves the sandbox, or asks a running one.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use interline_sandbox::{Config, Sandbox};

mod client;

/// Suppliers and a payment provider to run against, speaking their real protocols.
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "\
Examples:
  interline-sandbox serve --offers 300
  interline-sandbox faults set '{\"supplier\":\"duffel\",\"fault\":{\"kind\":\"sold_out_at_price\"},\"times\":1}'
  interline-sandbox orders"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve /duffel, /travelport, /ndc, /stripe and /control.
    Serve(Serve),
    /// Calls that came in, by supplier and operation.
    Calls(At),
    /// The suppliers' books: every order and what became of it.
    Orders(At),
    /// The payment provider's books: every payment and refund.
    Payments(At),
    /// Faults on order.
    #[command(subcommand)]
    Faults(Faults),
    /// How webhooks are sent, and every try to deliver one.
    Webhooks {
        /// Changes to the plan as JSON, such as '{"suppress":true}' or '{"copies":5}'; without it, it is shown.
        change: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// Forget orders, payments, calls and faults.
    Reset(At),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// What the inventory is made from.
    #[arg(long, env = "SANDBOX_SEED", default_value_t = 1)]
    seed: u64,
    /// Most offers in the answer to one search.
    #[arg(long, env = "SANDBOX_OFFERS", default_value_t = 60)]
    offers: usize,
    /// Where Stripe's events go.
    #[arg(long, env = "SANDBOX_WEBHOOK_URL", default_value = "http://127.0.0.1:8080/v1/webhooks/stripe")]
    webhook_url: String,
    /// Currency of the Duffel account.
    #[arg(long, env = "SANDBOX_DUFFEL_CURRENCY", default_value = "USD")]
    duffel_currency: String,
    /// Currency of the Travelport point of sale.
    #[arg(long, env = "SANDBOX_TRAVELPORT_CURRENCY", default_value = "EUR")]
    travelport_currency: String,
    /// Currency of NDC offers.
    #[arg(long, env = "SANDBOX_NDC_CURRENCY", default_value = "USD")]
    ndc_currency: String,
    /// Minutes that an offer can be bought.
    #[arg(long, env = "SANDBOX_OFFER_MINUTES", default_value_t = 30)]
    offer_minutes: u64,
}

#[derive(Subcommand)]
enum Faults {
    /// Those on order, and how often each fired.
    List(At),
    /// These, and no others; each as JSON. See the README for the kinds.
    Set {
        /// Such as '{"supplier":"duffel","fault":{"kind":"cut"},"times":3}'.
        faults: Vec<String>,
        #[command(flatten)]
        at: At,
    },
    /// One more, as JSON.
    Add {
        /// As for `set`.
        fault: String,
        #[command(flatten)]
        at: At,
    },
    /// None any more.
    Clear(At),
}

#[derive(Args)]
struct At {
    /// Address of the running sandbox.
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("interline-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), client::Error> {
    match command {
        Command::Serve(settings) => serve(settings).await,
        Command::Calls(at) => client::show(at.listen, "GET", "/control/calls", None).await,
        Command::Orders(at) => client::show(at.listen, "GET", "/control/orders", None).await,
        Command::Payments(at) => client::show(at.listen, "GET", "/control/payments", None).await,
        Command::Faults(Faults::List(at)) => client::show(at.listen, "GET", "/control/faults", None).await,
        Command::Faults(Faults::Set { faults, at }) => {
            let body = format!("{{\"faults\":[{}]}}", faults.join(","));
            client::show(at.listen, "PUT", "/control/faults", Some(body)).await
        }
        Command::Faults(Faults::Add { fault, at }) => {
            client::show(at.listen, "POST", "/control/faults", Some(fault)).await
        }
        Command::Faults(Faults::Clear(at)) => client::show(at.listen, "DELETE", "/control/faults", None).await,
        Command::Webhooks { change: Some(change), at } => {
            client::show(at.listen, "PUT", "/control/webhooks", Some(change)).await
        }
        Command::Webhooks { change: None, at } => client::show(at.listen, "GET", "/control/webhooks", None).await,
        Command::Reset(at) => client::show(at.listen, "DELETE", "/control", None).await,
    }
}

async fn serve(settings: Serve) -> Result<(), client::Error> {
    let config = Config {
        listen: settings.listen,
        seed: settings.seed,
        offers_per_search: settings.offers,
        webhook_url: settings.webhook_url,
        duffel_currency: settings.duffel_currency,
        travelport_currency: settings.travelport_currency,
        ndc_currency: settings.ndc_currency,
        offer_life: Duration::from_secs(settings.offer_minutes * 60),
        ..Config::default()
    };
    let sandbox = Sandbox::start(config).await?;
    tracing::info!(address = %sandbox.addr(), "the sandbox serves /duffel /travelport /ndc /stripe and /control");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        () = sandbox.wait() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use interline_api::auth::key::Scope;
use std::path::PathBuf;

const ABOUT: &str =
    "Interline: searches, books, pays, and tickets flights of many suppliers, each an adapter in WebAssembly.";

const LONG_ABOUT: &str = "\
Interline: searches, books, pays, and tickets flights of many suppliers, each an adapter in WebAssembly.

A gateway needs PostgreSQL, a folder of components (`make plugins` fills target/components), and a configuration file:

  export DATABASE_URL=postgres://interline:secret@localhost/interline
  interline config check --config interline.toml   says what is wrong with it
  interline migrate                                makes or updates the tables
  interline key create shop --jwks jwks.json \\
      --issuer https://shop.example --audience interline --point-of-sale ID --currency IDR
  interline serve                                  answers HTTP
  interline worker                                 tickets, refunds, sends mail; run as many as you like";

/// What `interline` is told.
#[derive(Debug, Parser)]
#[command(name = "interline", version, about = ABOUT, long_about = LONG_ABOUT)]
pub struct Cli {
    /// Configuration file; without one, the defaults and the environment.
    #[arg(long, global = true, env = "INTERLINE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve HTTP until SIGTERM or Ctrl-C.
    #[command(
        after_help = "On SIGTERM /readyz turns 503 for `unready_seconds`, so that a balancer sends no more; then no more \
        connections are taken, and those under way have `drain_seconds` to end."
    )]
    Serve {
        /// Run a worker in the same process.
        #[arg(long)]
        with_worker: bool,
    },
    /// Ticket, compensate, refund, send mail and sweep, until SIGTERM or Ctrl-C.
    #[command(
        after_help = "Run as many as you like: PostgreSQL hands out the jobs, or Kafka does. A worker that dies loses \
        nothing.\n\n[worker.queue] says which:\n  \
        queue = { kind = \"postgres\" }                                     the default\n  \
        queue = { kind = \"kafka\", brokers = [\"kafka-1:9092\"], instance = \"${HOSTNAME}\" }\n\n\
        The row in PostgreSQL is the job, a message only tells of it: change from one to the other, and back, by \
        restarting workers, in any order.\n\
        With `worker_listen = \"127.0.0.1:9464\"` a worker shows /metrics, /healthz and /readyz there."
    )]
    Worker,
    /// Make or update the tables of the database.
    Migrate,
    /// Make an API key and a user's token to try things out with.
    #[command(after_help = "Both stay good: run it again as often as you like.\n\nExample:\n  \
        interline demo --api-key-file .data/api-key --user-token-file .data/user-token\n  \
        curl -H \"X-Api-Key: $(cat .data/api-key)\" \
        'http://127.0.0.1:8080/v1/flights/search?origin=CGK&destination=NRT&departure_date=2027-01-20'")]
    Demo(Demo),
    /// API keys of frontends.
    #[command(subcommand)]
    Key(Key),
    /// Components: suppliers' and payment providers' adapters, and rule sets.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Bookings and jobs that need a person.
    #[command(subcommand)]
    Attention(Attention),
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Files of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where the API key is kept.
    #[arg(long, value_name = "FILE", default_value = ".data/api-key")]
    pub api_key_file: PathBuf,
    /// Where the user's token is kept; the key that signs it stays beside it, as FILE.key.
    #[arg(long, value_name = "FILE", default_value = ".data/user-token")]
    pub user_token_file: PathBuf,
}

/// API keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key, and print it once; only its hash is kept.
    #[command(
        after_help = "Example:\n  interline key create shop --scope search --scope book --scope cancel \\\n      \
        --point-of-sale ID --currency IDR --issuer https://shop.example --audience interline \\\n      \
        --jwks-url https://shop.example/.well-known/jwks.json\n\n\
        --jwks FILE in place of --jwks-url keeps the keys as they are now. Without either the key has no users: it can \
        search and verify, and book nothing."
    )]
    Create(Box<NewKey>),
    /// List the keys.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key; it stops working within 15 seconds.
    Revoke {
        /// Id of the key, as `key list` shows it.
        id: uuid::Uuid,
    },
}

/// A key to make.
#[derive(Debug, Args)]
pub struct NewKey {
    /// For people.
    pub name: String,
    /// What it may do: search, book, cancel; all if none is given.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<Scope>,
    /// Rate plan, from [api.rate_plans].
    #[arg(long, default_value = "standard")]
    pub rate_plan: String,
    /// Country of sale, ISO 3166-1 alpha-2.
    #[arg(long, value_name = "COUNTRY")]
    pub point_of_sale: String,
    /// Currency that prices are shown in, unless a request asks for another.
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Sales channel, as the rule sets know it.
    #[arg(long, default_value = "web")]
    pub channel: String,
    /// Customer segment, as the rule sets know it.
    #[arg(long, default_value = "retail")]
    pub customer_segment: String,
    /// Set of suppliers and credentials to search with.
    #[arg(long, default_value = "main")]
    pub credential_set: String,
    /// File with the JWKS (RFC 7517) that the users' tokens are signed with.
    #[arg(long, value_name = "FILE", group = "users", requires = "issuer", requires = "audience")]
    pub jwks: Option<PathBuf>,
    /// Where the JWKS is fetched from, again and again, so that its keys can change: over https.
    #[arg(long, value_name = "URL", group = "users", requires = "issuer", requires = "audience")]
    pub jwks_url: Option<url::Url>,
    /// `iss` of the users' tokens.
    #[arg(long, requires = "users")]
    pub issuer: Option<String>,
    /// `aud` of the users' tokens.
    #[arg(long, requires = "users")]
    pub audience: Option<String>,
}

/// Components.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// List the components of the folder: versions, what they can do, and what is wrong with them.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Feed a recorded reply of a supplier through its component, and print what comes out as JSON.
    #[command(
        after_help = "Operations: search, check-price, create, retrieve, find-order, issue, quote-cancel, cancel.\n\n\
        Example:\n  interline plugin map duffel search --reply offer_request.json\n  \
        interline plugin map duffel create --reply error.json --status 422\n\n\
        Without --request a request is made up that fits the operation. Nothing leaves the machine."
    )]
    Map(PluginMap),
    /// Run a folder of recorded replies, laid out as SUPPLIER/MESSAGE/FILE, through the components, and report on each.
    #[command(
        after_help = "The manifest's section [replay] says which component takes which folder, and which operation \
        each message belongs to.\n\nExample:\n  interline plugin payloads ../payloads --json"
    )]
    Payloads {
        /// The folder.
        folder: PathBuf,
        /// As JSON, one line a file.
        #[arg(long)]
        json: bool,
    },
}

/// What `plugin map` is told.
#[derive(Debug, Args)]
pub struct PluginMap {
    /// Name of the component.
    pub name: String,
    /// The contract's function.
    pub operation: String,
    /// File with the reply's body.
    #[arg(long, value_name = "FILE")]
    pub reply: PathBuf,
    /// HTTP status of the reply.
    #[arg(long, default_value_t = 200)]
    pub status: u16,
    /// File with the request as JSON.
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// Folder of components, instead of the configured one.
    #[arg(long, value_name = "DIR")]
    pub components: Option<PathBuf>,
}

/// What needs a person.
#[derive(Debug, Subcommand)]
pub enum Attention {
    /// List bookings that need attention, jobs that could not end, and alerts that are open.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a dead job back into the queue.
    Replay {
        /// Id of the job, as `attention list` shows it.
        job: uuid::Uuid,
    },
    /// Carry out what a person has found out about a paid booking that needs attention.
    #[command(
        after_help = "Look at the supplier's side first, and cancel there what our books don't have: calls whose outcome was not \
        known count as never made from then on. A booking whose refund failed can only be given back: of the amount that was \
        decided then."
    )]
    Decide {
        /// Id of the booking, as `attention list` shows it.
        booking: uuid::Uuid,
        /// What to do.
        decision: Decision,
    },
    /// Settle an alert whose matter a person has dealt with.
    Settle {
        /// Id of the alert, as `attention list` shows it.
        alert: uuid::Uuid,
    },
    /// Erase the travellers of a booking that is over, by destroying the key that their data are encrypted with.
    Erase {
        /// Id of the booking.
        booking: uuid::Uuid,
    },
}

/// What a person decides about a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Decision {
    /// Go on with ticketing, or with the traveller's cancellation.
    TryAgain,
    /// Cancel what our books have, and give the money back: all of it, or what a cancellation was quoted at.
    GiveBack,
}

/// The configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read the configuration, and name everything that is wrong with it.
    Check,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn users_come_with_one_jwks_an_issuer_and_an_audience() {
        let create = |more: &str| {
            let line = format!("interline key create shop --point-of-sale ID --currency IDR {more}");
            Cli::try_parse_from(line.split_whitespace()).is_ok()
        };
        assert!(create("") && create("--jwks-url https://a.example/ --issuer a --audience b"));
        assert!(create("--jwks file --issuer a --audience b"));
        for more in
            ["--jwks-url https://a.example/", "--issuer a --audience b", "--jwks-url nonsense --issuer a --audience b"]
        {
            assert!(!create(more), "{more}");
        }
        assert!(!create("--jwks file --jwks-url https://a.example/ --issuer a --audience b"));
    }
}

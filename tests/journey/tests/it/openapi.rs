//! The running gateway keeps what its OpenAPI document says, whatever is sent to it.
//!
//! Schemathesis makes requests from the document, good and bad ones, and holds each answer against it. It is given what a
//! frontend would have by then (offers, quotes, bookings), so that it comes further than to 404. The sandbox has no faults
//! here, so that not even a 503 is right: it would tell of a supplier that failed, and none does.

use anyhow::{Context, Result, bail, ensure};
use interline_journey::client::Client;
use interline_journey::people::{Party, day, trip};
use interline_journey::stack::{Setup, Stack};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Requests made up for each operation and phase.
const EXAMPLES: u32 = 25;
const SEED: u32 = 4711;
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,allow_header_conformance,unsupported_method";
/// It takes a minute; this is for a machine that does everything at once.
const PATIENCE: Duration = Duration::from_secs(600);
const QUOTES: usize = 40;
const PAYABLE: usize = 1;
/// What succeeds only with a provider's signature, with travellers who fit the quote, or with days and places that fit each
/// other: those come from the test alone.
const UNREACHED: [&str; 3] = ["POST /v1/webhooks/{provider}", "POST /v1/bookings", "POST /v1/flights/search"];

/// What a frontend has in hand.
struct InHand {
    offers: Vec<String>,
    quotes: Vec<String>,
    bookings: Vec<String>,
    cancellation_quotes: Vec<String>,
}

fn id(value: &Value) -> Result<String> {
    Ok(value["id"].as_str().with_context(|| format!("no id: {value}"))?.to_owned())
}

async fn in_hand(stack: &Stack) -> Result<InHand> {
    let client = &stack.client;
    let mut request = trip(&[("CGK", "NRT", day(0))], &Party::one());
    request["limit"] = json!(QUOTES);
    let page = client.search(&request).await?;
    let offers = page["offers"].as_array().context("no offers")?.iter().map(id).collect::<Result<Vec<_>>>()?;
    let mut quotes = Vec::new();
    for offer in &offers {
        let verified = client.verify(offer).await?.ok()?;
        ensure!(verified["result"] == "confirmed", "{verified}");
        quotes.push(id(&verified["quote"])?);
    }
    let (unpaid, ticketed) = (stack.booked().await?, stack.paid().await?);
    client.reaches(&ticketed, &["TICKETED"]).await?;
    let mut cancellation_quotes = Vec::new();
    for booking in [&unpaid, &ticketed] {
        let path = format!("/v1/bookings/{booking}/cancellation-quotes");
        cancellation_quotes.push(id(&client.post(&path, &json!({})).await?.ok()?)?);
    }
    let mut bookings = vec![unpaid, ticketed];
    // One more to be paid, since the first may be cancelled before. Not many: their event streams stay open.
    for quote in quotes.split_off(quotes.len().saturating_sub(PAYABLE)) {
        bookings.push(id(&client.book(&json!({"id": quote}), &Party::one().passengers(day(0))).await?)?);
    }
    Ok(InHand { offers, quotes, bookings, cancellation_quotes })
}

/// Schemathesis' configuration: who asks, and which values it mixes into those that it makes up.
fn configuration(client: &Client, in_hand: &InHand) -> Result<String> {
    let mixed = |dictionary: &str| json!({"dictionary": dictionary, "probability": 0.7});
    let values = |values: &[String]| json!({"values": values});
    Ok(toml::to_string(&json!({
        "headers": client.identity(),
        // Of a stream that goes on the first events are enough.
        "max-stream-events": 3,
        "request-timeout": 5,
        "dictionaries": {
            "offers": values(&in_hand.offers),
            "quotes": values(&in_hand.quotes),
            "bookings": values(&in_hand.bookings),
            "cancellations": values(&in_hand.cancellation_quotes),
            "places": {"values": ["CGK", "NRT", "TYO", "LHR"]},
            "days": values(&[0, 3, 9].map(|ahead| day(ahead).to_string())),
            "providers": {"values": ["stripe"]},
            "names": {"values": ["Budi", "Sari"]},
            "births": {"values": ["1990-04-12"]},
            "mails": {"values": ["budi@example.com"]},
            "phones": {"values": ["+628123456789"]},
        },
        "parameters": {
            "path.offer_id": mixed("offers"),
            "path.id": mixed("bookings"),
            "path.provider": mixed("providers"),
            "query.origin": mixed("places"),
            "query.destination": mixed("places"),
            "query.departure_date": mixed("days"),
            "query.return_date": mixed("days"),
            "body.slices[*].origin": mixed("places"),
            "body.slices[*].destination": mixed("places"),
            "body.slices[*].departure_date": mixed("days"),
            "body.quote_id": mixed("quotes"),
            "body.cancellation_quote_id": mixed("cancellations"),
            "body.provider": mixed("providers"),
            "body.passengers[*].given_name": mixed("names"),
            "body.passengers[*].family_name": mixed("names"),
            "body.passengers[*].born_on": mixed("births"),
            "body.contact.email": mixed("mails"),
            "body.contact.phone": mixed("phones"),
        },
        "generation": {
            "max-examples": EXAMPLES,
            "deterministic": true,
            "database": "none",
            "with-security-parameters": false,
        },
    }))?)
}

/// Answers of 2xx so far, by method and route.
async fn successes(stack: &Stack) -> Result<BTreeMap<String, f64>> {
    let metrics = reqwest::get(format!("{}/metrics", stack.client.base)).await?.text().await?;
    let mut found = BTreeMap::new();
    for line in metrics.lines().filter(|line| line.starts_with("interline_http_request_seconds_count{")) {
        let label = |name: &str| line.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let (Some(method), Some(route), Some(status)) = (label("method"), label("route"), label("status")) else {
            bail!("{line}")
        };
        if status.starts_with('2') {
            let count: f64 = line.rsplit(' ').next().context("no count")?.parse()?;
            *found.entry(format!("{method} {route}")).or_default() += count;
        }
    }
    Ok(found)
}

/// Every operation of the document, as metrics name it.
async fn operations(stack: &Stack) -> Result<Vec<String>> {
    let document = stack.client.get("/openapi.json").await?.ok()?;
    let paths = document["paths"].as_object().context("no paths")?.iter();
    let methods =
        |item: &Value| item.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()).collect();
    Ok(paths
        .flat_map(|(path, item)| {
            let methods: Vec<String> = methods(item);
            methods.into_iter().map(move |method| format!("{method} {path}"))
        })
        .collect())
}

fn program() -> Result<PathBuf> {
    let path = std::env::var_os("INTERLINE_SCHEMATHESIS")
        .context("INTERLINE_SCHEMATHESIS names no program; `make test` installs Schemathesis and sets it")?;
    Path::new(&path).canonicalize().with_context(|| format!("{} is not there", Path::new(&path).display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_the_answer_is_one_that_the_document_declares() -> Result<()> {
    let program = program()?;
    let stack = Stack::start(Setup::with_all(&["duffel", "ndc"])).await?;
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("schemathesis.toml");
    std::fs::write(&config, configuration(&stack.client, &in_hand(&stack).await?)?)?;
    let before = successes(&stack).await?;
    let run = Command::new(program)
        .arg("--config-file")
        .arg(&config)
        .args(["run", "--no-color", "--workers", "2", "--continue-on-failure", "--checks", CHECKS])
        .args(["--seed", &SEED.to_string()])
        .arg(format!("{}/openapi.json", stack.client.base))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, run).await.context("Schemathesis does not end")??;
    let report = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{report}\n{}\n{}", String::from_utf8_lossy(&output.stderr), stack.logs());
    }
    let after = successes(&stack).await?;
    let by_tool: Vec<_> = after.into_iter().filter(|(operation, count)| before.get(operation) < Some(count)).collect();
    // A tool that comes no further than to refusals has found little.
    for operation in operations(&stack).await?.iter().filter(|operation| !UNREACHED.contains(&operation.as_str())) {
        let reached = by_tool.iter().any(|(reached, _)| reached == operation);
        ensure!(reached, "{operation} never succeeded:\n{report}");
    }
    Ok(())
}

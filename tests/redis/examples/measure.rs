//! Measures how parts are best kept: bytes an offer and microseconds, by zstd level and dictionary, over real adapters' parts
//! of the sandbox's inventory, 300 offers a supplier. With a file name it writes the dictionary there.
//!
//! `cargo run --release -p interline-redis-tests --example measure [FILE]`, after `make plugins`.

use anyhow::{Context, Result};
use interline_domain::passengers::PassengerMix;
use interline_domain::trip::{Cabin, SliceQuery, SupplierScope, Trip};
use interline_journey::process::components;
use interline_redis::codec::{Generation, Packed};
use interline_runtime::{Grant, MemoryStateStore, Runtime, RuntimeConfig, SearchRequest, Suppliers};
use interline_sandbox::{Config, Sandbox, Supplier};
use interline_search::{Part, SupplierState};
use jiff::{Timestamp, ToSpan};
use std::sync::Arc;
use std::time::{Duration, Instant};

const OFFERS: usize = 300;
const LEVELS: [i32; 7] = [1, 3, 5, 7, 9, 12, 19];
const DICTIONARIES: [usize; 4] = [0, 16 << 10, 64 << 10, 112 << 10];
/// Trained with, and measured with: no route is in both.
const TRAINED: [(&str, &str); 8] = [
    ("CGK", "SIN"),
    ("LHR", "JFK"),
    ("FRA", "BKK"),
    ("SYD", "LAX"),
    ("DPS", "ICN"),
    ("CDG", "DXB"),
    ("HKG", "NRT"),
    ("DEL", "AMS"),
];
const MEASURED: [(&str, &str); 6] =
    [("CGK", "NRT"), ("SIN", "LHR"), ("JFK", "LAX"), ("DPS", "SYD"), ("MAD", "GRU"), ("IST", "KUL")];

fn grant(name: &str, sandbox: &Sandbox) -> Result<Grant> {
    let (host, supplier, secret) = match name {
        "ndc" => ("ndc.example.com", Supplier::Ndc, format!("api-key = {:?}", interline_sandbox::NDC_KEY)),
        _ => ("api.duffel.com", Supplier::Duffel, format!("access-token = {:?}", interline_sandbox::DUFFEL_TOKEN)),
    };
    let text = format!(
        "hosts = [{host:?}]\nallow_private = true\nendpoints = {{ {host:?} = {:?} }}\nsecrets = {{ {secret} }}",
        sandbox.url(supplier)
    );
    Ok(toml::from_str(&text)?)
}

async fn parts(runtime: &Runtime, routes: &[(&str, &str)]) -> Result<Vec<Packed>> {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut all = Vec::new();
    for (index, (origin, destination)) in routes.iter().enumerate() {
        for (days, party) in [(20, (1, vec![], 0)), (61, (2, vec![7], 1))] {
            let departure_date = today.checked_add((days + index as i64).days())?;
            let slice = |origin: &str, destination: &str, departure_date| {
                Ok::<_, anyhow::Error>(SliceQuery {
                    origin: origin.parse()?,
                    destination: destination.parse()?,
                    departure_date,
                })
            };
            let mut slices = vec![slice(origin, destination, departure_date)?];
            if index % 2 == 1 {
                slices.push(slice(destination, origin, departure_date.checked_add(9.days())?)?);
            }
            let (adults, children, infants) = party;
            let trip = Trip::new(slices, PassengerMix::new(adults, children, infants)?, Cabin::Economy)?;
            for supplier in runtime.all() {
                all.push(part(&trip, &*supplier).await?);
            }
        }
    }
    Ok(all)
}

async fn part(trip: &Trip, supplier: &dyn interline_runtime::Supplier) -> Result<Packed> {
    let request = SearchRequest {
        trip: trip.clone(),
        currency: None,
        point_of_sale: Some("ID".into()),
        timeout: Duration::from_secs(60),
        max_offers: OFFERS as u32,
    };
    let reply = supplier.search(&request).await.map_err(|fault| anyhow::anyhow!("{}: {fault}", supplier.name()))?;
    let now = Timestamp::now();
    let part = Part {
        supplier: supplier.name().into(),
        version: supplier.version().clone(),
        state: SupplierState::Ok,
        error: None,
        fetched_at: now,
        fresh_until: now + 5.minutes(),
        stale_until: now + 10.minutes(),
        latency: Duration::from_millis(800),
        retry_after: None,
        reply: Arc::new(reply),
    };
    let scope = SupplierScope { credential_set: "main".into(), point_of_sale: "ID".into(), currency: None };
    Ok(Packed { trip: trip.clone(), scope, part })
}

/// Microseconds that one takes, the best of three rounds.
fn timed<T, R>(all: &[T], mut work: impl FnMut(&T) -> R) -> f64 {
    let round = |_| {
        let since = Instant::now();
        all.iter().for_each(|one| drop(std::hint::black_box(work(one))));
        since.elapsed().as_secs_f64() * 1e6 / all.len() as f64
    };
    (0..3).map(round).fold(f64::INFINITY, f64::min)
}

#[tokio::main]
async fn main() -> Result<()> {
    let sandbox = Sandbox::start(Config { offers_per_search: OFFERS, ..Config::on_a_free_port() }).await?;
    let components = components()?;
    let mut config = RuntimeConfig::new(&components, components.with_file_name("artifacts"));
    for name in ["duffel", "ndc"] {
        config.grants.insert(name.to_owned(), grant(name, &sandbox)?);
    }
    let runtime = Runtime::start(config, Arc::new(MemoryStateStore::default())).await?;
    let plain = Generation::new(0, 1, b"");
    let write = |packed: &Packed| plain.write(packed).context("postcard");
    let trained: Vec<_> = parts(&runtime, &TRAINED).await?.iter().map(write).collect::<Result<_>>()?;
    let measured = parts(&runtime, &MEASURED).await?;
    let written: Vec<_> = measured.iter().map(write).collect::<Result<_>>()?;
    let offers: usize = measured.iter().map(|packed| packed.part.reply.offers.len()).sum();
    let bytes: usize = written.iter().map(Vec::len).sum();
    println!(
        "{} parts, {} offers each, {} bytes an offer in postcard",
        measured.len(),
        offers / measured.len(),
        bytes / offers
    );
    println!(
        "postcard: write {:.0} µs, read {:.0} µs a part\n",
        timed(&measured, |packed| plain.write(packed)),
        timed(&written, |written| plain.read(written))
    );
    println!("dictionary  level   ratio  bytes/offer  compress µs  decompress µs");
    for size in DICTIONARIES {
        // Cut into pieces: a dictionary is for beginnings.
        let pieces: Vec<&[u8]> = trained.iter().flat_map(|part| part.chunks(4 << 10)).collect();
        let dictionary = if size == 0 { Vec::new() } else { zstd::dict::from_samples(&pieces, size)? };
        for level in LEVELS {
            let generation = Generation::new(1, level, &dictionary);
            let compressed: Vec<_> =
                written.iter().map(|plain| generation.compress(plain).context("zstd")).collect::<Result<_>>()?;
            let total: usize = compressed.iter().map(Vec::len).sum();
            let pairs: Vec<_> = compressed.iter().zip(&written).collect();
            println!(
                "{:>10}  {level:>5}  {:>6.2}  {:>11.1}  {:>11.0}  {:>13.0}",
                dictionary.len(),
                bytes as f64 / total as f64,
                total as f64 / offers as f64,
                timed(&written, |plain| generation.compress(plain)),
                timed(&pairs, |(frame, plain)| generation.decompress(frame, plain.len())),
            );
        }
        if let Some(file) = std::env::args().nth(1).filter(|_| size == 64 << 10) {
            std::fs::write(file, &dictionary)?;
        }
    }
    runtime.shutdown().await;
    Ok(())
}

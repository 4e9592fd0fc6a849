//! Measures how parts are best kept: bytes an offer and microseconds, by zstd level and dictionary, over real adapters' parts
//! of the sandbox's inventory, 300 offers a supplier. With a file name it writes the dictionary there.
//!
//! `cargo run --release -p interline-redis-tests --example measure [FILE]`, after `make plugins`.

use anyhow::{Context, Result};
use interline_domain::offer::SupplierReply;
use interline_domain::passengers::PassengerMix;
use interline_domain::trip::{Cabin, SliceQuery, SupplierScope, Trip};
use interline_journey::people::day;
use interline_journey::process::components;
use interline_redis::codec::{Generation, Packed};
use interline_runtime::{Grant, MemoryStateStore, Runtime, RuntimeConfig, SearchRequest, Suppliers};
use interline_sandbox::{Config, Sandbox, Supplier};
use interline_search::{Part, SupplierState};
use jiff::{Timestamp, ToSpan};
use std::sync::Arc;
use std::time::{Duration, Instant};

const OFFERS: usize = 300;
/// As many are few.
const FEW: usize = 15;
/// Size of the dictionary that is kept.
const KEPT: usize = 64 << 10;
const LEVELS: [i32; 6] = [1, 3, 5, 7, 12, 19];
const DICTIONARIES: [usize; 4] = [0, 16 << 10, KEPT, 112 << 10];
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
    let mut all = Vec::new();
    for (index, (origin, destination)) in routes.iter().enumerate() {
        for (days, party) in [(20, (1, vec![], 0)), (61, (2, vec![7], 1))] {
            let departure_date = day(days + index as i64);
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
        offers: Arc::new(reply.into()),
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
    let trained = parts(&runtime, &TRAINED).await?;
    let measured = parts(&runtime, &MEASURED).await?;
    let dictionaries = DICTIONARIES.iter().map(|&size| dictionary(&trained, size)).collect::<Result<Vec<_>>>()?;
    table("whole parts", &measured, &dictionaries)?;
    let few: Vec<_> = measured.iter().map(|packed| cut(packed, FEW)).collect();
    table("parts of a few offers", &few, &dictionaries)?;
    if let Some(file) = std::env::args().nth(1) {
        std::fs::write(file, dictionary(&trained, KEPT)?)?;
    }
    runtime.shutdown().await;
    Ok(())
}

fn written(parts: &[Packed]) -> Result<Vec<Vec<u8>>> {
    let plain = Generation::new(0, 1, b"");
    parts.iter().map(|packed| plain.write(packed).context("postcard")).collect()
}

/// Trained on pieces of parts: what a dictionary is good for are beginnings.
fn dictionary(trained: &[Packed], size: usize) -> Result<Vec<u8>> {
    if size == 0 {
        return Ok(Vec::new());
    }
    let written = written(trained)?;
    let pieces: Vec<&[u8]> = written.iter().flat_map(|part| part.chunks(4 << 10)).collect();
    Ok(zstd::dict::from_samples(&pieces, size)?)
}

/// The same with its first offers alone.
fn cut(packed: &Packed, most: usize) -> Packed {
    let table = &packed.part.offers;
    let offers: Vec<_> = (0..most).filter_map(|at| table.offer(at)).collect();
    let used = offers.iter().flat_map(|offer| &offer.slices).flat_map(|slice| &slice.segments);
    let used = used.map(|carried| carried.segment as usize + 1).max().unwrap_or(0);
    let reply = SupplierReply { segments: table.segments()[..used].to_vec(), offers, skipped: Vec::new() };
    let part = Part { offers: Arc::new(reply.into()), ..packed.part.clone() };
    Packed { part, ..packed.clone() }
}

fn table(title: &str, measured: &[Packed], dictionaries: &[Vec<u8>]) -> Result<()> {
    let plain = Generation::new(0, 1, b"");
    let written = written(measured)?;
    let offers: usize = measured.iter().map(|packed| packed.part.offers.len()).sum();
    let bytes: usize = written.iter().map(Vec::len).sum();
    println!(
        "{title}: {} of them, {} offers each, {} bytes an offer in postcard, written in {:.0} µs and read in {:.0} µs",
        measured.len(),
        offers / measured.len(),
        bytes / offers,
        timed(measured, |packed| plain.write(packed)),
        timed(&written, |written| plain.read(written))
    );
    println!("dictionary  level   ratio  bytes/offer  compress µs  decompress µs");
    for dictionary in dictionaries {
        for level in LEVELS {
            let generation = Generation::new(1, level, dictionary);
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
    }
    Ok(())
}

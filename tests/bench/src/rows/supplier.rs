//! A supplier's call through its component and wasi:http, against the same mapping as a library over hyper.

use crate::child::Floor;
use crate::context::Context;
use crate::lab::{self, Outside};
use crate::row::{Bound, Pairs, Row};
use crate::spent::own_cpu;
use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use interline_domain::trip::Trip;
use interline_journey::process::components;
use interline_plugin_sdk::http::Response;
use interline_plugin_sdk::supplier::{Cabin, Date, Passenger, PassengerType, SearchRequest, SliceQuery};
use std::net::SocketAddr;
use std::time::Duration;

/// Of the first row.
const OFFERS: usize = 300;
/// Bytes of the second row's offers, or a little more.
const LARGE: usize = 3_000_000;
/// What the sandbox may sell: there are as many as fly, so that the routes are busy ones.
const SOLD: usize = 600;
/// Turns of each side in one round: a machine's speed changes from second to second, and turns are shorter.
const TURNS: usize = 20;

/// `supplier-300`, `supplier-3mb`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let trip = lab::trip(&[("LHR", "JFK", 0)])?;
    let back = lab::trip(&[("CGK", "NRT", 0), ("NRT", "CGK", 10)])?;
    let small = Recorded::of(&trip).await?.cut_to(OFFERS, usize::MAX)?;
    let large = Recorded::of(&back).await?.cut_to(usize::MAX, LARGE)?;
    let mut rows = Vec::new();
    let compared = compare(context, &small, trip, context.count(5, 1)).await?;
    let row = compared.row("supplier-300", "a supplier's search in WASM, 300 offers", "µs", (Bound::AtMost, 1.3));
    rows.push(row.with("offers", small.offers as f64).with("bytes", small.reply.len() as f64));
    let compared = compare(context, &large, back, context.count(2, 1)).await?;
    let row = compared.row("supplier-3mb", "a reply of 3 MB parsed and mapped in WASM", "µs", (Bound::AtMost, 2.0));
    rows.push(row.with("offers", large.offers as f64).with("bytes", large.reply.len() as f64));
    Ok(rows)
}

/// A search at the sandbox's Duffel, as it went over the wire.
struct Recorded {
    request: Request<Bytes>,
    reply: Bytes,
    offers: usize,
}

impl Recorded {
    async fn of(trip: &Trip) -> Result<Self> {
        let outside = Outside::selling(SOLD).await?;
        outside.far.ask_plainly();
        let runtime = lab::host(&components()?, outside.far.address).await?;
        let found = lab::supplier(&runtime, "duffel")?.search(&lab::search(trip.clone())?).await?;
        runtime.shutdown().await;
        Ok(Self {
            request: outside.far.asked("/duffel").context("no request came out")?,
            reply: outside.far.last("/duffel").context("no reply went in")?.body,
            offers: found.offers.len(),
        })
    }

    /// The same with so many offers, or as many as have so many bytes.
    fn cut_to(self, most: usize, bytes: usize) -> Result<Self> {
        let mut reply: serde_json::Value = serde_json::from_slice(&self.reply)?;
        let offers = reply["data"]["offers"].as_array_mut().context("no offers")?;
        let (sold, mut room) = (offers.len(), bytes);
        let kept = offers.iter().take(most).take_while(|offer| {
            let fits = room > 0;
            room = room.saturating_sub(offer.to_string().len());
            fits
        });
        let kept = kept.count();
        ensure!(kept == most || room == 0, "the sandbox sells {sold} offers, which are too few");
        offers.truncate(kept);
        Ok(Self { reply: serde_json::to_vec(&reply)?.into(), offers: kept, ..self })
    }
}

/// So many calls a turn.
async fn compare(context: &Context, recorded: &Recorded, trip: Trip, calls: usize) -> Result<Pairs> {
    let floor = Floor::of(&context.cores, &recorded.reply).await?;
    let runtime = lab::host(&components()?, floor.address).await?;
    let supplier = lab::supplier(&runtime, "duffel")?;
    let (request, native) = (lab::search(trip.clone())?, Native::new(recorded, &trip, floor.address)?);
    ensure!(supplier.search(&request).await?.offers.len() == recorded.offers, "the component finds other offers");
    ensure!(native.search().await? == recorded.offers, "the library finds other offers");
    let mut pairs = Pairs::default();
    for round in 0..=context.rounds() {
        let (mut ours, mut least) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..TURNS {
            // The first of each side, after the other's turn, is not measured.
            native.search().await?;
            let began = own_cpu()?;
            for _ in 0..calls {
                native.search().await?;
            }
            least += own_cpu()? - began;
            std::hint::black_box(supplier.search(&request).await?);
            let began = own_cpu()?;
            for _ in 0..calls {
                std::hint::black_box(supplier.search(&request).await?);
            }
            ours += own_cpu()? - began;
        }
        if round > 0 {
            let each = |time: Duration| time.as_secs_f64() * 1e6 / (TURNS * calls) as f64;
            pairs.push(each(ours), each(least));
        }
    }
    runtime.shutdown().await;
    Ok(pairs)
}

/// The adapter as a library, over hyper's own client.
struct Native {
    client: Client<HttpConnector, Full<Bytes>>,
    request: Request<Bytes>,
    asked: SearchRequest,
}

impl Native {
    fn new(recorded: &Recorded, trip: &Trip, server: SocketAddr) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let mut request = recorded.request.clone();
        let path = request.uri().path_and_query().context("no path")?.as_str();
        *request.uri_mut() = format!("http://{server}{path}").parse()?;
        request.headers_mut().remove(http::header::HOST);
        let slice = |slice: &interline_domain::trip::SliceQuery| SliceQuery {
            origin: slice.origin.to_string(),
            destination: slice.destination.to_string(),
            departure_date: Date {
                year: slice.departure_date.year(),
                month: slice.departure_date.month().unsigned_abs(),
                day: slice.departure_date.day().unsigned_abs(),
            },
        };
        let asked = SearchRequest {
            slices: trip.slices().iter().map(slice).collect(),
            passengers: vec![Passenger { kind: PassengerType::Adult, age: None }],
            cabin: Cabin::Economy,
            currency: None,
            point_of_sale: None,
            timeout_ms: 30_000,
            max_offers: 10_000,
        };
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), request, asked })
    }

    /// Fetches and maps; how many offers there are.
    async fn search(&self) -> Result<usize> {
        let response = self.client.request(self.request.clone().map(Full::new)).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        let response = Response::new(status, Vec::from(body));
        let reply = duffel::search::reply(&response, &self.asked, false);
        let reply = reply.map_err(|fault| anyhow::anyhow!("{}", fault.message))?;
        Ok(std::hint::black_box(reply).offers.len())
    }
}

//! Cached searches over HTTP, against hyper serving the same bytes.

use crate::child::Floor;
use crate::context::Context;
use crate::load::{Load, Mix};
use crate::routes::{self, FILTERS};
use crate::row::{Bound, Pairs, Row};
use crate::side::{Cost, Side, in_turns};
use crate::spent;
use crate::stage::{Stage, Wish};
use anyhow::Result;

/// Requests under way at a time.
const CONNECTIONS: usize = 16;
const MEGABYTE: f64 = 1e6;

/// Both servers under the same load, in turn.
struct Rounds {
    cpu: Pairs,
    p99: Pairs,
    gateway: Vec<Cost>,
    floor: Vec<Cost>,
}

/// `search-hot`, `search-hot-p99`, `search-routes`, `memory-process`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let stage = Stage::start(&context.cores, Wish::default()).await?;
    stage.far.ask_plainly();
    let hot = Mix::one(stage.get(&format!("{}&{}", routes::path(0), FILTERS[1])));
    context.tell("one hot search");
    let rounds = rounds(context, &stage, &hot).await?;
    let mut rows = Vec::new();
    let (cpu, p99) = (figures(&rounds), rounds.p99);
    rows.push(cpu(rounds.cpu.row("search-hot", "a hot cached search, CPU a request", "µs", (Bound::AtMost, 1.25))));
    rows.push(p99.row("search-hot-p99", "the same, p99 under load", "µs", (Bound::AtMost, 1.5)));

    let count = context.count(1_000, 20);
    let (memory, replies) = (spent::memory(stage.process()?)?, stage.far.bytes());
    for route in 1..count {
        context.tell(format!("filling routes: {route} of {count}"));
        stage.page(&routes::path(route)).await?;
    }
    let memory = spent::memory(stage.process()?)?.saturating_sub(memory) as f64;
    let mut kept = Pairs::default();
    kept.push(memory / MEGABYTE, (stage.far.bytes() - replies) as f64 / MEGABYTE);
    context.tell("a thousand routes");
    let rounds = self::rounds(context, &stage, &routes::zipf(&stage, count)).await?;
    let with = figures(&rounds);
    rows.push(with(rounds.cpu.row(
        "search-routes",
        "cached searches over 1,000 routes, CPU a request",
        "µs",
        (Bound::AtMost, 1.35),
    )));
    let what = "memory of 1,000 routes × 300 offers, priced views and all";
    rows.push(kept.row("memory-process", what, "MB", (Bound::AtMost, 0.5)).with("routes", count as f64));
    Ok(rows)
}

async fn rounds(context: &Context, stage: &Stage, mix: &Mix) -> Result<Rounds> {
    let floor = Floor::mirror(&context.cores, stage.address, mix).await?;
    let to_floor = Load::connect(floor.address, CONNECTIONS).await?;
    let to_gateway = Load::connect(stage.address, CONNECTIONS).await?;
    let mut rounds = Rounds { cpu: Pairs::default(), p99: Pairs::default(), gateway: Vec::new(), floor: Vec::new() };
    let floors = Side { load: &to_floor, mix, cpu: || floor.cpu() };
    let gateways = Side { load: &to_gateway, mix, cpu: || stage.cpu() };
    // The first round warms both up.
    for round in 0..=context.rounds() {
        let (least, ours) = in_turns(&floors, &gateways, context.slice()).await?;
        if round > 0 {
            rounds.cpu.push(ours.cpu, least.cpu);
            rounds.p99.push(ours.measured.micros(0.99), least.measured.micros(0.99));
            rounds.gateway.push(ours);
            rounds.floor.push(least);
        }
    }
    Ok(rounds)
}

/// Puts rates, latencies and sizes beside a row.
fn figures(rounds: &Rounds) -> impl Fn(Row) -> Row + use<> {
    let median = |of: &[Cost], figure: fn(&Cost) -> f64| crate::row::median(of.iter().map(figure).collect());
    let figures: [(&'static str, f64); 7] = [
        ("requests/s", median(&rounds.gateway, |cost| cost.measured.rate())),
        ("p50 µs", median(&rounds.gateway, |cost| cost.measured.micros(0.5))),
        ("p99 µs", median(&rounds.gateway, |cost| cost.measured.micros(0.99))),
        ("floor requests/s", median(&rounds.floor, |cost| cost.measured.rate())),
        ("floor p50 µs", median(&rounds.floor, |cost| cost.measured.micros(0.5))),
        ("floor p99 µs", median(&rounds.floor, |cost| cost.measured.micros(0.99))),
        ("bytes", median(&rounds.gateway, |cost| cost.measured.bytes as f64 / cost.measured.answers as f64)),
    ];
    move |row| figures.iter().fold(row, |row, (name, figure)| row.with(name, *figure))
}

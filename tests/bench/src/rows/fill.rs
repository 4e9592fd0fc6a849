//! Searches that the suppliers must be asked for.

use crate::context::Context;
use crate::load::{Connection, Load, Mix};
use crate::routes;
use crate::row::{Bound, Pairs, Row};
use crate::stage::{Stage, Wish};
use anyhow::{Context as _, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::time::{Duration, Instant};

/// How long each supplier takes.
const LATE: Duration = Duration::from_millis(200);
/// How many ask at once.
const CROWD: usize = 500;

/// `fill-cold`, `fill-herd`, `fill-herd-calls`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let stage = Stage::start(&context.cores, Wish::default()).await?;
    // Replies of all three, which are then given for every route.
    stage.page(&routes::path(0)).await?;
    stage.far.give_again(Some(LATE));
    let mut route = 1..;
    let mut next = || stage.get(&routes::path(route.next().unwrap_or_default()));

    let (mut fill, mut herd, mut calls) = (Pairs::default(), Pairs::default(), Pairs::default());
    let mut connection = Connection::open(stage.address).await?;
    let crowd = Load::connect(stage.address, context.count(CROWD, 50)).await?;
    for round in 0..=context.rounds() {
        let slowest = slowest(&stage).await?;
        let began = Instant::now();
        ensure!(connection.exchange(&next()).await?.0 == 200, "a cold search failed");
        let cold = began.elapsed();
        let before = stage.far.calls();
        let all = crowd.run_count(&Mix::one(next()), crowd.size()).await?;
        ensure!(all.failures == 0, "{} of a crowd's searches failed", all.failures);
        let asked = (stage.far.calls() - before) as f64 / crate::stage::SUPPLIERS.len() as f64;
        if round > 0 {
            let millis = |time: Duration| time.as_secs_f64() * 1e3;
            fill.push(millis(cold), millis(slowest));
            herd.push(all.micros(0.99) / 1e3, millis(cold));
            calls.push(asked, 1.0);
        }
    }
    Ok(vec![
        fill.row("fill-cold", "a cold search at 3 suppliers of 200 ms", "ms", (Bound::AtMost, 1.1)),
        herd.row("fill-herd", "500 identical cold searches, p99", "ms", (Bound::AtMost, 1.3)),
        calls.row("fill-herd-calls", "calls of each supplier for them", "calls", (Bound::AtMost, 1.0)),
    ])
}

/// The slowest supplier, asked directly.
async fn slowest(stage: &Stage) -> Result<Duration> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let ask = |name: &'static str| {
        let client = client.clone();
        let address = stage.far.address;
        let request = stage.far.asked(&format!("/{name}"));
        async move {
            let mut request = request.with_context(|| format!("{name} was never asked"))?;
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = format!("http://{address}{path}").parse()?;
            let answer = client.request(request.map(Full::new)).await?;
            answer.into_body().collect().await?;
            anyhow::Ok(())
        }
    };
    let began = Instant::now();
    futures::future::try_join_all(crate::stage::SUPPLIERS.map(ask)).await?;
    Ok(began.elapsed())
}

//! More searches than the gateway can do, and bookings beside them.

use crate::context::Context;
use crate::load::{Load, Measured, Mix};
use crate::routes;
use crate::row::{Bound, Pairs, Row, median};
use crate::stage::{Stage, Wish};
use anyhow::{Context as _, Result, ensure};
use interline_journey::people::{Party, day, trip};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// The one whose price checks are told from searches by their path: they are really done.
const SUPPLIER: &str = "duffel";
/// How long a search takes it.
const LATE: Duration = Duration::from_millis(200);
/// Enough for a rate that is too high: each is waited for.
const CONNECTIONS: usize = 1_500;
/// Searches under way when the peak is measured: enough to keep a processor busy, and so few that none is shed.
const AT_PEAK: usize = 32;

/// `overload-goodput`, `overload-bookings`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let sections = vec![
        ("search", "lag_target_ms = 50\nmemory_mb = 512\npage_memory_mb = 64".to_owned()),
        ("components.defaults", "concurrency = 256\nconnections = 512".to_owned()),
    ];
    let stage =
        Stage::start(&context.cores, Wish { suppliers: vec![SUPPLIER], offers: 300, sections, ..Wish::default() })
            .await?;
    let mut traveller = Traveller::new(&stage).await?;
    stage.page(&routes::path(0)).await?;
    stage.far.give_again(Some(LATE));
    let searches = Searches { stage: &stage, next: Cell::new(1) };
    ensure_sold(&stage, 0).await?;
    ensure_sold(&stage, 45_000).await?;
    let time = Duration::from_secs(if context.quick { 2 } else { 6 });

    let (mut goodput, mut bookings) = (Pairs::default(), Pairs::default());
    let (mut shed, mut at_peak) = (Vec::new(), Vec::new());
    for round in 0..=context.rounds() {
        // Made anew: idle connections are closed.
        let (few, many) =
            (Load::connect(stage.address, AT_PEAK).await?, Load::connect(stage.address, CONNECTIONS).await?);
        let peak = few.run_for(&searches.mix(1_500), time).await?;
        let (shed_at_peak, peak) = (share_shed(&peak), peak.rate());
        let calm = traveller.beside(few.run_at(&searches.mix(500), peak / 4.0, time)).await?.1;
        let (over, busy) = traveller.beside(many.run_at(&searches.mix(4_000), peak * 3.0, time)).await?;
        if round > 0 {
            goodput.push(over.rate(), peak);
            bookings.push(busy, calm);
            shed.push(share_shed(&over));
            at_peak.push(shed_at_peak);
        }
    }
    let what = "cold searches answered a second at three times the peak, against the peak";
    let goodput = goodput
        .row("overload-goodput", what, "/s", (Bound::AtLeast, 0.9))
        .with("shed", median(shed))
        .with("shed at peak", median(at_peak));
    let what = "verifying and booking meanwhile, p50, against calm";
    Ok(vec![goodput, bookings.row("overload-bookings", what, "ms", (Bound::AtMost, 1.5))])
}

fn share_shed(measured: &Measured) -> f64 {
    measured.failures as f64 / (measured.failures + measured.answers).max(1) as f64
}

/// That a search is worth its name: an answer without offers is little work.
async fn ensure_sold(stage: &Stage, number: usize) -> Result<()> {
    let page = stage.page(&routes::cold(number)).await?;
    let page: serde_json::Value = serde_json::from_slice(&page.body)?;
    ensure!(
        page["total_matching"].as_u64() > Some(20),
        "nothing is sold to search {number}: {} of {}",
        page["total_matching"],
        page["suppliers"]
    );
    Ok(())
}

/// Searches of routes that nobody has asked for.
struct Searches<'a> {
    stage: &'a Stage,
    next: Cell<usize>,
}

impl Searches<'_> {
    fn mix(&self, count: usize) -> Mix {
        let first = self.next.replace(self.next.get() + count);
        Mix::each((first..first + count).map(|number| self.stage.get(&routes::cold(number))).collect())
    }
}

/// Who verifies and books, one offer after the other.
struct Traveller<'a> {
    stage: &'a Stage,
    offers: Vec<String>,
    next: usize,
}

impl<'a> Traveller<'a> {
    async fn new(stage: &'a Stage) -> Result<Self> {
        let mut request = trip(&[("CGK", "NRT", day(1))], &Party::one());
        request["limit"] = 200.into();
        let page = stage.stack.client.search(&request).await?;
        let found = page["offers"].as_array().context("no offers")?.iter();
        let offers: Vec<_> = found.filter_map(|offer| offer["id"].as_str().map(str::to_owned)).collect();
        ensure!(!offers.is_empty(), "nothing is sold");
        Ok(Self { stage, offers, next: 0 })
    }

    /// Verifies and books for as long as the load goes on; the load, and how long one took, p50, in milliseconds.
    async fn beside(&mut self, load: impl Future<Output = Result<Measured>>) -> Result<(Measured, f64)> {
        let mut took = Vec::new();
        let mut load = std::pin::pin!(load);
        let measured = loop {
            let one = self.one();
            tokio::select! {
                measured = &mut load => break measured?,
                one = one => took.push(one?.as_secs_f64() * 1e3),
            }
        };
        ensure!(!took.is_empty(), "nothing was booked meanwhile");
        Ok((measured, median(took)))
    }

    async fn one(&mut self) -> Result<Duration> {
        let client = &self.stage.stack.client;
        let offer = &self.offers[self.next % self.offers.len()];
        self.next += 1;
        let began = Instant::now();
        let verified = client.verify(offer).await?.ok()?;
        ensure!(verified["result"] == "confirmed", "not confirmed: {verified}");
        client.book(&verified["quote"], &Party::one().passengers(day(1))).await?;
        Ok(began.elapsed())
    }
}

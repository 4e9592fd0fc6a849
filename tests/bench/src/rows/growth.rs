//! What happens when there is more of everything: the same work against itself.

use crate::context::Context;
use crate::drive;
use crate::folder;
use crate::load::{Load, Mix};
use crate::routes::{self, FILTERS};
use crate::row::{Bound, Pairs, Row};
use crate::side::{Side, in_turns};
use crate::stage::{Stage, Wish};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::time::Duration;

/// Offers that each of three suppliers may sell: 30 in all, and some 2,700, since not all have as many.
const OFFERS: [usize; 2] = [10, 1_300];
const SUPPLIERS: usize = 20;

/// `growth-offers`, `growth-offers-anew`.
pub async fn offers(context: &Context) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    // As it is, and with every page made anew.
    for (name, what, pages) in [
        ("growth-offers", "a cached page of some 2,700 offers against 30", None),
        ("growth-offers-anew", "the same, filtered and sorted for every request", Some("page_memory_mb = 0")),
    ] {
        context.tell(what);
        let [small, large] = OFFERS.map(|offers| Wish {
            offers,
            sections: vec![("search", format!("max_offers = 2000\n{}", pages.unwrap_or_default()))],
            ..Wish::default()
        });
        let (small, large) = (Known::start(context, small).await?, Known::start(context, large).await?);
        let mut pairs = Pairs::default();
        for round in 0..=context.rounds() {
            let (least, ours) = in_turns(&small.side(), &large.side(), context.slice()).await?;
            if round > 0 {
                pairs.push(ours.cpu, least.cpu);
            }
        }
        let row = pairs.row(name, what, "µs", (Bound::AtMost, 4.0));
        rows.push(row.with("offers", large.offers).with("against", small.offers));
    }
    Ok(rows)
}

/// A gateway that knows one route there and back.
struct Known {
    stage: Stage,
    load: Load,
    mix: Mix,
    offers: f64,
}

impl Known {
    async fn start(context: &Context, wish: Wish) -> Result<Self> {
        let stage = Stage::start(&context.cores, wish).await?;
        let path = routes::back();
        let page: Value = serde_json::from_slice(&stage.page(&path).await?.body)?;
        let suppliers = page["suppliers"].as_array().context("no suppliers")?;
        let offers: u64 = suppliers.iter().filter_map(|supplier| supplier["offers"].as_u64()).sum();
        let mix = Mix::each(FILTERS.iter().map(|filters| stage.get(&format!("{path}&{filters}"))).collect());
        Ok(Self { load: Load::connect(stage.address, 16).await?, stage, mix, offers: offers as f64 })
    }

    fn side(&self) -> Side<'_, impl Fn() -> Result<Duration>> {
        Side { load: &self.load, mix: &self.mix, cpu: || self.stage.cpu() }
    }
}

/// `growth-suppliers`.
pub async fn suppliers(context: &Context) -> Result<Vec<Row>> {
    let fills = context.count(40, 3);
    let one = Filled::start(context, 1).await?;
    let many = Filled::start(context, SUPPLIERS).await?;
    let mut pairs = Pairs::default();
    for round in 0..=context.rounds() {
        let least = one.fill(round, fills).await?;
        let ours = many.fill(round, fills).await?;
        if round > 0 {
            pairs.push(ours, least * SUPPLIERS as f64);
        }
    }
    let what = "filling from 20 suppliers, CPU, against 20 × 1";
    Ok(vec![pairs.row("growth-suppliers", what, "ms", (Bound::AtMost, 1.1))])
}

fn name(number: usize) -> &'static str {
    format!("duffel-{number:02}").leak()
}

/// A gateway with so many suppliers that answer at once.
struct Filled {
    stage: Stage,
    _folder: tempfile::TempDir,
}

impl Filled {
    async fn start(context: &Context, suppliers: usize) -> Result<Self> {
        let names: Vec<&'static str> = (1..=suppliers).map(name).collect();
        let folder = folder::with_copies("duffel", &names)?;
        let sections = vec![("components", format!("path = {:?}", folder.path()))];
        let stage = Stage::start(&context.cores, Wish { suppliers: names, sections, ..Wish::default() }).await?;
        stage.page(&routes::path(0)).await?;
        stage.far.give_again(Some(Duration::ZERO));
        Ok(Self { stage, _folder: folder })
    }

    /// Processor time of a fill, in milliseconds.
    async fn fill(&self, round: usize, fills: usize) -> Result<f64> {
        let before = self.stage.cpu()?;
        for number in 0..fills {
            self.stage.page(&routes::path(1 + round * fills + number)).await?;
        }
        Ok((self.stage.cpu()? - before).as_secs_f64() * 1e3 / fills as f64)
    }
}

/// `growth-cores`.
pub async fn cores(context: &Context) -> Result<Vec<Row>> {
    let mut pairs = Pairs::default();
    let time = context.slice();
    for round in 0..=context.rounds() {
        let [one, two] = drive::in_a_process(&context.cores, 2, time).await?;
        if round > 0 {
            pairs.push(two, one);
        }
    }
    let what = "cached searches on 2 cores against 1, driver in the process";
    Ok(vec![pairs.row("growth-cores", what, "requests/s", (Bound::AtLeast, 1.8))])
}

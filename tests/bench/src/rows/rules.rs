//! Rules as components, against the same rules in native code.

use crate::context::Context;
use crate::lab::{self, Outside};
use crate::row::{Bound, Pairs, Row};
use crate::spent::own_cpu;
use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use fare_rules::FareRules as Native;
use interline_bench_rules::LARGE;
use interline_domain::fault::Fault;
use interline_domain::table::OfferTable;
use interline_journey::process::components;
use interline_native_rules::{Loaded, convert};
use interline_pricing::{Pricing, PricingContext, PricingInput, RateTable};
use interline_rules_sdk::fares::Guest;
use interline_runtime::{
    BaggageRules, CancellationRules, FactTable, FareRules, PluginVersion, PricedLines, RuleSetInfo, RuleSets, Runtime,
};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// `rules-300`.
pub async fn measure(context: &Context) -> Result<Vec<Row>> {
    let outside = Outside::selling(100).await?;
    let runtime = lab::host(&components()?, outside.far.address).await?;
    let facts = facts(&runtime).await?;
    let rules = runtime.fares().context("no fares")?;
    ensure!(
        rules.price(&facts).await?.lines.len() == native(&facts)?,
        "component and native rules do not answer the same"
    );
    let mut pairs = Pairs::default();
    for round in 0..=context.rounds() {
        let least = timed(context, || std::future::ready(native(&facts).map(drop))).await?;
        let ours = timed(context, || async { Ok(rules.price(&facts).await.map(drop)?) }).await?;
        if round > 0 {
            pairs.push(ours, least);
        }
    }
    runtime.shutdown().await;
    let what = "fare rules on 300 offers, packed facts";
    Ok(vec![pairs.row("rules-300", what, "µs", (Bound::AtMost, 2.5)).with("rows", f64::from(facts.rows))])
}

/// `growth-rules`.
pub async fn grown(context: &Context) -> Result<Vec<Row>> {
    let outside = Outside::selling(100).await?;
    let (ours, bench) = (components()?, bench_components()?);
    let runtime = lab::host(&ours, outside.far.address).await?;
    let small = facts(&runtime).await?;
    runtime.shutdown().await;
    let mut large = small.clone();
    large.constants.push((LARGE, 1));
    let runtime = lab::host(&bench, outside.far.address).await?;
    let rules = runtime.fares().context("no fares")?;
    let mut pairs = Pairs::default();
    for round in 0..=context.rounds() {
        let least = timed(context, || async { Ok(rules.price(&small).await.map(drop)?) }).await?;
        let ours = timed(context, || async { Ok(rules.price(&large).await.map(drop)?) }).await?;
        if round > 0 {
            pairs.push(ours, least);
        }
    }
    runtime.shutdown().await;
    let what = "10,000 fare rules against 100, 300 offers";
    Ok(vec![pairs.row("growth-rules", what, "µs", (Bound::AtMost, 3.0))])
}

/// The folder of the rule set with many rules.
fn bench_components() -> Result<PathBuf> {
    std::env::var_os("INTERLINE_BENCH_COMPONENTS")
        .map(PathBuf::from)
        .context("INTERLINE_BENCH_COMPONENTS is not set; `make bench` sets it")
}

/// Processor time of a call, in microseconds.
async fn timed<F: Future<Output = Result<()>>>(context: &Context, call: impl Fn() -> F) -> Result<f64> {
    let calls = context.count(2_000, 20);
    let before = own_cpu()?;
    for _ in 0..calls {
        call().await?;
    }
    Ok((own_cpu()? - before).as_secs_f64() * 1e6 / calls as f64)
}

/// Calls the rules as a library does; the number of lines.
fn native(facts: &FactTable) -> Result<usize> {
    let priced = <Native as Guest>::price(convert::table(facts));
    Ok(std::hint::black_box(priced.map_err(|error| anyhow::anyhow!("{error:?}"))?).rows.len())
}

/// The facts of all suppliers' offers for one trip, as they come to the rules.
async fn facts(runtime: &Runtime) -> Result<FactTable> {
    let trip = lab::trip(&[("CGK", "NRT", 0)])?;
    let mut replies: Vec<OfferTable> = Vec::new();
    for name in crate::stage::SUPPLIERS {
        replies.push(lab::supplier(runtime, name)?.search(&lab::search(trip.clone())?).await?.into());
    }
    let seen = Arc::new(Mutex::new(None));
    let pricing = Pricing::new(Arc::new(Recording::new(Arc::clone(&seen))?), RateTable::sandbox()?);
    let input = PricingInput { trip: &trip, replies: crate::stage::SUPPLIERS.into_iter().zip(&replies).collect() };
    pricing.price(&input, &pricing_context(&pricing)?, Timestamp::now()).await?;
    let facts = seen.lock().ok().and_then(|mut seen| seen.take());
    facts.context("no facts came to the rules")
}

fn pricing_context(pricing: &Pricing) -> Result<PricingContext> {
    Ok(PricingContext {
        point_of_sale: "ID".to_owned(),
        channel: "web".to_owned(),
        customer_segment: "retail".to_owned(),
        display_currency: "USD".parse()?,
        rates: pricing.rates().version().clone(),
    })
}

/// Native rules that keep what they were last asked.
struct Recording {
    fares: Arc<dyn FareRules>,
    seen: Arc<Mutex<Option<FactTable>>>,
}

impl Recording {
    fn new(seen: Arc<Mutex<Option<FactTable>>>) -> Result<Self> {
        Ok(Self { fares: Loaded::native().fares.context("no native fares")?, seen })
    }
}

impl RuleSets for Recording {
    fn fares(&self) -> Option<Arc<dyn FareRules>> {
        Some(Arc::new(Self { fares: Arc::clone(&self.fares), seen: Arc::clone(&self.seen) }))
    }

    fn baggage(&self) -> Option<Arc<dyn BaggageRules>> {
        None
    }

    fn cancellation(&self) -> Option<Arc<dyn CancellationRules>> {
        None
    }
}

#[async_trait]
impl FareRules for Recording {
    fn version(&self) -> &PluginVersion {
        self.fares.version()
    }

    fn describe(&self) -> &RuleSetInfo {
        self.fares.describe()
    }

    async fn price(&self, facts: &FactTable) -> Result<PricedLines, Fault> {
        if let Ok(mut seen) = self.seen.lock() {
            *seen = Some(facts.clone());
        }
        self.fares.price(facts).await
    }
}

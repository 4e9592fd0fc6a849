//! The pricing service.

use crate::baggage::{AllowanceLists, BaggageFacts};
use crate::cancellation;
use crate::circumstances::{self, minute, moment};
use crate::columns;
use crate::context::PricingContext;
use crate::error::{PricingError, RuleSetKind, Unpriced};
use crate::fares::{Exchange, FareFacts, prices};
use crate::names::NamesCache;
use crate::penalty::{PenaltyInput, PenaltyWindow};
use crate::priced::{How, Price, PricedOffers, PricingInput, RuleSetUsed, RulesVersion};
use crate::rates::{RateTable, RatesVersion};
use crate::told::Told;
use arc_swap::ArcSwap;
use interline_domain::money::{Currency, MoneyError};
use interline_runtime::{BaggageRules, FareRules, PluginVersion, RuleSets};
use jiff::Timestamp;
use std::sync::Arc;

/// Rate tables that contexts may still name.
const TABLES_KEPT: usize = 4;

/// Prices offers and cancellations by the rule sets that are active, and owns the exchange rates. Cheap to clone.
#[derive(Clone)]
pub struct Pricing {
    shared: Arc<Shared>,
}

struct Shared {
    rules: Arc<dyn RuleSets>,
    /// The newest first.
    rates: ArcSwap<Vec<Arc<RateTable>>>,
    fare_names: NamesCache,
    baggage_names: NamesCache,
    cancellation_names: NamesCache,
}

/// The rule sets of one call: bound once, so that a swap in between mixes nothing.
struct Bound {
    fares: Option<Arc<dyn FareRules>>,
    baggage: Option<Arc<dyn BaggageRules>>,
    version: RulesVersion,
}

impl Pricing {
    /// By these rule sets and rates.
    pub fn new(rules: Arc<dyn RuleSets>, rates: RateTable) -> Self {
        let shared = Shared {
            rules,
            rates: ArcSwap::from_pointee(vec![Arc::new(rates)]),
            fare_names: NamesCache::default(),
            baggage_names: NamesCache::default(),
            cancellation_names: NamesCache::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Identifies all three rule sets as they are now.
    pub fn rules_version(&self) -> RulesVersion {
        self.bind().version
    }

    /// The rates as they are now.
    pub fn rates(&self) -> Arc<RateTable> {
        let tables = self.shared.rates.load();
        // There is always one: `new` puts it there and `replace_rates` only adds.
        tables[0].clone()
    }

    /// Replaces the rates. Contexts made with one of the last few tables stay good.
    pub fn replace_rates(&self, rates: RateTable) {
        let rates = Arc::new(rates);
        self.shared.rates.rcu(|tables| {
            let former = tables.iter().filter(|table| table.version() != rates.version());
            let tables: Vec<_> = std::iter::once(&rates).chain(former).take(TABLES_KEPT).cloned().collect();
            tables
        });
    }

    /// Prices all offers in one call per rule set. `now` counts by the minute. Where the baggage rules are missing or
    /// fail, what the supplier did not state stays unknown; without fare rules nothing has a price.
    pub async fn price(
        &self,
        input: &PricingInput<'_>,
        context: &PricingContext,
        now: Timestamp,
    ) -> Result<PricedOffers, PricingError> {
        let table = self.table(&context.rates)?;
        let bound = self.bind();
        let fares = bound.fares.as_ref().ok_or(PricingError::NoRuleSet(RuleSetKind::Fares))?;
        let count = input.replies.iter().map(|(_, reply)| reply.len()).sum();
        let Some(mut constants) = circumstances::constants(context, &table, now) else {
            let how = How { lines: Vec::new(), names: None, rule_sets: rule_sets(&bound), priced_at: now };
            let prices = vec![Err(no_rate(context.display_currency)); count];
            return Ok(PricedOffers { prices, baggage: Vec::new(), how, changes_at: None, rules: bound.version });
        };
        constants.extend(circumstances::travellers(&input.trip.passengers));
        constants.push((columns::SLICES, i64::try_from(input.trip.slices().len()).unwrap_or(i64::MAX)));

        let passengers = input.trip.passengers.passengers();
        let mut exchange = Exchange::new(&table, context.display_currency);
        let mut facts = FareFacts::new(count);
        let mut baggage = BaggageFacts::new(&passengers);
        let mut rows = Vec::with_capacity(count);
        let mut products = Vec::with_capacity(count);
        for (_, reply) in &input.replies {
            let told = Told::of(reply);
            baggage.next_reply(reply.len());
            for row in reply.rows() {
                let amounts = reply.amounts(row).ok_or(Unpriced::SupplierAmounts("they are of no currency"));
                products.push(amounts.and_then(|amounts| exchange.convert(amounts)).map(|converted| {
                    facts.push(&told, row, &converted);
                    rows.push(converted);
                    baggage.push(&told, row)
                }));
            }
        }
        let now_minute = minute(now);
        let mut how = How {
            lines: Vec::new(),
            names: None,
            rule_sets: rule_sets(&bound),
            priced_at: moment(now_minute).unwrap_or(now),
        };
        if rows.is_empty() {
            let prices = products.into_iter().filter_map(Result::err).map(Err).collect();
            return Ok(PricedOffers { prices, baggage: Vec::new(), how, changes_at: None, rules: bound.version });
        }

        let facts = facts.into_sheet().into_facts(constants.clone());
        let answer = fares.price(&facts).await;
        let answer = answer.map_err(|fault| PricingError::RuleSetFailed { kind: RuleSetKind::Fares, fault })?;
        let names = self.shared.fare_names.names(fares.version(), fares.describe());
        let mut made = prices(rows, &names, &answer)?.into_iter();
        let next_minute = moment(now_minute.saturating_add(1));
        // A rule set that names a past moment is asked again at the next minute, not in a loop.
        let changes_at = answer.changes_at.map(|at| at.max(now_minute.saturating_add(1))).and_then(moment);
        (how.lines, how.names) = (answer.lines, Some(names));

        let (AllowanceLists { lists: baggage, of_product }, complete) =
            self.allowances(&bound, baggage, constants).await;
        let changes_at = if complete { changes_at } else { changes_at.into_iter().chain(next_minute).min() };
        let lost = Err(Unpriced::RuleAmounts("no price was made"));
        let list = |product: u32| of_product.get(product as usize).copied().unwrap_or(u32::MAX);
        let prices = products.into_iter().map(|product| {
            let price = product.and_then(|product| Ok((product, made.next().unwrap_or_else(|| lost.clone())?)));
            price.map(|(product, price)| Price { baggage: list(product), ..price })
        });
        Ok(PricedOffers { prices: prices.collect(), baggage, how, changes_at, rules: bound.version })
    }

    /// What cancelling costs until departure, the earliest window first; together they leave no gap. By the context's
    /// rate table while it is kept, else by the present one.
    pub async fn penalties(
        &self,
        input: &PenaltyInput<'_>,
        context: &PricingContext,
        now: Timestamp,
    ) -> Result<Vec<PenaltyWindow>, PricingError> {
        let kind = RuleSetKind::Cancellation;
        // A booking outlives the table of its sale; the rate that its price was made with goes with the input.
        let table = self.table(&context.rates).unwrap_or_else(|_| self.rates());
        let rules = self.shared.rules.cancellation().ok_or(PricingError::NoRuleSet(kind))?;
        let to = input.paid.currency;
        let context = PricingContext { display_currency: to, ..context.clone() };
        let constants = circumstances::constants(&context, &table, now).ok_or_else(|| no_rate(to))?;
        let facts = cancellation::sheet(input, &table)?.into_facts(constants);
        let windows = rules.penalties(&facts).await.map_err(|fault| PricingError::RuleSetFailed { kind, fault })?;
        let names = self.shared.cancellation_names.names(rules.version(), rules.describe());
        cancellation::windows(input.paid, input.departs_at, &names, &windows)
    }

    /// Lists of allowances, and whether the rules had their say.
    async fn allowances(
        &self,
        bound: &Bound,
        baggage: BaggageFacts<'_>,
        constants: Vec<(u16, i64)>,
    ) -> (AllowanceLists, bool) {
        let nothing_to_ask = baggage.is_complete();
        let (sheet, unanswered) = baggage.split();
        let Some(rules) = bound.baggage.as_ref().filter(|_| !nothing_to_ask) else {
            return (unanswered.unanswered(), true);
        };
        let kind = RuleSetKind::Baggage;
        let names = self.shared.baggage_names.names(rules.version(), rules.describe());
        let answer = rules.allow(&sheet.into_facts(constants)).await;
        let answer = answer.map_err(|fault| PricingError::RuleSetFailed { kind, fault });
        match answer.and_then(|answer| unanswered.check(&names, &answer).map(|()| answer)) {
            Ok(answer) => (unanswered.answered(&names, &answer), true),
            Err(error) => {
                tracing::warn!(rules = %rules.version(), %error, "baggage stays unknown where suppliers did not say");
                (unanswered.unanswered(), false)
            }
        }
    }

    fn table(&self, version: &RatesVersion) -> Result<Arc<RateTable>, PricingError> {
        let tables = self.shared.rates.load();
        let table = tables.iter().find(|table| table.version() == version);
        table.cloned().ok_or_else(|| PricingError::RatesGone(version.clone()))
    }

    fn bind(&self) -> Bound {
        let fares = self.shared.rules.fares();
        let baggage = self.shared.rules.baggage();
        let cancellation = self.shared.rules.cancellation();
        let version = rules_version([
            fares.as_ref().map(|rules| rules.version()),
            baggage.as_ref().map(|rules| rules.version()),
            cancellation.as_ref().map(|rules| rules.version()),
        ]);
        Bound { fares, baggage, version }
    }
}

/// The first half of each hash; `-` where none is loaded.
fn rules_version(versions: [Option<&PluginVersion>; 3]) -> RulesVersion {
    let short = |version: Option<&PluginVersion>| {
        version.map_or("-".to_owned(), |version| version.hash.chars().take(32).collect())
    };
    RulesVersion(versions.map(short).join(".").into())
}

fn rule_sets(bound: &Bound) -> Arc<[RuleSetUsed]> {
    let used = |kind, version: &PluginVersion| RuleSetUsed { kind, component: version.clone() };
    let fares = bound.fares.iter().map(|rules| used(RuleSetKind::Fares, rules.version()));
    fares.chain(bound.baggage.iter().map(|rules| used(RuleSetKind::Baggage, rules.version()))).collect()
}

fn no_rate(to: Currency) -> Unpriced {
    let euro: Result<Currency, MoneyError> = "EUR".parse();
    Unpriced::NoRate { from: euro.unwrap_or(to), to }
}

//! Priced offers: what a traveller pays, and by which rules.

use crate::error::{RuleSetKind, Unpriced};
use crate::fares::Converted;
use crate::names::Names;
use crate::rates::RateUsed;
use interline_domain::money::Money;
use interline_domain::offer::BagKind;
use interline_domain::table::OfferTable;
use interline_domain::trip::Trip;
use interline_runtime::{FareLine, LineKind, PluginVersion};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Offers to be priced in one go.
#[derive(Debug, Clone)]
pub struct PricingInput<'a> {
    /// What was asked for.
    pub trip: &'a Trip,
    /// Supplier name and what it answered.
    pub replies: Vec<(&'a str, &'a OfferTable)>,
}

/// Identifies the three rule sets that are loaded, by content: another one whenever one of them is swapped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RulesVersion(pub(crate) Arc<str>);

impl RulesVersion {
    /// Hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RulesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One rule set, as it stood when it made a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSetUsed {
    /// What it is for.
    pub kind: RuleSetKind,
    /// The component that answered.
    pub component: PluginVersion,
}

/// The answer for a [`PricingInput`].
#[derive(Debug, Clone)]
pub struct PricedOffers {
    pub(crate) prices: Vec<Result<Price, Unpriced>>,
    pub(crate) baggage: Vec<Arc<[BaggageAllowance]>>,
    pub(crate) how: How,
    /// From then on the same input may be priced otherwise; none: not by the passing of time.
    pub changes_at: Option<Timestamp>,
    /// The rules that made it.
    pub rules: RulesVersion,
}

/// What explains all prices of a call.
#[derive(Debug, Clone)]
pub(crate) struct How {
    pub lines: Vec<FareLine>,
    /// Of the rules; none: there was nothing to ask them.
    pub names: Option<Arc<Names>>,
    pub rule_sets: Arc<[RuleSetUsed]>,
    pub priced_at: Timestamp,
}

/// An offer's price, in minor units of the currency shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// What the traveller pays.
    pub total: i64,
    /// See [`PricedOffer::base`].
    pub base: i64,
    /// See [`PricedOffer::taxes`].
    pub taxes: i64,
    /// Index of [`PricedOffers::baggage`]: offers with as many segments and the same allowances have one list.
    pub baggage: u32,
    pub(crate) converted: Converted,
    /// Of the call's lines.
    pub(crate) lines: Range<usize>,
}

impl PricedOffers {
    /// One for each offer, in order: the replies' offers one after the other.
    pub fn prices(&self) -> &[Result<Price, Unpriced>] {
        &self.prices
    }

    /// Lists of allowances; prices name theirs by its place.
    pub fn baggage(&self) -> &[Arc<[BaggageAllowance]>] {
        &self.baggage
    }

    /// All prices with what explains them, to be kept.
    pub fn offers(&self) -> Vec<Result<PricedOffer, Unpriced>> {
        self.prices
            .iter()
            .map(|price| price.as_ref().map(|price| self.explained(price)).map_err(Clone::clone))
            .collect()
    }

    fn explained(&self, price: &Price) -> PricedOffer {
        let Price { total, base, taxes, baggage, converted, lines } = price;
        let shown = |units: i64| Money::new(units, converted.total.currency);
        let line = |line: &FareLine| {
            let names = self.how.names.as_ref()?;
            let (rule_set, rule) = (names.rule_set(), names.rule(line.rule)?);
            Some(PriceLine { rule_set, rule, kind: line.kind, amount: shown(line.amount) })
        };
        PricedOffer {
            net: converted.net,
            converted: converted.total,
            total: shown(*total),
            base: shown(*base),
            taxes: shown(*taxes),
            trace: PriceTrace {
                lines: self.how.lines.get(lines.clone()).unwrap_or_default().iter().filter_map(line).collect(),
                rate: converted.rate.clone(),
                rule_sets: Arc::clone(&self.how.rule_sets),
                priced_at: self.how.priced_at,
            },
            baggage: self.baggage.get(*baggage as usize).map_or_else(Vec::new, |list| list.to_vec()),
        }
    }
}

/// An offer with its price for one context. Of this only `total`, `base`, `taxes` and `baggage` may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedOffer {
    /// The supplier's total, in its currency. Not for frontends.
    pub net: Money,
    /// The same, in the currency shown. Not for frontends.
    pub converted: Money,
    /// What the traveller pays.
    pub total: Money,
    /// `total` without taxes: the fare with all that the agency adds to it or takes off.
    pub base: Money,
    /// Taxes within `total`, in the currency shown.
    pub taxes: Money,
    /// How the total came about. Not for frontends.
    pub trace: PriceTrace,
    /// By passenger, segment and kind; what neither supplier nor rules tell is absent.
    pub baggage: Vec<BaggageAllowance>,
}

/// How a price came about: kept with the quote, so that it can be explained years later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTrace {
    /// In the order in which the rules added them.
    pub lines: Vec<PriceLine>,
    /// The exchange from the supplier's currency; none: it was the same.
    pub rate: Option<Arc<RateUsed>>,
    /// The rule sets that had a say.
    pub rule_sets: Arc<[RuleSetUsed]>,
    /// The minute that the rules took for now.
    pub priced_at: Timestamp,
}

/// One line of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceLine {
    /// Name of the rule set.
    pub rule_set: Arc<str>,
    /// Name of the rule within it.
    pub rule: Arc<str>,
    /// What it is; only a discount is below zero.
    pub kind: LineKind,
    /// Added to the converted net, but for a commission, which is within it.
    pub amount: Money,
}

/// What one passenger may take along on one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaggageAllowance {
    /// Index of the passenger.
    pub passenger: u8,
    /// Which of the offer's segments, counted through all slices. In quotes stored before 2026-11-28 it is an index into the
    /// reply's segments, which differs where these are not in order of travel; the name is that of then, for nodes that know no
    /// other.
    #[serde(rename = "segment")]
    pub position: u32,
    /// Kind.
    pub kind: BagKind,
    /// Pieces; 0: none included; none: a weight concept.
    pub pieces: Option<u8>,
    /// Per piece with pieces, else in all.
    pub weight_kg: Option<u16>,
    /// Who says so.
    pub source: BaggageSource,
}

/// Who tells a baggage allowance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum BaggageSource {
    /// The supplier, with the offer.
    Supplier,
    /// The agency's rules, since the supplier did not say. Not for frontends by name.
    Rule {
        /// Name of the rule set.
        rule_set: Arc<str>,
        /// Name of the rule.
        rule: Arc<str>,
    },
}

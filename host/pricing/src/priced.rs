//! Priced offers: what a traveller pays, and by which rules.

use crate::error::{RuleSetKind, Unpriced};
use crate::rates::RateUsed;
use interline_domain::money::Money;
use interline_domain::offer::{BagKind, SupplierReply};
use interline_domain::trip::Trip;
use interline_runtime::{LineKind, PluginVersion};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Offers to be priced in one go.
#[derive(Debug, Clone)]
pub struct PricingInput<'a> {
    /// What was asked for.
    pub trip: &'a Trip,
    /// Supplier name and what it answered.
    pub replies: Vec<(&'a str, &'a SupplierReply)>,
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
    /// One for each offer, in order: the replies' offers one after the other.
    pub offers: Vec<Result<PricedOffer, Unpriced>>,
    /// From then on the same input may be priced otherwise; none: not by the passing of time.
    pub changes_at: Option<Timestamp>,
    /// The rules that made it.
    pub rules: RulesVersion,
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
    /// Index into the reply's segments.
    pub segment: u32,
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

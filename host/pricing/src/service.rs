//! The pricing service.

use crate::context::PricingContext;
use crate::error::{PricingError, RuleSetKind};
use crate::penalty::{PenaltyInput, PenaltyWindow};
use crate::priced::{PricedOffers, PricingInput, RulesVersion};
use crate::rates::RateTable;
use interline_runtime::RuleSets;
use jiff::Timestamp;
use std::sync::Arc;

/// Prices offers and cancellations by the rule sets that are active, and owns the exchange rates. Cheap to clone.
#[derive(Clone)]
pub struct Pricing {
    rules: Arc<dyn RuleSets>,
    rates: Arc<RateTable>,
}

impl Pricing {
    /// By these rule sets and rates.
    pub fn new(rules: Arc<dyn RuleSets>, rates: RateTable) -> Self {
        Self { rules, rates: Arc::new(rates) }
    }

    /// Identifies all three rule sets as they are now.
    pub fn rules_version(&self) -> RulesVersion {
        RulesVersion(Arc::from(""))
    }

    /// The rates as they are now.
    pub fn rates(&self) -> Arc<RateTable> {
        self.rates.clone()
    }

    /// Replaces the rates. Contexts made with the former ones stay good for a while.
    pub fn replace_rates(&self, rates: RateTable) {
        drop(rates);
    }

    /// Prices all offers in one call per rule set. `now` counts by the minute.
    pub async fn price(
        &self,
        input: &PricingInput<'_>,
        context: &PricingContext,
        now: Timestamp,
    ) -> Result<PricedOffers, PricingError> {
        let _ = (input, context, now, &self.rules);
        Err(PricingError::NoRuleSet(RuleSetKind::Fares))
    }

    /// What cancelling costs until departure, the earliest window first; together they leave no gap.
    pub async fn penalties(
        &self,
        input: &PenaltyInput<'_>,
        context: &PricingContext,
        now: Timestamp,
    ) -> Result<Vec<PenaltyWindow>, PricingError> {
        let _ = (input, context, now);
        Err(PricingError::NoRuleSet(RuleSetKind::Cancellation))
    }
}

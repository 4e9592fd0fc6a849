//! What cancelling costs, by time to departure.

use crate::rates::RateUsed;
use interline_domain::money::Money;
use interline_domain::offer::Conditions;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the supplier says about its money back.
#[derive(Debug, Clone)]
pub enum SupplierTerms<'a> {
    /// The conditions of the offer.
    Conditions(&'a Conditions),
    /// What the supplier quoted just now to give back.
    Quoted {
        /// To the agency, in the supplier's currency.
        refund: Money,
    },
}

/// One item whose cancellation is to be priced.
#[derive(Debug, Clone)]
pub struct PenaltyInput<'a> {
    /// What the traveller paid, or would pay, in the currency shown.
    pub paid: Money,
    /// The supplier's total, in its currency.
    pub net: Money,
    /// The supplier's total without taxes, in its currency.
    pub base: Money,
    /// The supplier's terms.
    pub terms: SupplierTerms<'a>,
    /// IATA code of the validating carrier.
    pub owner: &'a str,
    /// First departure.
    pub departs_at: Timestamp,
    /// Number of passengers.
    pub passengers: u32,
    /// The exchange kept with the quote, which goes before the context's table; none: by that table.
    pub rate: Option<&'a RateUsed>,
}

/// What cancelling within a span of time costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyWindow {
    /// Holds from then (inclusive); none: from the booking.
    pub from: Option<Timestamp>,
    /// Holds until then (exclusive).
    pub until: Timestamp,
    /// Whether anything may come back.
    pub refundable: bool,
    /// Kept in all, of what the traveller paid.
    pub penalty: Money,
    /// Of it, the agency's own. Not for frontends.
    pub agency_fee: Money,
    /// What the traveller gets back.
    pub refund: Money,
    /// The rule that says so. Not for frontends.
    pub rule: Arc<str>,
}

impl PenaltyWindow {
    /// Whether the window holds at a moment.
    pub fn holds_at(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= moment) && moment < self.until
    }
}

//! When a rule fits an offer.

use interline_rules_sdk::code::{is_among, pack};
use interline_rules_sdk::{Facts, Lane, RuleError, columns};

/// What an offer must be like. An empty list, or none, asks for nothing.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// Validating carriers.
    pub carriers: &'static [&'static str],
    /// Of [`columns::route`].
    pub routes: &'static [u32],
    /// Of [`columns::cabin`].
    pub cabins: &'static [u32],
    /// Countries of sale.
    pub points_of_sale: &'static [&'static str],
    /// Of [`columns::channel`].
    pub channels: &'static [u32],
    /// Of [`columns::segment`].
    pub segments: &'static [u32],
    /// Minutes from now to departure: at least, and less than. Does not fit where the departure is not known.
    pub lead: Option<(i64, i64)>,
    /// Minutes since 1970 of the sale: from, and until before.
    pub sold: Option<(i64, i64)>,
}

impl When {
    /// Fits everything.
    pub const ALWAYS: Self = Self {
        carriers: &[],
        routes: &[],
        cabins: &[],
        points_of_sale: &[],
        channels: &[],
        segments: &[],
        lead: None,
        sold: None,
    };

    /// Whether a carrier is one of those named.
    pub(crate) fn is_of(&self, carrier: u32) -> bool {
        self.carriers.iter().any(|code| pack(code) == carrier)
    }

    /// Whether offers of a kind are like that, whenever they are sold and fly; the carrier aside, by which the rule was
    /// found.
    pub(crate) fn is_for(&self, sale: &Sale, kind: Kind) -> bool {
        let is_one_of = |list: &[u32], value| list.is_empty() || list.contains(&value);
        is_one_of(self.routes, kind.route)
            && is_one_of(self.cabins, kind.cabin)
            && is_among(sale.point_of_sale, self.points_of_sale)
            && is_one_of(self.channels, sale.channel)
            && is_one_of(self.segments, sale.segment)
    }

    /// Whether an offer of such a kind is sold and flies when it must.
    pub(crate) fn is_now(&self, sale: &Sale, offer: &Offer) -> bool {
        let within = |(from, until): (i64, i64), value| from <= value && value < until;
        self.lead.is_none_or(|span| sale.lead(offer).is_some_and(|lead| within(span, lead)))
            && self.sold.is_none_or(|span| within(span, sale.now))
    }
}

/// What is the same for all offers of a call.
#[derive(Debug, Clone, Copy)]
pub struct Sale {
    /// Minutes since 1970.
    pub now: i64,
    /// Code of the display currency.
    pub currency: u32,
    /// Its decimals.
    pub exponent: i64,
    /// What 1 000 euro are in it.
    pub thousand_euro: i64,
    /// Code of the country.
    pub point_of_sale: u32,
    /// Of [`columns::channel`].
    pub channel: u32,
    /// Of [`columns::segment`].
    pub segment: u32,
    /// Adults and children: those who pay for a seat.
    pub seats: i64,
}

impl Sale {
    /// From the constants.
    pub fn of(facts: &Facts<'_>) -> Result<Self, RuleError> {
        let number = |id| u32::try_from(facts.constant(id)).unwrap_or(0);
        let adults_and_children = facts.constant(columns::ADULTS).saturating_add(facts.constant(columns::CHILDREN));
        Ok(Self {
            now: facts.constant(columns::NOW),
            currency: number(columns::DISPLAY_CURRENCY),
            exponent: facts.constant(columns::DISPLAY_EXPONENT),
            thousand_euro: facts.required_constant(columns::THOUSAND_EURO)?,
            point_of_sale: number(columns::POINT_OF_SALE),
            channel: number(columns::CHANNEL),
            segment: number(columns::CUSTOMER_SEGMENT),
            seats: adults_and_children.max(1),
        })
    }

    fn lead(&self, offer: &Offer) -> Option<i64> {
        if offer.departs_at == 0 || self.now == 0 {
            return None;
        }
        offer.departs_at.checked_sub(self.now)
    }
}

/// What many offers of a call have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Code of the validating carrier.
    pub carrier: u32,
    /// Of [`columns::route`].
    pub route: u32,
    /// Of [`columns::cabin`].
    pub cabin: u32,
}

/// One offer.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// By it its rules are found.
    pub kind: Kind,
    /// The supplier's total.
    pub total: i64,
    /// The supplier's fare; its total where it told no fare.
    pub base: i64,
    /// Minutes since 1970; 0: not known.
    pub departs_at: i64,
}

/// The columns that the rules go by.
pub struct Offers<'a> {
    totals: Lane<'a, i64>,
    bases: Lane<'a, i64>,
    carriers: Lane<'a, u32>,
    routes: Lane<'a, u32>,
    cabins: Lane<'a, u32>,
    departures: Lane<'a, i64>,
}

impl<'a> Offers<'a> {
    /// Looks the columns up.
    pub fn of(facts: &Facts<'a>) -> Result<Self, RuleError> {
        Ok(Self {
            totals: facts.required_amounts(columns::NET_TOTAL)?,
            bases: facts.amounts(columns::NET_BASE)?,
            carriers: facts.codes(columns::VALIDATING_CARRIER)?,
            routes: facts.codes(columns::ROUTE)?,
            cabins: facts.codes(columns::CABIN)?,
            departures: facts.amounts(columns::DEPARTS_AT)?,
        })
    }

    /// One row.
    pub fn at(&self, row: usize) -> Offer {
        let total = self.totals.at(row);
        let base = self.bases.at(row);
        Offer {
            total,
            base: if base > 0 { base } else { total },
            kind: Kind { carrier: self.carriers.at(row), route: self.routes.at(row), cabin: self.cabins.at(row) },
            departs_at: self.departures.at(row),
        }
    }
}

//! From suppliers' offers to facts of fares, and from the rules' lines to prices.

use crate::circumstances::{self, SegmentFacts};
use crate::columns;
use crate::error::{PricingError, RuleSetKind, Unpriced};
use crate::names::Names;
use crate::priced::{PriceLine, PriceTrace, PricedOffer, RuleSetUsed};
use crate::rates::{RateTable, RateUsed};
use crate::sheet::{Sheet, pack};
use interline_domain::money::{Currency, Money};
use interline_domain::offer::Offer;
use interline_runtime::{FareLine, LineKind, PricedLines};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// A supplier's amounts in the currency shown.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The supplier's total.
    pub total: Money,
    /// Of it, taxes.
    pub taxes: Money,
    /// The exchange; none: it was the same currency.
    pub rate: Option<Arc<RateUsed>>,
}

/// Beyond this, in minor units, an amount is a mistake: shares of it still fit into 64 bits.
const LARGEST: i64 = 1_000_000_000_000_000;
/// More than so many times the supplier's total is a slipped decimal.
const DEAREST: i64 = 20;
/// A price of more lines than this is no explanation any more.
const LINES_PER_OFFER: usize = 32;

/// Exchanges offers into one currency, looking each rate up once.
pub struct Exchange<'a> {
    table: &'a RateTable,
    to: Currency,
    rates: HashMap<Currency, Option<Arc<RateUsed>>>,
}

impl<'a> Exchange<'a> {
    /// Into `to`, by `table`.
    pub fn new(table: &'a RateTable, to: Currency) -> Self {
        Self { table, to, rates: HashMap::new() }
    }

    /// An offer's amounts in the currency shown.
    pub fn convert(&mut self, offer: &Offer) -> Result<Converted, Unpriced> {
        let from = offer.total.currency;
        if offer.taxes.currency != from || offer.base.currency != from {
            return Err(Unpriced::SupplierAmounts("they are of several currencies"));
        }
        if offer.total.units <= 0 {
            return Err(Unpriced::SupplierAmounts("the total is not positive"));
        }
        if offer.taxes.units < 0 || offer.taxes.units > offer.total.units {
            return Err(Unpriced::SupplierAmounts("the taxes are negative or more than the total"));
        }
        let rate = self.rate(from)?;
        let exchange = |amount: Money| match &rate {
            Some(rate) => rate.exchange(amount).map_err(|_| Unpriced::SupplierAmounts("an amount is out of range")),
            None => Ok(amount),
        };
        let (total, taxes) = (exchange(offer.total)?, exchange(offer.taxes)?);
        match total.units {
            ..=0 => Err(Unpriced::SupplierAmounts("the total is nothing in the currency shown")),
            LARGEST.. => Err(Unpriced::SupplierAmounts("an amount is out of range")),
            _ => Ok(Converted { total, taxes, rate }),
        }
    }

    fn rate(&mut self, from: Currency) -> Result<Option<Arc<RateUsed>>, Unpriced> {
        if from == self.to {
            return Ok(None);
        }
        let rate = self.rates.entry(from).or_insert_with(|| self.table.rate(from, self.to).map(Arc::new));
        rate.clone().map(Some).ok_or(Unpriced::NoRate { from, to: self.to })
    }
}

/// The columns of the fares' facts.
pub struct FareFacts(Sheet<14, 4>);

impl FareFacts {
    /// No rows yet.
    pub fn new() -> Self {
        Self(Sheet::new(
            [
                columns::VALIDATING_CARRIER,
                columns::MARKETING_CARRIER,
                columns::OPERATING_CARRIER,
                columns::ORIGIN,
                columns::DESTINATION,
                columns::ORIGIN_COUNTRY,
                columns::DESTINATION_COUNTRY,
                columns::ORIGIN_REGION,
                columns::DESTINATION_REGION,
                columns::ROUTE,
                columns::CABIN,
                columns::BRAND,
                columns::FLIGHTS,
                columns::REFUNDABLE,
            ],
            [columns::NET_TOTAL, columns::NET_BASE, columns::NET_TAXES, columns::DEPARTS_AT],
        ))
    }

    /// Adds an offer. Segments that the reply lacks are passed over.
    pub fn push(&mut self, offer: &Offer, segments: &[SegmentFacts], amounts: &Converted) {
        let fact = |at: u32| segments.get(at as usize).copied();
        let slice_ends = |index: usize| {
            let slice = offer.slices.get(index)?;
            let (first, last) = (slice.segments.first()?, slice.segments.last()?);
            Some((fact(first.segment)?, fact(last.segment)?))
        };
        let (first, last) = slice_ends(0).unwrap_or_default();
        let routes = (0..offer.slices.len()).filter_map(slice_ends);
        let route = routes.map(|(from, to)| circumstances::route(from.origin, to.destination)).max().unwrap_or(0);
        let all = || offer.slices.iter().flat_map(|slice| &slice.segments);
        let cabin = all().map(|at| circumstances::cabin(at.cabin)).min().unwrap_or(0);
        let flights = offer.slices.iter().map(|slice| slice.segments.len()).max().unwrap_or(0);
        let brand = offer.slices.first().and_then(|slice| slice.fare_brand.as_deref());
        let base = amounts.total.units - amounts.taxes.units;
        self.0.push(
            [
                pack(&offer.owner),
                first.marketing,
                first.operating,
                first.origin.airport,
                last.destination.airport,
                first.origin.country,
                last.destination.country,
                first.origin.region,
                last.destination.region,
                route,
                cabin,
                circumstances::brand(brand),
                u32::try_from(flights).unwrap_or(u32::MAX),
                circumstances::refundable(offer),
            ],
            [amounts.total.units, base, amounts.taxes.units, first.departs_at],
        );
    }

    /// The finished table.
    pub fn into_sheet(self) -> Sheet<14, 4> {
        self.0
    }
}

/// What is the same for all prices of a call.
pub struct Answer<'a> {
    /// Of the rules.
    pub names: &'a Names,
    /// That had a say.
    pub rule_sets: Arc<[RuleSetUsed]>,
    /// The rules' now.
    pub priced_at: Timestamp,
}

impl Answer<'_> {
    /// Prices of all rows: `amounts` and the supplier's totals by row, and the rule set's lines.
    pub fn prices(
        &self,
        rows: &[(Money, Converted)],
        answer: &PricedLines,
    ) -> Result<Vec<Result<PricedOffer, Unpriced>>, PricingError> {
        if answer.lines.len() > rows.len().saturating_mul(LINES_PER_OFFER) {
            return Err(bad(format!("{} lines for {} offers", answer.lines.len(), rows.len())));
        }
        if !answer.lines.is_sorted_by_key(|line| line.row) {
            return Err(bad("the lines are not ordered by row".to_owned()));
        }
        if let Some(line) = answer.lines.last().filter(|line| line.row as usize >= rows.len()) {
            return Err(bad(format!("a line for row {} of {}", line.row, rows.len())));
        }
        let mut rest = answer.lines.as_slice();
        let mut prices = Vec::with_capacity(rows.len());
        for (row, (net, converted)) in rows.iter().enumerate() {
            let (mine, others) = rest.split_at(rest.partition_point(|line| line.row as usize <= row));
            rest = others;
            prices.push(self.price(*net, converted, mine)?);
        }
        Ok(prices)
    }

    /// One price. The outer error is for what spoils the whole answer, the inner for what spoils this price.
    fn price(
        &self,
        net: Money,
        converted: &Converted,
        lines: &[FareLine],
    ) -> Result<Result<PricedOffer, Unpriced>, PricingError> {
        let currency = converted.total.currency;
        let mut total = Some(converted.total.units);
        let mut trace = Vec::with_capacity(lines.len());
        for line in lines {
            let rule = self.names.rule(line.rule);
            let rule = rule.ok_or_else(|| bad(format!("rule {} is none that it describes", line.rule)))?;
            let wrong_sign = if line.kind == LineKind::Discount { line.amount > 0 } else { line.amount < 0 };
            if wrong_sign {
                return Ok(Err(Unpriced::RuleAmounts("a line has the wrong sign")));
            }
            if line.kind == LineKind::Commission && line.amount > converted.total.units {
                return Ok(Err(Unpriced::RuleAmounts("a commission is more than the supplier's total")));
            }
            if line.kind != LineKind::Commission {
                total = total.and_then(|total| total.checked_add(line.amount));
            }
            let amount = Money::new(line.amount, currency);
            trace.push(PriceLine { rule_set: self.names.rule_set(), rule, kind: line.kind, amount });
        }
        let dearest = converted.total.units.saturating_mul(DEAREST);
        let Some(total) = total.filter(|total| (1..=dearest).contains(total)) else {
            return Ok(Err(Unpriced::RuleAmounts("the total is nothing, or many times the supplier's")));
        };
        let taxes = converted.taxes.units.min(total);
        Ok(Ok(PricedOffer {
            net,
            converted: converted.total,
            total: Money::new(total, currency),
            base: Money::new(total - taxes, currency),
            taxes: Money::new(taxes, currency),
            trace: PriceTrace {
                lines: trace,
                rate: converted.rate.clone(),
                rule_sets: self.rule_sets.clone(),
                priced_at: self.priced_at,
            },
            baggage: Vec::new(),
        }))
    }
}

fn bad(reason: String) -> PricingError {
    PricingError::BadAnswer { kind: RuleSetKind::Fares, reason }
}

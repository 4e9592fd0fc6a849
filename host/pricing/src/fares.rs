//! From suppliers' offers to facts of fares, and from the rules' lines to prices.

use crate::columns;
use crate::error::{PricingError, RuleSetKind, Unpriced};
use crate::names::Names;
use crate::priced::Price;
use crate::rates::{RateTable, RateUsed};
use crate::sheet::Sheet;
use crate::told::{ItineraryFacts, Told};
use foldhash::fast::RandomState;
use interline_domain::money::{Currency, Money};
use interline_domain::table::Row;
use interline_runtime::{FareLine, LineKind, PricedLines};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A supplier's amounts in the currency shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// The supplier's total, in its own currency.
    pub net: Money,
    /// The same, in the currency shown.
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
    rates: HashMap<Currency, Option<Arc<RateUsed>>, RandomState>,
}

impl<'a> Exchange<'a> {
    /// Into `to`, by `table`.
    pub fn new(table: &'a RateTable, to: Currency) -> Self {
        Self { table, to, rates: HashMap::default() }
    }

    /// An offer's base, taxes and total in the currency shown.
    pub fn convert(&mut self, [base, taxes, total]: [Money; 3]) -> Result<Converted, Unpriced> {
        let from = total.currency;
        if taxes.currency != from || base.currency != from {
            return Err(Unpriced::SupplierAmounts("they are of several currencies"));
        }
        if total.units <= 0 {
            return Err(Unpriced::SupplierAmounts("the total is not positive"));
        }
        if taxes.units < 0 || taxes.units > total.units {
            return Err(Unpriced::SupplierAmounts("the taxes are negative or more than the total"));
        }
        let rate = self.rate(from)?;
        let exchange = |amount: Money| match &rate {
            Some(rate) => rate.exchange(amount).map_err(|_| Unpriced::SupplierAmounts("an amount is out of range")),
            None => Ok(amount),
        };
        let (net, total, taxes) = (total, exchange(total)?, exchange(taxes)?);
        match total.units {
            ..=0 => Err(Unpriced::SupplierAmounts("the total is nothing in the currency shown")),
            LARGEST.. => Err(Unpriced::SupplierAmounts("an amount is out of range")),
            _ => Ok(Converted { net, total, taxes, rate }),
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
    /// No rows yet, and room for so many.
    pub fn new(room: usize) -> Self {
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
            room,
        ))
    }

    /// Adds an offer.
    pub fn push(&mut self, told: &Told<'_>, row: &Row, amounts: &Converted) {
        let ItineraryFacts { first, destination, route, cabin, flights } = told.itinerary(row);
        let base = amounts.total.units - amounts.taxes.units;
        self.0.push(
            [
                told.owner(row),
                first.marketing,
                first.operating,
                first.origin.airport,
                destination.airport,
                first.origin.country,
                destination.country,
                first.origin.region,
                destination.region,
                route,
                cabin,
                told.brands(row).first().copied().unwrap_or(0),
                flights,
                told.refundable(row),
            ],
            [amounts.total.units, base, amounts.taxes.units, first.departs_at],
        );
    }

    /// The finished table.
    pub fn into_sheet(self) -> Sheet<14, 4> {
        self.0
    }
}

/// Prices of all rows, by the rule set's lines. The outer error is for what spoils the whole answer, the inner for what spoils
/// one price.
pub fn prices(
    rows: Vec<Converted>,
    names: &Names,
    answer: &PricedLines,
) -> Result<Vec<Result<Price, Unpriced>>, PricingError> {
    if answer.lines.len() > rows.len().saturating_mul(LINES_PER_OFFER) {
        return Err(bad(format!("{} lines for {} offers", answer.lines.len(), rows.len())));
    }
    if !answer.lines.is_sorted_by_key(|line| line.row) {
        return Err(bad("the lines are not ordered by row".to_owned()));
    }
    if let Some(line) = answer.lines.last().filter(|line| line.row as usize >= rows.len()) {
        return Err(bad(format!("a line for row {} of {}", line.row, rows.len())));
    }
    if let Some(line) = answer.lines.iter().find(|line| !names.has(line.rule)) {
        return Err(bad(format!("rule {} is none that it describes", line.rule)));
    }
    let (mut end, mut prices) = (0, Vec::with_capacity(rows.len()));
    for (row, converted) in rows.into_iter().enumerate() {
        let start = end;
        end += answer.lines[start..].iter().take_while(|line| line.row as usize == row).count();
        prices.push(price(converted, start..end, &answer.lines[start..end]));
    }
    Ok(prices)
}

fn price(converted: Converted, at: Range<usize>, lines: &[FareLine]) -> Result<Price, Unpriced> {
    let mut total = Some(converted.total.units);
    for line in lines {
        let wrong_sign = if line.kind == LineKind::Discount { line.amount > 0 } else { line.amount < 0 };
        if wrong_sign {
            return Err(Unpriced::RuleAmounts("a line has the wrong sign"));
        }
        if line.kind == LineKind::Commission && line.amount > converted.total.units {
            return Err(Unpriced::RuleAmounts("a commission is more than the supplier's total"));
        }
        if line.kind != LineKind::Commission {
            total = total.and_then(|total| total.checked_add(line.amount));
        }
    }
    let dearest = converted.total.units.saturating_mul(DEAREST);
    let Some(total) = total.filter(|total| (1..=dearest).contains(total)) else {
        return Err(Unpriced::RuleAmounts("the total is nothing, or many times the supplier's"));
    };
    let taxes = converted.taxes.units.min(total);
    Ok(Price { total, base: total - taxes, taxes, baggage: 0, converted, lines: at })
}

fn bad(reason: String) -> PricingError {
    PricingError::BadAnswer { kind: RuleSetKind::Fares, reason }
}

//! Amounts: of a solution in all, and of one passenger of a type.

use super::Reason;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::supplier::{Instant, Money, Tax};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::Element;

/// What a price is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// In the currency of the total: a fare filed in another has its equivalent.
    pub base: Money,
    /// Taxes and fees.
    pub taxes: Money,
    /// To be paid.
    pub total: Money,
}

/// An attribute such as `EUR123.45`.
pub fn money(element: &Element, name: &str) -> Result<Option<Money>, Reason> {
    element.attr(name).map(|text| decimal::prefixed_money(text).map_err(|why| why.to_string())).transpose()
}

/// The total of anything that has one.
pub fn total(element: &Element) -> Result<Money, Reason> {
    match money(element, "TotalPrice")? {
        Some(total) => Ok(total),
        None => money(element, "ApproximateTotalPrice")?.ok_or_else(|| "no TotalPrice".to_owned()),
    }
}

/// The total of a document: of one issued for another there may be its parts only.
pub fn document_total(document: &Element) -> Result<Option<Money>, Reason> {
    if let Some(total) = money(document, "TotalPrice")? {
        return Ok(Some(total));
    }
    let base = match money(document, "EquivalentBasePrice")? {
        Some(base) => Some(base),
        None => money(document, "BasePrice")?,
    };
    Ok(match (base, money(document, "Taxes")?) {
        (Some(base), Some(taxes)) => decimal::add(&base, &taxes).ok(),
        (base, _) => base,
    })
}

/// The amounts of a solution, a price point or a pricing info. What doesn't add up is refused.
pub fn amounts(element: &Element) -> Result<Amounts, Reason> {
    let total = total(element)?;
    let of_total = |money: &Money| money.currency == total.currency;
    let mut base = None;
    for name in ["EquivalentBasePrice", "BasePrice", "ApproximateBasePrice"] {
        base = match base {
            None => money(element, name)?.filter(of_total),
            found => found,
        };
    }
    let mut said = None;
    for name in ["Taxes", "ApproximateTaxes"] {
        said = match said {
            None => money(element, name)?.filter(of_total),
            found => found,
        };
    }
    let fees = money(element, "Fees")?.filter(of_total).map_or(0, |fees| fees.units);
    let base = match (base, &said) {
        (Some(base), _) => base,
        (None, Some(taxes)) => decimal::subtract(&total, taxes).map_err(|why| why.to_string())?,
        (None, None) => return Err("no base price in the currency of the total".to_owned()),
    };
    let taxes = decimal::subtract(&total, &base).map_err(|why| why.to_string())?;
    let adds_up = |said: &Money| taxes.units == said.units || Some(taxes.units) == said.units.checked_add(fees);
    if total.units < 0 || taxes.units < 0 || !said.as_ref().is_none_or(adds_up) {
        return Err("base and taxes do not make the total".to_owned());
    }
    Ok(Amounts { base, taxes, total })
}

/// The taxes one by one, where all are told in the currency of the price.
pub fn taxes(info: &Element, currency: &str) -> Result<Vec<Tax>, Reason> {
    let mut taxes = Vec::new();
    for tax in info.children("TaxInfo") {
        let Some(amount) = money(tax, "Amount")? else { continue };
        if amount.currency != currency {
            return Ok(Vec::new());
        }
        taxes.push(Tax { code: tax.attr("Category").unwrap_or("XX").to_owned(), amount });
    }
    Ok(taxes)
}

/// A deadline: an instant, or a day or time without a zone, which comes first in the easternmost one.
pub fn deadline(text: &str) -> Option<Instant> {
    const EASTERNMOST: Instant = 14 * 3600;
    let text = text.trim();
    time::instant(text).ok().or_else(|| {
        let whole = if text.contains(['T', ' ']) { text.to_owned() } else { format!("{text}T23:59:00") };
        time::utc_instant(&whole).ok()?.checked_sub(EASTERNMOST)
    })
}

/// The ticketing limit of a pricing info or of what holds some.
pub fn ticketing_limit(element: &Element) -> Option<Instant> {
    let told = |name: &str| element.attr(name).and_then(deadline);
    told("LatestTicketingTime").or_else(|| told("TrueLastDateToTicket"))
}

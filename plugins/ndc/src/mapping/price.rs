//! Prices: of an offer, and of each passenger from the offer's items.

use super::Reason;
use super::party::Party;
use crate::read;
use interline_plugin_sdk::decimal::{self, AmountError};
use interline_plugin_sdk::supplier::{Money, PassengerFare, Tax};
use interline_plugin_sdk::xml::Element;

/// A price in its parts: base and taxes make the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Without taxes and fees.
    pub base: Money,
    /// One by one, where told.
    pub taxes: Vec<Tax>,
    /// Taxes and fees.
    pub taxes_total: Money,
    /// All of it.
    pub total: Money,
}

fn add(a: &Money, b: &Money) -> Result<Money, Reason> {
    decimal::add(a, b).map_err(|why: AmountError| why.to_string())
}

/// A `Price` or `TotalPrice`. Its parts must sum up.
pub fn price(element: &Element) -> Result<Price, Reason> {
    let told = element.child("TotalAmount").ok_or_else(|| format!("{} without TotalAmount", element.name()))?;
    // Some name the currency once.
    let beside =
        || element.descendants("TotalTaxAmount").chain(element.elements()).find_map(|part| part.attr("CurCode"));
    let total = read::money(told, beside())?;
    if total.units < 0 {
        return Err("a total below zero".to_owned());
    }
    let currency = Some(total.currency.as_str());
    let nothing = Money { units: 0, ..total.clone() };
    let mut taxes = Vec::new();
    let mut levied = nothing.clone();
    for summary in element.children("TaxSummary") {
        let mut listed = nothing.clone();
        for tax in summary.children("Tax") {
            let Some(amount) = read::amount(tax, "Amount", currency)? else { continue };
            listed = add(&listed, &amount)?;
            let code = tax.child_text("TaxCode").or(tax.child_text("TaxName")).or(tax.child_text("DescText"));
            taxes.push(Tax { code: code.unwrap_or("TAX").to_owned(), amount });
        }
        levied = add(&levied, &read::amount(summary, "TotalTaxAmount", currency)?.unwrap_or(listed))?;
    }
    let mut fees = nothing.clone();
    let parts = element.children("Fee").chain(element.children("Surcharge"));
    for part in parts {
        let amounts = [part].into_iter().chain(part.children("Breakdown"));
        for one in amounts {
            let amount = match read::amount(one, "Amount", currency)? {
                Some(amount) => amount,
                None if one.name() == "Fee" => read::amount(one, "TotalAmount", currency)?.unwrap_or(nothing.clone()),
                None => continue,
            };
            fees = add(&fees, &amount)?;
            let code = one.child_text("DesigText").or(one.child_text("LocalName")).or(one.child_text("DescText"));
            taxes.push(Tax { code: code.unwrap_or("FEE").to_owned(), amount });
        }
    }
    let equivalent = read::amount(element, "EquivAmount", currency)?;
    let base = match equivalent {
        Some(base) => Some(base),
        None => read::amount(element, "BaseAmount", currency)?,
    };
    let mut discounts = nothing.clone();
    for discount in element.children("Discount") {
        let amount = read::amount(discount, "DiscountAmount", currency)?;
        discounts = add(&discounts, &amount.unwrap_or(nothing.clone()))?;
    }
    let both = add(&levied, &fees)?;
    let subtract = |a: &Money, b: &Money| decimal::subtract(a, b).map_err(|why| why.to_string());
    let base = match base {
        Some(base) => base,
        None => subtract(&total, &both)?,
    };
    // A base may be told before its discount, or after.
    let discounted = Money { units: base.units.saturating_sub(discounts.units.saturating_abs()), ..base.clone() };
    let base = if add(&discounted, &both)? == total { discounted } else { base };
    // Some count their fees among the taxes, so that they stand there twice.
    let taxes_total = if add(&base, &both)? == total {
        both
    } else if add(&base, &levied)? == total {
        levied
    } else {
        let parts = [&base, &levied, &fees].map(decimal::to_decimal).join(" + ");
        return Err(format!("base, taxes and fees ({parts}) are not the total, {}", decimal::to_decimal(&total)));
    };
    let sum = taxes.iter().try_fold(nothing, |sum, tax| add(&sum, &tax.amount))?;
    if sum != taxes_total {
        taxes.clear();
    }
    Ok(Price { base, taxes, taxes_total, total })
}

/// The price of an offer that tells no total: its items' together.
pub fn of_items(items: &[&Element]) -> Result<Price, Reason> {
    let mut whole: Option<Price> = None;
    for item in items {
        let one = price(item.child("Price").ok_or("neither a total nor a price of an item")?)?;
        whole = Some(match whole.take() {
            Some(before) => sum(before, &one)?,
            None => one,
        });
    }
    whole.ok_or_else(|| "an offer without a total".to_owned())
}

/// The n-th part of a price, where it is exact.
fn share(price: &Price, count: usize) -> Option<Price> {
    let count = i64::try_from(count).ok().filter(|count| *count > 0)?;
    let part =
        |money: &Money| (money.units % count == 0).then_some(Money { units: money.units / count, ..money.clone() });
    let tax = |tax: &Tax| Some(Tax { code: tax.code.clone(), amount: part(&tax.amount)? });
    Some(Price {
        base: part(&price.base)?,
        taxes_total: part(&price.taxes_total)?,
        total: part(&price.total)?,
        taxes: price.taxes.iter().map(tax).collect::<Option<_>>().unwrap_or_default(),
    })
}

fn sum(a: Price, b: &Price) -> Result<Price, Reason> {
    let taxes = match a.taxes.is_empty() == b.taxes.is_empty() {
        true => a.taxes.iter().chain(&b.taxes).cloned().collect(),
        false => Vec::new(),
    };
    Ok(Price {
        base: add(&a.base, &b.base)?,
        taxes_total: add(&a.taxes_total, &b.taxes_total)?,
        total: add(&a.total, &b.total)?,
        taxes,
    })
}

/// Passengers of an item, and what they pay together.
#[derive(Debug)]
struct Part {
    passengers: Vec<usize>,
    price: Price,
}

/// Whom an element's passenger references name; everybody where there are none.
pub fn passengers(element: &Element, party: &Party) -> Result<Vec<usize>, Reason> {
    let ids = read::below(element, &["PaxRefID"]);
    if ids.is_empty() {
        return Ok((0..party.len()).collect());
    }
    let index = |id: &&str| party.index(id).ok_or_else(|| format!("an unknown passenger, {id}"));
    ids.iter().map(index).collect()
}

/// An item's parts: its fare details where each has a price of its own, else the item as a whole. None of an item that is
/// priced with the others.
fn parts(item: &Element, party: &Party) -> Result<Vec<Part>, Reason> {
    let own = |detail: &'_ Element| -> Option<Price> {
        price(detail.child("Price").or_else(|| detail.path("FarePriceType/Price"))?).ok()
    };
    let Some(element) = item.child("Price") else { return Ok(Vec::new()) };
    let whole = price(element)?;
    let details: Option<Vec<(Vec<usize>, Price)>> =
        item.children("FareDetail").map(|detail| Some((passengers(detail, party).ok()?, own(detail)?))).collect();
    if let Some(details) = details.filter(|details| details.len() > 1) {
        let each = |times| together(details.iter().map(|(who, price)| (price, if times { who.len() } else { 1 })));
        // A fare detail's price is for one passenger by the standard, and for all of its own at some.
        if each(true) == Some(whole.total.units) {
            let one = |(who, price): (Vec<usize>, Price)| {
                who.into_iter().map(move |index| Part { passengers: vec![index], price: price.clone() })
            };
            return Ok(details.into_iter().flat_map(one).collect());
        }
        if each(false) == Some(whole.total.units) {
            return Ok(details.into_iter().map(|(passengers, price)| Part { passengers, price }).collect());
        }
    }
    Ok(vec![Part { passengers: passengers(item, party)?, price: whole }])
}

/// The units of prices, so many times each; none beyond all bounds.
fn together<'a>(mut prices: impl Iterator<Item = (&'a Price, usize)>) -> Option<i64> {
    prices.try_fold(0i64, |sum, (price, times)| {
        price.total.units.checked_mul(i64::try_from(times).ok()?).and_then(|units| sum.checked_add(units))
    })
}

/// What each passenger type pays. Empty where items can't be told apart by passenger. The items must make the total.
pub fn fares(items: &[&Element], party: &Party, total: &Money) -> Result<Vec<PassengerFare>, Reason> {
    let mut all = Vec::new();
    for item in items {
        let parts = parts(item, party)?;
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        all.extend(parts);
    }
    let sum_of = |times| together(all.iter().map(|part| (&part.price, if times { part.passengers.len() } else { 1 })));
    let whole = sum_of(false) == Some(total.units);
    let by_one = sum_of(true) == Some(total.units);
    if !(whole || by_one) || all.iter().any(|part| part.price.total.currency != total.currency) {
        return Err(format!("the items are not the total, {} {}", decimal::to_decimal(total), total.currency));
    }
    let mut paid: Vec<Option<Price>> = vec![None; party.len()];
    for part in all {
        let kinds: Vec<_> = part.passengers.iter().map(|index| party.kind(*index)).collect();
        let alike = kinds.windows(2).all(|pair| pair[0] == pair[1]);
        let count = if whole { part.passengers.len() } else { 1 };
        let Some(one) = share(&part.price, count).filter(|_| alike || count == 1) else { return Ok(Vec::new()) };
        for index in part.passengers {
            paid[index] = Some(match paid[index].take() {
                Some(before) => sum(before, &one)?,
                None => one.clone(),
            });
        }
    }
    let Some(paid) = paid.into_iter().collect::<Option<Vec<Price>>>() else { return Ok(Vec::new()) };
    let mut fares: Vec<PassengerFare> = Vec::new();
    for (index, price) in paid.into_iter().enumerate() {
        let Price { base, taxes, taxes_total, total } = price;
        let kind = party.kind(index);
        let passenger = u8::try_from(index).map_err(|_| "too many passengers")?;
        let same = |fare: &&mut PassengerFare| {
            (fare.kind, &fare.base, &fare.taxes, &fare.total) == (kind, &base, &taxes, &total)
        };
        match fares.iter_mut().find(same) {
            Some(fare) => fare.passengers.push(passenger),
            None => fares.push(PassengerFare { kind, passengers: vec![passenger], base, taxes, taxes_total, total }),
        }
    }
    Ok(fares)
}

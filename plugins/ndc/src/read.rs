//! Reading elements whose names differ in casing only, and texts of usual kinds.

use interline_plugin_sdk::decimal;
use interline_plugin_sdk::supplier::{Instant, Money};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::Element;

/// The text of the first child of this name, whatever its casing. Of a reference to several the first.
pub fn text<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    let named = element.elements().find(|child| child.is_like(name) && !child.text().is_empty())?;
    let whole = named.text();
    if name.ends_with("RefID") { whole.split_whitespace().next() } else { Some(whole) }
}

/// The texts of all children of this name, whatever its casing; a list of ids in one element counts as several.
pub fn texts<'a>(element: &'a Element, name: &str) -> Vec<&'a str> {
    let named = element.elements().filter(|child| child.is_like(name));
    named.flat_map(|child| child.text().split_whitespace()).collect()
}

/// All descendants, in document order: what is asked of an offer again and again is walked through once.
pub fn everything(element: &Element) -> Vec<&Element> {
    element.everything().collect()
}

/// The texts of those of these names, whatever their casing, each once, in order.
pub fn among<'a>(elements: &[&'a Element], names: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for element in elements.iter().filter(|element| names.iter().any(|name| element.is_like(name))) {
        for text in element.text().split_whitespace() {
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// The texts of all descendants of these names, as [`among`] has them.
pub fn below<'a>(element: &'a Element, names: &[&str]) -> Vec<&'a str> {
    among(&everything(element), names)
}

/// An amount with its currency in `CurCode`, or else in `currency`.
pub fn money(element: &Element, currency: Option<&str>) -> Result<Money, String> {
    let code = element.attr("CurCode").or(currency).ok_or_else(|| format!("{} without a currency", element.name()))?;
    decimal::money(element.text(), code).map_err(|why| why.to_string())
}

/// The amount in the first child of this name; none if it is missing or empty.
pub fn amount(element: &Element, name: &str, currency: Option<&str>) -> Result<Option<Money>, String> {
    element.child(name).filter(|child| !child.text().is_empty()).map(|child| money(child, currency)).transpose()
}

/// A boolean.
pub fn flag(element: &Element, name: &str) -> Option<bool> {
    match element.child_text(name)? {
        "true" | "1" | "Y" => Some(true),
        "false" | "0" | "N" => Some(false),
        _ => None,
    }
}

/// Names of an offer's end.
pub const EXPIRY: &[&str] = &[
    "OfferExpirationTimeLimitDateTime",
    "OfferExpirationDateTime",
    "OfferExpirationTimeUTC",
    "OfferExpirationTimeLimitUTC",
    "OfferExpiryDateTime",
];
/// Names of the moment by which it must be paid or ticketed.
pub const PAY_BY: &[&str] = &[
    "PaymentTimeLimitDateTime",
    "PaymentTimeLimit",
    "TicketingTimeLimitDateTime",
    "TicketingTimeLimit",
    "PriceGuaranteeTimeLimitDateTime",
];

/// The earliest of the instants in elements of these names. NDC's times without an offset are UTC.
pub fn earliest(elements: &[&Element], names: &[&str]) -> Option<Instant> {
    among(elements, names).into_iter().filter_map(|text| time::utc_instant(text).ok()).min()
}

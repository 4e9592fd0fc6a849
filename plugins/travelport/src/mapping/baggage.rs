//! Allowances: with the fare, or in a list beside it.

use interline_plugin_sdk::supplier::{BagKind, Baggage};
use interline_plugin_sdk::xml::Element;

/// How much one passenger may take.
pub type Allowance = (Option<u8>, Option<u16>);

/// With a fare: pieces, a weight, or both (the weight is per piece then).
pub fn of_fare(fare: &Element) -> Option<Allowance> {
    let allowance = fare.child("BaggageAllowance")?;
    let pieces = allowance.child_text("NumberOfPieces").and_then(|pieces| pieces.parse().ok());
    let weight = allowance.child("MaxWeight").and_then(|weight| {
        let value: u32 = weight.attr("Value")?.split('.').next()?.parse().ok()?;
        let pounds = weight.attr("Unit").is_some_and(|unit| unit.starts_with("Pound") || unit.starts_with("lb"));
        // Airlines name whole kilograms: 50 lb are 23 kg.
        u16::try_from(if pounds { (value * 4536 + 5000) / 10_000 } else { value }).ok()
    });
    (pieces.is_some() || weight.is_some()).then_some((pieces, weight))
}

/// In a list: `1P`, `0P`, `20K`.
fn of_text(info: &Element) -> Option<Allowance> {
    let text = info.path_text("TextInfo/Text")?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    match text.get(digits.len()..)?.get(..1)? {
        "P" => Some((digits.parse().ok(), None)),
        "K" => Some((None, digits.parse().ok())),
        _ => None,
    }
}

/// The allowances of a slice's segments beside the fare: checked bags by slice, carry-on bags by flight.
pub fn listed(info: &Element, slices: usize, flights: usize) -> (Vec<Option<Allowance>>, Vec<Option<Allowance>>) {
    let Some(list) = info.child("BaggageAllowances") else { return (vec![None; slices], vec![None; flights]) };
    let by_place = |name: &str, count: usize| {
        let all: Vec<_> = list.children(name).map(of_text).collect();
        // Places have city codes there; only where there is one entry for each is it clear which is whose.
        if all.len() == count { all } else { vec![None; count] }
    };
    (by_place("BaggageAllowanceInfo", slices), by_place("CarryOnAllowanceInfo", flights))
}

/// The same allowance for some passengers on a segment.
pub fn put(to: &mut Vec<Baggage>, passengers: &[u8], segment: u32, kind: BagKind, allowance: Option<Allowance>) {
    let Some((pieces, weight_kg)) = allowance else { return };
    to.extend(passengers.iter().map(|passenger| Baggage { passenger: *passenger, segment, kind, pieces, weight_kg }));
}

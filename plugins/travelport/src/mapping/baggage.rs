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
        let unit = weight.attr("Unit").unwrap_or_default().to_ascii_lowercase();
        if unit.starts_with("pound") || unit.starts_with('l') { kilograms(value) } else { u16::try_from(value).ok() }
    });
    (pieces.is_some() || weight.is_some()).then_some((pieces, weight))
}

/// Airlines name whole kilograms: 50 lb are 23 kg.
fn kilograms(pounds: u32) -> Option<u16> {
    u16::try_from((u64::from(pounds) * 4536 + 5000) / 10_000).ok()
}

/// In a list: `1P`, `0P`, `20K`, `44L`, and the most that a bag may weigh in the words beside it.
fn of_text(info: &Element) -> Option<Allowance> {
    let text = info.path_text("TextInfo/Text")?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    match text.get(digits.len()..)?.get(..1)? {
        "P" => {
            let pieces: u8 = digits.parse().ok()?;
            Some((Some(pieces), piece_weight(info).filter(|_| pieces > 0)))
        }
        "K" => Some((None, digits.parse().ok())),
        "L" => Some((None, kilograms(digits.parse().ok()?))),
        _ => None,
    }
}

/// `UPTO50LB/23KG AND UPTO62LI/158LCM`, of the first bag.
fn piece_weight(info: &Element) -> Option<u16> {
    let mut bags = info.elements().filter(|one| one.is("BagDetails") || one.is("CarryOnDetails"));
    let words = bags.next()?.path_text("BaggageRestriction/TextInfo/Text")?;
    let before = words.split("KG").next().filter(|before| before.len() < words.len())?;
    let digits = before.len() - before.bytes().rev().take_while(u8::is_ascii_digit).count();
    before.get(digits..)?.parse().ok()
}

/// The allowances beside the fare, of each of these places (from, to): slices have checked bags, flights carry-on bags.
pub fn listed(info: &Element, name: &str, places: &[(&str, &str)]) -> Vec<Option<Allowance>> {
    let entries: Vec<&Element> = info.child("BaggageAllowances").into_iter().flat_map(|list| list.elements()).collect();
    let entries: Vec<&Element> = entries.into_iter().filter(|one| one.is(name)).collect();
    let all: Vec<_> = entries.iter().map(|one| of_text(one)).collect();
    // Places have city codes there: which entry is whose is clear where there is one for each, or all say the same.
    if all.len() == places.len() {
        return all;
    }
    if let Some(first) = all.first().filter(|first| all.iter().all(|one| one == *first)) {
        return vec![*first; places.len()];
    }
    let of = |(from, to): &(&str, &str)| {
        let at = entries.iter().position(|one| one.attr("Origin") == Some(from) && one.attr("Destination") == Some(to));
        at.and_then(|at| all.get(at).copied().flatten())
    };
    places.iter().map(of).collect()
}

/// The same allowance for some passengers on a segment.
pub fn put(to: &mut Vec<Baggage>, passengers: &[u8], segment: u32, kind: BagKind, allowance: Option<Allowance>) {
    let Some((pieces, weight_kg)) = allowance else { return };
    to.extend(passengers.iter().map(|passenger| Baggage { passenger: *passenger, segment, kind, pieces, weight_kg }));
}

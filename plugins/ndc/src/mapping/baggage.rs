//! Baggage allowances, by passenger and segment.

use super::Reason;
use super::party::Party;
use super::price::passengers;
use crate::lists::Lists;
use crate::read;
use interline_plugin_sdk::supplier::{BagKind, Baggage};
use interline_plugin_sdk::xml::Element;
use std::collections::{HashMap, HashSet};

/// What the associations within an offer say.
pub fn baggage(
    offer: &[&Element],
    lists: &Lists<'_>,
    party: &Party,
    flown: &HashMap<&str, u32>,
) -> Result<Vec<Baggage>, Reason> {
    let mut all = Vec::new();
    let mut told = HashSet::new();
    let named = |name| offer.iter().copied().filter(move |element| element.is(name));
    for association in named("BaggageAssociations").chain(named("BaggageAllowanceAssociations")) {
        let on = on(association, lists, flown);
        // Whose it is must be known: of others' nothing is told.
        let Ok(who) = passengers(association, party) else { continue };
        for id in read::below(association, &["BaggageAllowanceRefID"]) {
            // An allowance of an unknown kind, or not listed, is not told.
            let Some((kind, pieces, weight_kg)) = lists.allowance(id).and_then(allowance) else { continue };
            for &passenger in &who {
                let passenger = u8::try_from(passenger).map_err(|_| "too many passengers")?;
                for &segment in &on {
                    if told.insert((passenger, segment, kind == BagKind::Checked)) {
                        all.push(Baggage { passenger, segment, kind, pieces, weight_kg });
                    }
                }
            }
        }
    }
    Ok(all)
}

/// The segments that an association names, directly or by journeys; all where it names none.
fn on(association: &Element, lists: &Lists<'_>, flown: &HashMap<&str, u32>) -> Vec<u32> {
    let journeys = read::below(association, &["PaxJourneyRefID"]);
    let mut ids = read::below(association, &["PaxSegmentRefID"]);
    ids.extend(journeys.iter().filter_map(|id| lists.journey(id)).flat_map(|j| read::texts(j, "PaxSegmentRefID")));
    let mut on: Vec<u32> = if ids.is_empty() && journeys.is_empty() {
        flown.values().copied().collect()
    } else {
        ids.iter().filter_map(|id| flown.get(id).copied()).collect()
    };
    on.sort_unstable();
    on.dedup();
    on
}

fn allowance(element: &Element) -> Option<(BagKind, Option<u8>, Option<u16>)> {
    let kind: String =
        element.child_text("TypeCode")?.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let kind = match kind.as_str() {
        _ if kind.starts_with("check") => BagKind::Checked,
        _ if kind.starts_with("carry") || kind.starts_with("cabin") || kind.starts_with("hand") => BagKind::CarryOn,
        _ => return None,
    };
    let quantities = element.all("PieceAllowance/TotalQty");
    let pieces = quantities.iter().filter_map(|quantity| quantity.text().parse::<u8>().ok());
    let pieces = (!quantities.is_empty()).then(|| pieces.fold(0u8, u8::saturating_add));
    let weight = element.find("MaximumWeightMeasure").and_then(kilograms);
    (pieces.is_some() || weight.is_some()).then_some((kind, pieces, weight.filter(|_| pieces != Some(0))))
}

/// A weight in whole kilograms, as airlines name them: 50 lb are 23 kg.
fn kilograms(measure: &Element) -> Option<u16> {
    let whole: u64 = measure.text().split('.').next()?.parse::<u32>().ok()?.into();
    let unit = measure.attr("UnitCode").unwrap_or("KGM").to_ascii_uppercase();
    let kilograms = if unit.starts_with('L') { (whole * 4536 + 5000) / 10_000 } else { whole };
    u16::try_from(kilograms).ok()
}

//! What baggage is included where the supplier did not say.
//!
//! The terms stand in [`terms`] as data: the first that fits a segment, a fare family and a passenger type tells the
//! allowance. They are careful: where carriers differ they promise what the strictest gives, and where nothing is known
//! of the cabin they promise nothing.

#![deny(missing_docs)]

pub mod terms;

use interline_rules_sdk::baggage::{Allowance, Guest};
use interline_rules_sdk::code::is_among;
use interline_rules_sdk::share::overflow;
use interline_rules_sdk::{Facts, RuleError, RuleSet, Table, columns, rule};
use terms::{TERMS, Term};

/// The rule set, as the contract wants it.
pub struct BaggageRules;

impl Guest for BaggageRules {
    fn describe() -> RuleSet {
        let rules = TERMS.iter().map(|term| rule(term.id, term.name, term.explanation)).collect();
        RuleSet { name: "baggage".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), rules }
    }

    fn allow(facts: Table) -> Result<Vec<Allowance>, RuleError> {
        allow(&facts)
    }
}

/// What the terms go by.
struct Segment {
    carrier: u32,
    cabin: u32,
    brand: u32,
    route: u32,
    regions: [u32; 2],
    passenger: u32,
}

fn allow(table: &Table) -> Result<Vec<Allowance>, RuleError> {
    let facts = Facts::of(table)?;
    let marketing = facts.codes(columns::MARKETING_CARRIER)?;
    let operating = facts.codes(columns::OPERATING_CARRIER)?;
    let cabins = facts.codes(columns::CABIN)?;
    let brands = facts.codes(columns::BRAND)?;
    let routes = facts.codes(columns::ROUTE)?;
    let origins = facts.codes(columns::ORIGIN_REGION)?;
    let destinations = facts.codes(columns::DESTINATION_REGION)?;
    let passengers = facts.codes(columns::PASSENGER)?;
    let mut allowances = Vec::with_capacity(facts.rows().min(65_536));
    for row in 0..facts.rows() {
        // The bag is handled by who flies, so that carrier's concept goes.
        let carrier = Some(operating.at(row)).filter(|carrier| *carrier != 0).unwrap_or_else(|| marketing.at(row));
        let segment = Segment {
            carrier,
            cabin: cabins.at(row),
            brand: brands.at(row),
            route: routes.at(row),
            regions: [origins.at(row), destinations.at(row)],
            passenger: passengers.at(row),
        };
        if let Some(term) = TERMS.iter().find(|term| fits(term, &segment)) {
            let row = u32::try_from(row).map_err(|_| overflow("a row"))?;
            allowances.push(allowance(row, term));
        }
    }
    Ok(allowances)
}

fn fits(term: &Term, segment: &Segment) -> bool {
    let number = |list: &[u32], value| list.is_empty() || list.contains(&value);
    segment.cabin != 0
        && is_among(segment.carrier, term.carriers)
        && number(term.cabins, segment.cabin)
        && number(term.brands, segment.brand)
        && number(term.routes, segment.route)
        && number(term.passengers, segment.passenger)
        && (term.regions.is_empty() || segment.regions.iter().any(|region| term.regions.contains(region)))
}

fn allowance(row: u32, term: &Term) -> Allowance {
    Allowance {
        row,
        rule: term.id,
        checked_pieces: term.checked.pieces,
        checked_kg: term.checked.kg,
        carry_on_pieces: term.carry_on.pieces,
        carry_on_kg: term.carry_on.kg,
    }
}

interline_rules_sdk::rule_set!(BaggageRules by export_baggage);

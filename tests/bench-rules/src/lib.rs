//! The fares' way of pricing, with as many rules as a large agency has in ten years: which of two sets is used, a constant
//! that only this component knows says.

#![deny(missing_docs)]

use fare_rules::terms::{COMMISSIONS, DISCOUNTS, FEES, MARKUPS, Markup};
use fare_rules::{Terms, When, price};
use interline_rules_sdk::columns::{cabin, channel, route, segment};
use interline_rules_sdk::fares::{Guest, Priced};
use interline_rules_sdk::{RuleError, RuleSet, Table};
use std::sync::LazyLock;

/// The constant that is 1 for the large set.
pub const LARGE: u16 = 60_001;
/// Rules of the small set and of the large one.
pub const RULES: [u32; 2] = [100, 10_000];

static CARRIERS: [&str; 50] = [
    "GA", "SQ", "JL", "NH", "CX", "KE", "OZ", "EK", "EY", "QR", "TK", "LH", "LX", "OS", "AF", "KL", "BA", "IB", "AY",
    "SK", "AA", "UA", "DL", "AC", "QF", "NZ", "TG", "MH", "VN", "PR", "CI", "BR", "CA", "MU", "CZ", "HU", "AI", "UL",
    "SV", "MS", "ET", "KQ", "SA", "LA", "AV", "CM", "AM", "G3", "TP", "LO",
];
static ROUTES: [u32; 3] = [route::DOMESTIC, route::REGIONAL, route::INTERCONTINENTAL];
static CABINS: [u32; 4] = [cabin::ECONOMY, cabin::PREMIUM_ECONOMY, cabin::BUSINESS, cabin::FIRST];
static CHANNELS: [u32; 4] = [channel::WEB, channel::APP, channel::AGENT, channel::PARTNER];
static SEGMENTS: [u32; 3] = [segment::RETAIL, segment::MEMBER, segment::CORPORATE];
static COUNTRIES: [&str; 5] = ["SG", "MY", "JP", "DE", "US"];

/// The rule set.
pub struct BenchRules;

impl Guest for BenchRules {
    fn describe() -> RuleSet {
        RuleSet { name: "bench".into(), version: "0.1.0".into(), rules: Vec::new() }
    }

    fn price(facts: Table) -> Result<Priced, RuleError> {
        static SMALL: LazyLock<Terms> = LazyLock::new(|| terms(RULES[0]));
        static MANY: LazyLock<Terms> = LazyLock::new(|| terms(RULES[1]));
        let large = facts.constants.iter().any(|constant| constant.id == LARGE && constant.value == 1);
        price(if large { &MANY } else { &SMALL }, &facts)
    }
}

/// So many markups before the agency's own, a carrier each, with what else such rules depend on.
fn terms(rules: u32) -> Terms {
    let one = |list: &'static [u32], at: u32| &list[at as usize % list.len()..][..1];
    let markup = |number: u32| {
        let turn = number / CARRIERS.len() as u32;
        let at = number as usize % CARRIERS.len();
        Markup {
            id: 10_000 + number,
            name: "a carrier's markup",
            explanation: "As agreed with the carrier.",
            when: When {
                carriers: &CARRIERS[at..=at],
                routes: one(&ROUTES, turn),
                cabins: one(&CABINS, turn / 3),
                channels: one(&CHANNELS, turn / 12),
                segments: one(&SEGMENTS, turn / 48),
                points_of_sale: &COUNTRIES[turn as usize / 144 % COUNTRIES.len()..][..1],
                ..When::ALWAYS
            },
            per_mille: 30 + i64::from(number % 20),
            least: 300,
            most: None,
        }
    };
    let markups: Vec<Markup> = (0..rules).map(markup).chain(MARKUPS.iter().copied()).collect();
    Terms::new(&markups, FEES, DISCOUNTS, COMMISSIONS)
}

interline_rules_sdk::rule_set!(BenchRules by export_fares);

//! Fare families: what a price includes and what it lets the traveller do afterwards.

use super::carriers::{Carrier, Kind};

/// Where on the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cabin {
    /// Y.
    Economy,
    /// W.
    PremiumEconomy,
    /// C.
    Business,
    /// F.
    First,
}

/// Whether something may be done afterwards, and for how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Not at all.
    Never,
    /// For a fee, in US cents for each traveller.
    For(i64),
    /// For nothing.
    Free,
}

/// A product of an airline.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// As the airline calls it.
    pub name: &'static str,
    /// Its code in fare bases, and in uAPI and NDC replies.
    pub code: &'static str,
    /// Price, in percent of the cabin's cheapest.
    pub percent: i64,
    /// Checked bags.
    pub checked: u8,
    /// Kilograms of each.
    pub checked_kg: u16,
    /// Cabin bags.
    pub carry_on: u8,
    /// Giving it back before departure.
    pub refund: Permit,
    /// Changing it before departure.
    pub change: Permit,
}

const fn family(
    name: &'static str,
    code: &'static str,
    percent: i64,
    bags: (u8, u16),
    refund: Permit,
    change: Permit,
) -> Family {
    Family { name, code, percent, checked: bags.0, checked_kg: bags.1, carry_on: 1, refund, change }
}

const ECONOMY: &[Family] = &[
    family("Economy Light", "LGT", 100, (0, 0), Permit::Never, Permit::Never),
    family("Economy Standard", "STD", 118, (1, 23), Permit::For(9000), Permit::For(6000)),
    family("Economy Flex", "FLX", 152, (2, 23), Permit::Free, Permit::Free),
];
const LOW_COST: &[Family] = &[
    family("Basic", "BAS", 100, (0, 0), Permit::Never, Permit::For(4500)),
    family("Plus", "PLS", 128, (1, 20), Permit::Never, Permit::For(2500)),
    family("Max", "MAX", 165, (1, 32), Permit::For(5000), Permit::Free),
];
const PREMIUM: &[Family] = &[
    family("Premium Standard", "PST", 100, (2, 23), Permit::For(12000), Permit::For(8000)),
    family("Premium Flex", "PFX", 130, (2, 23), Permit::Free, Permit::Free),
];
const BUSINESS: &[Family] = &[
    family("Business Saver", "BSV", 100, (2, 32), Permit::For(25000), Permit::For(15000)),
    family("Business Flex", "BFX", 135, (2, 32), Permit::Free, Permit::Free),
];
const FIRST: &[Family] = &[family("First", "FST", 100, (3, 32), Permit::Free, Permit::Free)];

/// The carrier's families in a cabin, cheapest first; none where it has no such cabin on a flight so long.
pub fn families(carrier: &Carrier, cabin: Cabin, distance: u32) -> &'static [Family] {
    match (carrier.kind, cabin) {
        (Kind::LowCost, Cabin::Economy) => LOW_COST,
        (Kind::LowCost, _) => &[],
        (Kind::Full, Cabin::Economy) => ECONOMY,
        (Kind::Full, Cabin::PremiumEconomy) if distance > 3000 => PREMIUM,
        (Kind::Full, Cabin::PremiumEconomy) => &[],
        (Kind::Full, Cabin::Business) => BUSINESS,
        (Kind::Full, Cabin::First) if distance > 4500 && carrier.reach > 13_000 => FIRST,
        (Kind::Full, Cabin::First) => &[],
    }
}

/// The family of this code, whoever sells it.
pub fn by_code(code: &str) -> Option<&'static Family> {
    [ECONOMY, LOW_COST, PREMIUM, BUSINESS, FIRST].into_iter().flatten().find(|family| family.code == code)
}

/// How much dearer a cabin is than economy, in percent.
pub fn cabin_percent(cabin: Cabin) -> i64 {
    match cabin {
        Cabin::Economy => 100,
        Cabin::PremiumEconomy => 185,
        Cabin::Business => 390,
        Cabin::First => 720,
    }
}

/// Letters that a cabin is booked in, cheapest first.
pub fn booking_classes(cabin: Cabin) -> &'static [&'static str] {
    match cabin {
        Cabin::Economy => &["Q", "L", "K", "M", "H", "B", "Y"],
        Cabin::PremiumEconomy => &["T", "P", "W"],
        Cabin::Business => &["I", "D", "J", "C"],
        Cabin::First => &["A", "F"],
    }
}

/// The kilograms that a carrier allows in all, where it counts weight and not pieces.
pub fn weight_concept(carrier: &Carrier, family: &Family) -> Option<u16> {
    let counts_weight = matches!(carrier.code, "GA" | "SQ" | "MH" | "TG" | "EK" | "ID" | "VN" | "UL");
    (counts_weight && family.checked > 0).then_some(if family.checked == 1 { 30 } else { 40 })
}

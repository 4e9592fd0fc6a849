//! The terms, as data. Rule ids are kept for good: stored traces name rules by them.

use interline_rules_sdk::columns::{brand, cabin, passenger, region, route};

/// So many pieces of so many kilogram; no piece and a weight: a weight concept.
#[derive(Debug, Clone, Copy)]
pub struct Bags {
    /// Pieces.
    pub pieces: u8,
    /// Kilogram: of each piece, or in all.
    pub kg: u16,
}

impl Bags {
    const NONE: Self = Self { pieces: 0, kg: 0 };

    const fn pieces(pieces: u8, kg: u16) -> Self {
        Self { pieces, kg }
    }

    const fn weight(kg: u16) -> Self {
        Self { pieces: 0, kg }
    }
}

/// What is included for whom. An empty list asks for nothing.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    /// Of the rule.
    pub id: u32,
    /// Of the rule.
    pub name: &'static str,
    /// In plain words.
    pub explanation: &'static str,
    /// Carriers that fly it.
    pub carriers: &'static [&'static str],
    /// Of [`cabin`].
    pub cabins: &'static [u32],
    /// Of [`brand`].
    pub brands: &'static [u32],
    /// Of [`route`].
    pub routes: &'static [u32],
    /// Of [`region`]: one end at least.
    pub regions: &'static [u32],
    /// Of [`passenger`].
    pub passengers: &'static [u32],
    /// In the hold.
    pub checked: Bags,
    /// In the cabin.
    pub carry_on: Bags,
}

const ANYTHING: Term = Term {
    id: 0,
    name: "",
    explanation: "",
    carriers: &[],
    cabins: &[],
    brands: &[],
    routes: &[],
    regions: &[],
    passengers: &[],
    checked: Bags::NONE,
    carry_on: Bags::NONE,
};

const LOW_COST: &[&str] =
    &["AK", "D7", "FD", "QZ", "TR", "5J", "JQ", "6E", "FR", "U2", "W6", "VY", "F9", "NK", "VJ", "3K", "G9", "FZ"];

const GULF: &[&str] = &["EK", "EY", "QR", "WY", "GF", "KU", "SV"];

/// The first that fits is the one.
pub const TERMS: &[Term] = &[
    Term {
        id: 601,
        name: "infant on a low-cost carrier",
        explanation: "Low-cost carriers include no bag for an infant on a lap.",
        carriers: LOW_COST,
        passengers: &[passenger::INFANT],
        ..ANYTHING
    },
    Term {
        id: 602,
        name: "infant on a lap",
        explanation: "An infant on a lap has 10 kg in the hold and nothing in the cabin, in any fare but light ones.",
        brands: &[0, brand::STANDARD, brand::FLEX],
        passengers: &[passenger::INFANT],
        checked: Bags::pieces(1, 10),
        ..ANYTHING
    },
    Term {
        id: 603,
        name: "infant on a light fare",
        explanation: "Light fares include no bag for an infant on a lap.",
        passengers: &[passenger::INFANT],
        ..ANYTHING
    },
    Term {
        id: 604,
        name: "low-cost carrier",
        explanation: "Low-cost carriers include 7 kg in the cabin; a bag in the hold is bought on top.",
        carriers: LOW_COST,
        carry_on: Bags::pieces(1, 7),
        ..ANYTHING
    },
    Term {
        id: 605,
        name: "light fare",
        explanation: "A fare family that is light by its name includes 8 kg in the cabin and nothing in the hold.",
        cabins: &[cabin::ECONOMY],
        brands: &[brand::LIGHT],
        carry_on: Bags::pieces(1, 8),
        ..ANYTHING
    },
    Term {
        id: 606,
        name: "first class",
        explanation: "First class includes three pieces of 32 kg in the hold and two of 8 kg in the cabin.",
        cabins: &[cabin::FIRST],
        checked: Bags::pieces(3, 32),
        carry_on: Bags::pieces(2, 8),
        ..ANYTHING
    },
    Term {
        id: 607,
        name: "business class",
        explanation: "Business class includes two pieces of 32 kg in the hold and two of 8 kg in the cabin.",
        cabins: &[cabin::BUSINESS],
        checked: Bags::pieces(2, 32),
        carry_on: Bags::pieces(2, 8),
        ..ANYTHING
    },
    Term {
        id: 608,
        name: "premium economy",
        explanation: "Premium economy includes two pieces of 23 kg in the hold and one of 8 kg in the cabin.",
        cabins: &[cabin::PREMIUM_ECONOMY],
        checked: Bags::pieces(2, 23),
        carry_on: Bags::pieces(1, 8),
        ..ANYTHING
    },
    Term {
        id: 609,
        name: "within North America",
        explanation: "Economy within a North American country includes one piece of 8 kg in the cabin; bags in the hold \
                      are bought on top.",
        routes: &[route::DOMESTIC],
        regions: &[region::NORTH_AMERICA],
        carry_on: Bags::pieces(1, 8),
        ..ANYTHING
    },
    Term {
        id: 610,
        name: "Indonesian network carrier within Indonesia",
        explanation: "Economy on Indonesian network carriers within the country includes 20 kg by weight in the hold and \
                      7 kg in the cabin.",
        carriers: &["GA", "ID", "QG", "IP"],
        routes: &[route::DOMESTIC],
        checked: Bags::weight(20),
        carry_on: Bags::pieces(1, 7),
        ..ANYTHING
    },
    Term {
        id: 611,
        name: "Gulf carriers to and from the Americas",
        explanation: "Economy on Gulf carriers to and from the Americas includes two pieces of 23 kg in the hold and one \
                      of 7 kg in the cabin.",
        carriers: GULF,
        cabins: &[cabin::ECONOMY],
        regions: &[region::NORTH_AMERICA, region::LATIN_AMERICA],
        checked: Bags::pieces(2, 23),
        carry_on: Bags::pieces(1, 7),
        ..ANYTHING
    },
    Term {
        id: 612,
        name: "weight concept of the Gulf carriers",
        explanation: "Economy on Gulf carriers goes by weight: 25 kg in the hold and 7 kg in the cabin. Not to and from \
                      the Americas, where pieces are counted.",
        carriers: GULF,
        cabins: &[cabin::ECONOMY],
        checked: Bags::weight(25),
        carry_on: Bags::pieces(1, 7),
        ..ANYTHING
    },
    Term {
        id: 613,
        name: "long-haul economy, flexible",
        explanation: "A flexible economy fare from one region of the world to another includes two pieces of 23 kg in \
                      the hold and one of 8 kg in the cabin.",
        brands: &[brand::FLEX],
        routes: &[route::INTERCONTINENTAL],
        checked: Bags::pieces(2, 23),
        carry_on: Bags::pieces(1, 8),
        ..ANYTHING
    },
    Term {
        id: 614,
        name: "economy",
        explanation: "Economy includes one piece of 23 kg in the hold and one of 7 kg in the cabin, wherever nothing \
                      else is known.",
        cabins: &[cabin::ECONOMY],
        checked: Bags::pieces(1, 23),
        carry_on: Bags::pieces(1, 7),
        ..ANYTHING
    },
];

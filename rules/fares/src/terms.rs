//! The agency's terms, as data. Rule ids are kept for good: stored traces name rules by them.
//!
//! Shares are tenths of a percent of the supplier's fare without taxes; fixed amounts are euro cents, exchanged into the
//! display currency by the rate that the host tells.

use crate::condition::When;
use interline_rules_sdk::columns::{cabin, channel, route, segment};

/// Minutes of a day.
const DAY: i64 = 24 * 60;
/// 2027-01-01T00:00Z, in minutes since 1970.
const NEW_YEAR_2027: i64 = 29_979_360;

/// What the agency adds for itself.
#[derive(Debug, Clone, Copy)]
pub struct Markup {
    /// Of the rule.
    pub id: u32,
    /// Of the rule.
    pub name: &'static str,
    /// In plain words.
    pub explanation: &'static str,
    /// Which offers.
    pub when: When,
    /// Of the fare.
    pub per_mille: i64,
    /// Euro cents for each seat, at least.
    pub least: i64,
    /// Euro cents for each seat, at most; none: no limit.
    pub most: Option<i64>,
}

/// The first that fits is the one. The last fits everything: nothing is sold without a markup.
pub const MARKUPS: &[Markup] = &[
    Markup {
        id: 101,
        name: "corporate markup",
        explanation: "Companies with a contract pay 2 % on the fare, 4 euro a seat at least and 25 at most: their \
                      volume pays for the rest.",
        when: When { segments: &[segment::CORPORATE], ..When::ALWAYS },
        per_mille: 20,
        least: 400,
        most: Some(2_500),
    },
    Markup {
        id: 102,
        name: "last-minute markup",
        explanation: "Within 72 hours of departure 9 % on the fare, 6 euro a seat at least and 90 at most: seats are \
                      scarce then, and such sales need the most care.",
        when: When { lead: Some((i64::MIN, 3 * DAY)), ..When::ALWAYS },
        per_mille: 90,
        least: 600,
        most: Some(9_000),
    },
    Markup {
        id: 103,
        name: "premium cabin markup",
        explanation: "Business and first class carry 3.5 % on the fare, 20 euro a seat at least and 150 at most: fares \
                      are high, and travellers compare.",
        when: When { cabins: &[cabin::BUSINESS, cabin::FIRST], ..When::ALWAYS },
        per_mille: 35,
        least: 2_000,
        most: Some(15_000),
    },
    Markup {
        id: 104,
        name: "home market markup",
        explanation: "Flights within Indonesia on Indonesian carriers, sold there, carry 4 % on the fare and 1.50 euro a \
                      seat at least: the market where everybody compares.",
        when: When {
            carriers: &["GA", "QG", "JT", "ID", "IU", "QZ", "IP"],
            routes: &[route::DOMESTIC],
            points_of_sale: &["ID"],
            ..When::ALWAYS
        },
        per_mille: 40,
        least: 150,
        most: Some(2_000),
    },
    Markup {
        id: 105,
        name: "low-cost carrier markup",
        explanation: "Low-cost carriers pay the agency nothing: 6 % on the fare, 4 euro a seat at least and 30 at most.",
        when: When {
            carriers: &[
                "AK", "D7", "FD", "TR", "5J", "JQ", "6E", "FR", "U2", "W6", "VY", "F9", "NK", "VJ", "3K", "G9", "FZ",
            ],
            ..When::ALWAYS
        },
        per_mille: 60,
        least: 400,
        most: Some(3_000),
    },
    Markup {
        id: 106,
        name: "domestic markup",
        explanation: "Within one country 6 % on the fare, 3 euro a seat at least and 30 at most.",
        when: When { routes: &[route::DOMESTIC], ..When::ALWAYS },
        per_mille: 60,
        least: 300,
        most: Some(3_000),
    },
    Markup {
        id: 107,
        name: "regional markup",
        explanation: "Within one region of the world 5 % on the fare, 5 euro a seat at least and 50 at most.",
        when: When { routes: &[route::REGIONAL], ..When::ALWAYS },
        per_mille: 50,
        least: 500,
        most: Some(5_000),
    },
    Markup {
        id: 108,
        name: "long-haul markup",
        explanation: "From one region of the world to another 4.5 % on the fare, 9 euro a seat at least and 80 at most.",
        when: When { routes: &[route::INTERCONTINENTAL], ..When::ALWAYS },
        per_mille: 45,
        least: 900,
        most: Some(8_000),
    },
    Markup {
        id: 109,
        name: "general markup",
        explanation: "Where no other markup fits 5 % on the fare, 5 euro a seat at least.",
        when: When::ALWAYS,
        per_mille: 50,
        least: 500,
        most: None,
    },
];

/// What the traveller pays for the agency's work, for each seat.
#[derive(Debug, Clone, Copy)]
pub struct Fee {
    /// Of the rule.
    pub id: u32,
    /// Of the rule.
    pub name: &'static str,
    /// In plain words.
    pub explanation: &'static str,
    /// Which sales.
    pub when: When,
    /// Euro cents for each seat.
    pub cents: i64,
}

/// The first that fits is the one.
pub const FEES: &[Fee] = &[
    Fee {
        id: 201,
        name: "partner channel, no fee",
        explanation: "Partners charge their own fee; the agency adds none.",
        when: When { channels: &[channel::PARTNER], ..When::ALWAYS },
        cents: 0,
    },
    Fee {
        id: 202,
        name: "agent service fee",
        explanation: "15 euro a seat for a person's time at the desk or on the phone. Infants on a lap are free.",
        when: When { channels: &[channel::AGENT], ..When::ALWAYS },
        cents: 1_500,
    },
    Fee {
        id: 203,
        name: "app service fee",
        explanation: "2.50 euro a seat in the app. Infants on a lap are free.",
        when: When { channels: &[channel::APP], ..When::ALWAYS },
        cents: 250,
    },
    Fee {
        id: 204,
        name: "online service fee",
        explanation: "4 euro a seat on the web site, and wherever the channel is not known. Infants on a lap are free.",
        when: When::ALWAYS,
        cents: 400,
    },
];

/// What is taken off.
#[derive(Debug, Clone, Copy)]
pub struct Discount {
    /// Of the rule.
    pub id: u32,
    /// Of the rule.
    pub name: &'static str,
    /// In plain words.
    pub explanation: &'static str,
    /// Which offers.
    pub when: When,
    /// Of the fare.
    pub per_mille: i64,
}

/// All that fit, as far as markup and fee go.
pub const DISCOUNTS: &[Discount] = &[
    Discount {
        id: 301,
        name: "member discount",
        explanation: "Members get 1 % of the fare off, never more than markup and service fee together.",
        when: When { segments: &[segment::MEMBER], ..When::ALWAYS },
        per_mille: 10,
    },
    Discount {
        id: 302,
        name: "early-bird discount",
        explanation: "Who books 120 days ahead or more gets 1 % of the fare off, never more than markup and service fee \
                      together.",
        when: When {
            lead: Some((120 * DAY, i64::MAX)),
            segments: &[0, segment::RETAIL, segment::MEMBER],
            ..When::ALWAYS
        },
        per_mille: 10,
    },
    Discount {
        id: 303,
        name: "new year sale 2027",
        explanation: "From 1 to 15 January 2027 (UTC) 1.5 % of the fare off long-haul economy on web site and app, never \
                      more than markup and service fee together.",
        when: When {
            routes: &[route::INTERCONTINENTAL],
            cabins: &[cabin::ECONOMY, cabin::PREMIUM_ECONOMY],
            channels: &[channel::WEB, channel::APP],
            sold: Some((NEW_YEAR_2027, NEW_YEAR_2027 + 15 * DAY)),
            ..When::ALWAYS
        },
        per_mille: 15,
    },
];

/// What a carrier leaves to the agency, within its own total.
#[derive(Debug, Clone, Copy)]
pub struct Commission {
    /// Of the rule.
    pub id: u32,
    /// Of the rule.
    pub name: &'static str,
    /// In plain words.
    pub explanation: &'static str,
    /// Which offers.
    pub when: When,
    /// Of the fare.
    pub per_mille: i64,
}

/// The first that fits; most carriers pay none.
pub const COMMISSIONS: &[Commission] = &[
    Commission {
        id: 401,
        name: "home carrier commission",
        explanation: "Garuda Indonesia leaves 4 % of the fare to the agency. It is within the supplier's total.",
        when: When { carriers: &["GA"], ..When::ALWAYS },
        per_mille: 40,
    },
    Commission {
        id: 402,
        name: "Gulf carriers' commission on premium cabins",
        explanation: "Emirates, Etihad and Qatar Airways leave 3 % of business and first class fares to the agency. It \
                      is within the supplier's total.",
        when: When { carriers: &["EK", "EY", "QR"], cabins: &[cabin::BUSINESS, cabin::FIRST], ..When::ALWAYS },
        per_mille: 30,
    },
    Commission {
        id: 403,
        name: "Asian network carriers' commission",
        explanation: "Singapore Airlines, Japan Airlines, ANA, Cathay Pacific and Korean Air leave 1 % of the fare to \
                      the agency. It is within the supplier's total.",
        when: When { carriers: &["SQ", "JL", "NH", "CX", "KE"], ..When::ALWAYS },
        per_mille: 10,
    },
];

/// Of the rounding rule.
pub const ROUNDING_ID: u32 = 501;

//! Taxes and charges by the country that is left and entered. Codes look real, amounts are made up.

use super::journeys::Journey;
use crate::dice::Dice;

/// Charges in US cents for one grown passenger: IATA code and amount.
pub fn on_journey(seed: Dice, journey: &Journey) -> Vec<(&'static str, i64)> {
    let mut taxes: Vec<(&'static str, i64)> = Vec::new();
    let mut add = |code: &'static str, cents: i64| match taxes.iter_mut().find(|(known, _)| *known == code) {
        Some((_, sum)) => *sum += cents,
        None => taxes.push((code, cents)),
    };
    let mut distance = 0;
    for (index, segment) in journey.segments.iter().enumerate() {
        let flight = &segment.flight;
        distance += i64::from(flight.distance);
        let airport_cents = seed.with("charge").with(flight.origin.code).between(300, 1500);
        if index == 0 {
            for (code, percent) in departure_taxes(flight.origin.country) {
                add(code, airport_cents * percent / 100 + 200);
            }
        } else {
            add(transfer_tax(flight.origin.country), airport_cents / 3);
        }
        let (from, to) = (flight.origin.country, flight.destination.country);
        if from != to && to == "US" {
            add("XY", 700);
            add("YC", 655);
            add("XA", 384);
        }
        if from != to && to == "AU" {
            add("AU", 4600);
        }
    }
    let surcharge = distance * 35 / 100 / 100 * 100;
    if surcharge > 0 {
        add(if seed.with(journey.owner.code).chance(50) { "YQ" } else { "YR" }, surcharge);
    }
    taxes
}

fn departure_taxes(country: &str) -> &'static [(&'static str, i64)] {
    match country {
        "ID" => &[("D5", 110)],
        "JP" => &[("SW", 120), ("TK", 60), ("OI", 30)],
        "SG" => &[("SG", 130), ("OP", 40), ("L7", 50)],
        "GB" => &[("GB", 500), ("UB", 180)],
        "US" => &[("US", 130), ("AY", 40), ("XF", 30), ("ZP", 30)],
        "DE" => &[("RA", 150), ("OY", 160), ("DE", 60)],
        "FR" => &[("FR", 90), ("QX", 120), ("O4", 30)],
        "AE" => &[("F6", 80), ("ZR", 30), ("AE", 100)],
        "AU" => &[("WY", 200)],
        "KR" => &[("BP", 140)],
        "MY" => &[("D8", 90), ("H8", 20)],
        "TH" => &[("TS", 130), ("E7", 20)],
        "HK" => &[("HK", 110), ("G3", 60), ("I5", 40)],
        "IN" => &[("IN", 80), ("K3", 70), ("P2", 40)],
        "NL" => &[("CJ", 110), ("RN", 120), ("VV", 20)],
        "CA" => &[("CA", 120), ("SQ", 150)],
        _ => &[("XT", 120)],
    }
}

fn transfer_tax(country: &str) -> &'static str {
    match country {
        "JP" => "OI",
        "SG" => "OO",
        "AE" => "ZR",
        "DE" => "OY",
        "GB" => "UB",
        _ => "XT",
    }
}

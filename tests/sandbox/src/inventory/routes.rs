//! Which carrier flies where: hubs, spokes and distances on the globe.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use interline_domain::places::{self, Airport};

use super::carriers::{CARRIERS, CITIES, Carrier, Kind};
use crate::dice::Dice;

/// Shorter hops are not flown.
const SHORTEST_KM: u32 = 80;
const EARTH_RADIUS_KM: f64 = 6371.0;

static CARRIERS_AT: LazyLock<HashMap<&'static str, Vec<&'static Carrier>>> = LazyLock::new(|| {
    let mut at: HashMap<&'static str, Vec<&'static Carrier>> = HashMap::new();
    for carrier in CARRIERS {
        for hub in carrier.hubs {
            at.entry(hub).or_default().push(carrier);
        }
    }
    at
});

static CITY_CODES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| CITIES.iter().copied().chain(CARRIERS_AT.keys().copied()).collect());

static HUBS: LazyLock<Vec<&'static Airport>> = LazyLock::new(|| {
    let mut hubs: Vec<_> = CARRIERS_AT.keys().filter_map(|code| places::airport(code)).collect();
    hubs.sort_unstable_by_key(|hub| hub.code);
    hubs
});

/// Every airport that is some carrier's hub, by code.
pub fn hubs() -> &'static [&'static Airport] {
    &HUBS
}

fn carriers_at(airport: &str) -> &'static [&'static Carrier] {
    CARRIERS_AT.get(airport).map_or(&[], Vec::as_slice)
}

/// Kilometres along the great circle.
pub fn distance_km(from: &Airport, to: &Airport) -> u32 {
    let (lat1, lat2) = (from.latitude.to_radians(), to.latitude.to_radians());
    let half_lat = (lat2 - lat1) / 2.0;
    let half_lon = (to.longitude - from.longitude).to_radians() / 2.0;
    let haversine = half_lat.sin().powi(2) + lat1.cos() * lat2.cos() * half_lon.sin().powi(2);
    (2.0 * EARTH_RADIUS_KM * haversine.sqrt().min(1.0).asin()).round() as u32
}

/// Whether many people fly there.
fn is_city(airport: &str) -> bool {
    CITY_CODES.contains(airport)
}

/// The hub that a small airport hangs on: the nearest of its country, else the nearest of all.
fn lifeline(airport: &Airport) -> Option<&'static Airport> {
    let far_enough = |hub: &&&'static Airport| distance_km(airport, hub) >= SHORTEST_KM;
    let nearest = |home: bool| {
        hubs()
            .iter()
            .filter(far_enough)
            .filter(|hub| !home || hub.country == airport.country)
            .min_by_key(|hub| distance_km(airport, hub))
            .copied()
    };
    nearest(true).or_else(|| nearest(false))
}

/// Whether the carrier flies between one of its hubs and an airport.
fn flies_spoke(seed: Dice, carrier: &Carrier, hub: &Airport, spoke: &Airport) -> bool {
    let distance = distance_km(hub, spoke);
    if hub.code == spoke.code || !(SHORTEST_KM..=carrier.reach).contains(&distance) {
        return false;
    }
    if !is_city(spoke.code) {
        let first = carriers_at(hub.code).first().is_some_and(|first| first.code == carrier.code);
        return first && lifeline(spoke).is_some_and(|lifeline| lifeline.code == hub.code);
    }
    let domestic = carrier.country == spoke.country;
    let main = carrier.hubs.first() == Some(&hub.code);
    if carrier.hubs.contains(&spoke.code) || (domestic && main) {
        return true;
    }
    let to_hub = CARRIERS_AT.contains_key(spoke.code);
    let percent = match (carrier.kind, main) {
        (Kind::LowCost, true) => 65,
        (Kind::LowCost, false) => 45,
        (Kind::Full, true) if to_hub && distance < 9000 => 90,
        (Kind::Full, true) => 75,
        (Kind::Full, false) if domestic => 60,
        (Kind::Full, false) => 30,
    };
    // One roll for carrier and city, so that a city is served or not in both directions.
    seed.with("serves").with(carrier.code).with(hub.code).with(spoke.code).chance(percent)
}

/// The carriers that fly from one airport to the other without a stop.
pub fn nonstop(seed: Dice, from: &'static Airport, to: &'static Airport) -> Vec<&'static Carrier> {
    let out = carriers_at(from.code).iter().filter(|carrier| flies_spoke(seed, carrier, from, to));
    let back = carriers_at(to.code).iter().filter(|carrier| flies_spoke(seed, carrier, to, from));
    let mut found: Vec<&'static Carrier> = Vec::new();
    for carrier in out.chain(back) {
        if found.iter().all(|known| known.code != carrier.code) {
            found.push(carrier);
        }
    }
    found
}

/// Hubs at which a journey may change planes without too long a way round, shortest way first.
pub fn ways_round(from: &Airport, to: &Airport) -> Vec<&'static Airport> {
    let direct = distance_km(from, to);
    let longest = direct + direct * 6 / 10 + 1500;
    let mut ways: Vec<(u32, &'static Airport)> = hubs()
        .iter()
        .filter(|hub| hub.code != from.code && hub.code != to.code)
        .map(|hub| (distance_km(from, hub) + distance_km(hub, to), *hub))
        .filter(|(way, _)| *way <= longest)
        .collect();
    ways.sort_unstable_by_key(|(way, hub)| (*way, hub.code));
    ways.into_iter().map(|(_, hub)| hub).collect()
}

/// The hubs that can be reached from an airport without a stop, nearest first.
pub fn reachable_hubs(seed: Dice, from: &'static Airport) -> Vec<&'static Airport> {
    let mut found: Vec<_> = hubs().iter().filter(|hub| !nonstop(seed, from, hub).is_empty()).copied().collect();
    found.sort_unstable_by_key(|hub| (distance_km(from, hub), hub.code));
    found
}

/// The carrier whose flight numbers are sold on another's plane, if this flight is shared.
pub fn codeshare_partner(roll: Dice, carrier: &Carrier) -> Option<&'static Carrier> {
    if carrier.kind == Kind::LowCost || !roll.chance(35) {
        return None;
    }
    let partners: Vec<&'static Carrier> =
        CARRIERS.iter().filter(|other| other.code != carrier.code && carrier.is_partner_of(other)).collect();
    roll.with("partner").pick(&partners)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn airport(code: &str) -> &'static Airport {
        places::airport(code).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        assert!(distance_km(airport("LHR"), airport("JFK")).abs_diff(5540) < 30);
        assert!(distance_km(airport("CGK"), airport("NRT")).abs_diff(5810) < 60);
    }

    #[test]
    fn who_flies_there_flies_back() {
        let seed = Dice::new(1);
        let codes = |from, to| {
            let mut codes: Vec<_> = nonstop(seed, airport(from), airport(to)).iter().map(|c| c.code).collect();
            codes.sort_unstable();
            codes
        };
        for (from, to) in [("CGK", "NRT"), ("LHR", "JFK"), ("DPS", "MEL"), ("LBJ", "DPS")] {
            assert_eq!(codes(from, to), codes(to, from));
        }
        assert!(codes("CGK", "NRT").contains(&"GA"));
    }

    #[test]
    fn even_a_small_airport_has_a_way_out() {
        let seed = Dice::new(1);
        for code in ["LBJ", "BMA", "PSA", "GAN", "YZF", "OOM"] {
            assert!(!reachable_hubs(seed, airport(code)).is_empty(), "{code}");
        }
    }
}

//! Airports and metropolitan areas by IATA code, from the tables in `data/` (see `data/NOTICE.md`).

use foldhash::fast::RandomState;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::LazyLock;

const AIRPORTS: &str = include_str!("../data/airports.tsv");
const METRO_AREAS: &str = include_str!("../data/metro-areas.tsv");

/// An airport with an IATA location identifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Airport {
    /// Three-character IATA code, upper case.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Name of the city that it serves.
    pub city: &'static str,
    /// ISO 3166-1 alpha-2 code.
    pub country: &'static str,
    /// IANA time zone name.
    pub time_zone: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    zone: Option<TimeZone>,
}

/// A city whose code stands for several airports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetroArea {
    /// Three-letter IATA city code. May be the code of one of its airports too (DXB, BKK).
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 code.
    pub country: &'static str,
    /// Codes of its airports.
    pub airports: Vec<&'static str>,
}

impl Airport {
    /// Its time zone, as the machine's tables had it when it was first asked for.
    pub fn zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }
}

struct Places {
    airports: Vec<Airport>,
    /// By [`slot`], one more than the airport's place; 0: none.
    places: Vec<u16>,
    metros: HashMap<&'static str, MetroArea, RandomState>,
    /// Airport code to the code of its metropolitan area.
    city_codes: HashMap<&'static str, &'static str, RandomState>,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    // Few zones have many airports.
    let mut zones: HashMap<&str, Option<TimeZone>> = HashMap::new();
    let placed = |airport: Airport| {
        let zone = zones.entry(airport.time_zone).or_insert_with_key(|name| TimeZone::get(name).ok()).clone();
        Airport { zone, ..airport }
    };
    let airports: Vec<Airport> = AIRPORTS.lines().filter_map(parse_airport).map(placed).collect();
    let mut places = vec![0; SLOTS];
    for (place, airport) in (1..).zip(&airports) {
        slot(airport.code).into_iter().for_each(|slot| places[slot] = place);
    }
    let metros: HashMap<_, _, _> =
        METRO_AREAS.lines().filter_map(parse_metro).map(|metro| (metro.code, metro)).collect();
    let city_codes = metros
        .values()
        .flat_map(|metro: &MetroArea| metro.airports.iter().map(|airport| (*airport, metro.code)))
        .collect();
    Places { airports, places, metros, city_codes }
});

const SLOTS: usize = 36 * 36 * 36;

/// A code's three characters as a number below [`SLOTS`]: airports are looked for several times a flight, and this takes less
/// than hashing. None: it is no code.
fn slot(code: &str) -> Option<usize> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(usize::from(byte - b'0')),
        b'A'..=b'Z' => Some(usize::from(byte - b'A') + 10),
        _ => None,
    };
    let code: [u8; 3] = code.as_bytes().try_into().ok()?;
    code.into_iter().try_fold(0, |slot, byte| Some(slot * 36 + digit(byte)?))
}

fn parse_airport(line: &'static str) -> Option<Airport> {
    let mut columns = line.split('\t');
    let airport = Airport {
        code: columns.next().filter(|code| slot(code).is_some())?,
        name: columns.next()?,
        city: columns.next()?,
        country: columns.next()?,
        time_zone: columns.next()?,
        latitude: columns.next()?.parse().ok()?,
        longitude: columns.next()?.parse().ok()?,
        zone: None,
    };
    columns.next().is_none().then_some(airport)
}

fn parse_metro(line: &'static str) -> Option<MetroArea> {
    let mut columns = line.split('\t');
    let metro = MetroArea {
        code: columns.next().filter(|code| slot(code).is_some())?,
        name: columns.next()?,
        country: columns.next()?,
        airports: columns.next()?.split(' ').collect(),
    };
    (columns.next().is_none() && metro.airports.iter().all(|code| slot(code).is_some())).then_some(metro)
}

/// The airport with this code, upper case.
pub fn airport(code: &str) -> Option<&'static Airport> {
    let place = *PLACES.places.get(slot(code)?)?;
    PLACES.airports.get(usize::from(place).checked_sub(1)?)
}

/// Every airport, in no particular order.
pub fn airports() -> impl Iterator<Item = &'static Airport> {
    PLACES.airports.iter()
}

/// The metropolitan area with this code, even where the code is also that of one airport.
pub fn metro_area(code: &str) -> Option<&'static MetroArea> {
    PLACES.metros.get(code)
}

/// The airport codes of a metropolitan area.
pub fn metro(code: &str) -> Option<&'static [&'static str]> {
    metro_area(code).map(|metro| metro.airports.as_slice())
}

/// The airports that a traveller may mean by a code: those of the metropolitan area, else the one airport, else none.
pub fn airports_of(place: &str) -> Vec<&'static Airport> {
    match metro(place) {
        Some(codes) => codes.iter().filter_map(|code| airport(code)).collect(),
        None => airport(place).into_iter().collect(),
    }
}

/// Whether the code names an airport or a metropolitan area.
pub fn is_place(code: &str) -> bool {
    airport(code).is_some() || PLACES.metros.contains_key(code)
}

/// The city code of an airport: that of its metropolitan area, else its own. None for what is no airport.
pub fn city_of(code: &str) -> Option<&'static str> {
    let airport = airport(code)?;
    Some(PLACES.city_codes.get(airport.code).copied().unwrap_or(airport.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_dropped() {
        assert_eq!(PLACES.airports.len(), AIRPORTS.lines().count());
        assert_eq!(PLACES.metros.len(), METRO_AREAS.lines().count());
    }

    #[test]
    fn every_airport_has_a_known_time_zone_and_a_place_on_earth() {
        for airport in airports() {
            assert!(airport.zone().is_some(), "{} {}", airport.code, airport.time_zone);
            assert!(airport.latitude.abs() <= 90.0 && airport.longitude.abs() <= 180.0, "{}", airport.code);
            assert_eq!(airport.country.len(), 2, "{}", airport.code);
        }
    }

    #[test]
    fn every_airport_of_a_metropolitan_area_is_known() {
        for metro in PLACES.metros.values() {
            assert!(metro.airports.iter().all(|code| airport(code).is_some()), "{}", metro.code);
        }
    }

    #[test]
    fn a_city_code_stands_for_all_its_airports() {
        let codes = |place| airports_of(place).iter().map(|airport| airport.code).collect::<Vec<_>>();
        assert_eq!(codes("TYO"), ["HND", "NRT"]);
        assert_eq!(codes("NRT"), ["NRT"]);
        assert!(codes("JKT").contains(&"CGK"));
        assert!(codes("XXX").is_empty());
    }

    #[test]
    fn a_code_of_both_a_city_and_an_airport_means_the_city() {
        assert!(airport("DXB").is_some());
        assert_eq!(metro("DXB"), Some(["DWC", "DXB"].as_slice()));
        assert_eq!(airports_of("DXB").len(), 2);
        for metro in PLACES.metros.values().filter(|metro| airport(metro.code).is_some()) {
            assert!(metro.airports.contains(&metro.code), "{}", metro.code);
        }
    }

    #[test]
    fn an_airport_knows_its_city() {
        assert_eq!(city_of("NRT"), Some("TYO"));
        assert_eq!(city_of("DWC"), Some("DXB"));
        assert_eq!(city_of("DPS"), Some("DPS"));
        assert_eq!(city_of("TYO"), None);
        assert!(is_place("TYO") && is_place("DPS") && !is_place("tyo"));
    }
}

//! Legs, passengers and segments, as requests spell them.

use jiff::civil::{Date, DateTime};

use super::fault::{self, Fault};
use crate::inventory::families::{self, Cabin, Family};
use crate::inventory::rebuild::SegmentKey;
use crate::inventory::{PassengerKind, Query, Slice};
use crate::money::Currency;
use crate::supplier::Supplier;
use crate::world::World;
use crate::xml::Element;

/// Passenger types as asked for: code, kind and age of each.
pub(super) type People = Vec<(String, PassengerKind, Option<String>)>;

/// The kind of a passenger type code.
pub(super) fn kind(code: &str) -> Option<PassengerKind> {
    match code {
        "ADT" => Some(PassengerKind::Adult),
        "CNN" | "CHD" => Some(PassengerKind::Child),
        "INF" => Some(PassengerKind::Infant),
        _ if code.starts_with('C') && code.len() == 3 && code[1..].parse::<u8>().is_ok() => Some(PassengerKind::Child),
        _ => None,
    }
}

/// The `SearchPassenger`s of a request.
pub(super) fn people(request: &Element) -> Result<People, Fault> {
    let mut people = Vec::new();
    for passenger in request.each("SearchPassenger") {
        let code = passenger.get("Code").unwrap_or_default();
        let kind = kind(code)
            .ok_or_else(|| fault::validation(&format!("Value '{code}' of 'Code' is not valid."), "SearchPassenger"))?;
        people.push((code.to_owned(), kind, passenger.get("Age").map(str::to_owned)));
    }
    let count = |kind| people.iter().filter(|(_, is, _)| *is == kind).count();
    if people.is_empty() {
        return Err(fault::validation("Element 'SearchPassenger' must appear.", "SearchPassenger"));
    }
    if people.len() > 9 || count(PassengerKind::Infant) > count(PassengerKind::Adult) {
        return Err(fault::senseless("Too many passengers, or more infants than adults.", "SearchPassenger"));
    }
    Ok(people)
}

/// The cabin of this name.
pub(super) fn cabin(name: &str) -> Option<Cabin> {
    [Cabin::Economy, Cabin::PremiumEconomy, Cabin::Business, Cabin::First]
        .into_iter()
        .find(|cabin| cabin_name(*cabin) == name)
}

/// uAPI's name of a cabin.
pub(super) fn cabin_name(cabin: Cabin) -> &'static str {
    match cabin {
        Cabin::Economy => "Economy",
        Cabin::PremiumEconomy => "PremiumEconomy",
        Cabin::Business => "Business",
        Cabin::First => "First",
    }
}

fn currency(world: &World, request: &Element) -> Result<Currency, Fault> {
    match request.at("AirPricingModifiers").and_then(|modifiers| modifiers.get("CurrencyType")) {
        None => Ok(world.accounts.travelport),
        Some(code) => {
            Currency::of(code).ok_or_else(|| fault::senseless("The currency is not supported.", "CurrencyType"))
        }
    }
}

fn leg(leg: &Element) -> Result<Slice, Fault> {
    let place = |name: &str| {
        let code = leg.at(name).and_then(|end| end.all().first()).and_then(|place| place.get("Code"));
        let code = code.filter(|code| interline_domain::places::is_place(code)).map(str::to_owned);
        code.ok_or_else(|| fault::senseless("The city or airport is not known.", name))
    };
    let when = leg.at("SearchDepTime").and_then(|time| time.get("PreferredTime")).unwrap_or_default();
    let date = when.get(..10).and_then(|date| date.parse::<Date>().ok());
    let date = date.ok_or_else(|| fault::validation("'PreferredTime' is not a date.", "SearchDepTime"))?;
    Ok(Slice { origin: place("SearchOrigin")?, destination: place("SearchDestination")?, date })
}

/// A `LowFareSearchReq` as a query.
pub(super) fn query(world: &World, request: &Element) -> Result<(Query, People), Fault> {
    let slices: Vec<Slice> = request.each("SearchAirLeg").map(leg).collect::<Result<_, _>>()?;
    if slices.is_empty() {
        return Err(fault::validation("Element 'SearchAirLeg' must appear.", "SearchAirLeg"));
    }
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let yesterday = today.checked_sub(jiff::Span::new().days(1)).unwrap_or(today);
    if slices.iter().any(|slice| slice.date < yesterday) {
        let message = "Preferred date-time is before the current departure city date-time.";
        return Err(fault::senseless(message, "SearchAirLeg.DepTimes"));
    }
    let people = people(request)?;
    let wanted = request.below("CabinClass").first().and_then(|cabin| cabin.get("Type"));
    let cabin = match wanted {
        None => Cabin::Economy,
        Some(name) => cabin(name).ok_or_else(|| fault::validation("The cabin is not known.", "CabinClass"))?,
    };
    let query = Query {
        supplier: Supplier::Travelport,
        slices,
        passengers: people.iter().map(|(_, kind, _)| *kind).collect(),
        cabin,
        currency: currency(world, request)?,
    };
    Ok((query, people))
}

/// `AirSegment`s, by their `Group`; with the key that each bears.
pub(super) fn segments(of: &Element) -> Result<Vec<Vec<(SegmentKey, String)>>, Fault> {
    let mut groups: Vec<(String, Vec<(SegmentKey, String)>)> = Vec::new();
    for segment in of.each("AirSegment") {
        let required = |name: &'static str| {
            let message = format!("Attribute '{name}' must appear on element 'AirSegment'.");
            segment.get(name).ok_or_else(|| fault::validation(&message, name))
        };
        let departs = required("DepartureTime")?;
        let departs = departs.get(..19).and_then(|local| local.parse::<DateTime>().ok());
        let number = required("FlightNumber")?.trim_start_matches('0').parse::<u16>().ok();
        let key = SegmentKey {
            carrier: required("Carrier")?.to_owned(),
            number: number.ok_or_else(|| fault::validation("Not a flight number.", "FlightNumber"))?,
            origin: required("Origin")?.to_owned(),
            destination: required("Destination")?.to_owned(),
            departs: departs.ok_or_else(|| fault::validation("Not a date and time.", "DepartureTime"))?,
        };
        let own = (key, segment.get("Key").unwrap_or_default().to_owned());
        let group = required("Group")?;
        match groups.last_mut().filter(|(last, _)| last == group) {
            Some((_, members)) => members.push(own),
            None => groups.push((group.to_owned(), vec![own])),
        }
    }
    if groups.is_empty() {
        return Err(fault::validation("Element 'AirSegment' must appear.", "AirSegment"));
    }
    Ok(groups.into_iter().map(|(_, members)| members).collect())
}

/// The family that a fare basis belongs to: class, family code, and a suffix for children and infants.
pub(super) fn family(fare_basis: &str) -> Option<&'static Family> {
    fare_basis.get(1..4).and_then(families::by_code)
}

/// The cabin that a fare family is sold in.
pub(super) fn cabin_of(family: &Family) -> Cabin {
    match family.code {
        "PST" | "PFX" => Cabin::PremiumEconomy,
        "BSV" | "BFX" => Cabin::Business,
        "FST" => Cabin::First,
        _ => Cabin::Economy,
    }
}

/// The query that a priced itinerary would have come from.
pub(super) fn query_of(
    world: &World,
    request: &Element,
    kinds: Vec<PassengerKind>,
    cabin: Cabin,
) -> Result<Query, Fault> {
    Ok(Query {
        supplier: Supplier::Travelport,
        slices: Vec::new(),
        passengers: kinds,
        cabin,
        currency: currency(world, request)?,
    })
}

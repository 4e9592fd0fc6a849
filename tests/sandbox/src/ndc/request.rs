//! What shopping requests ask for.

use interline_domain::places;
use jiff::civil::Date;

use super::errors::{self, Error};
use crate::inventory::families::Cabin;
use crate::inventory::{PassengerKind, Query, Slice};
use crate::money::Currency;
use crate::shelf::Asked;
use crate::supplier::Supplier;
use crate::world::World;
use crate::xml::Element;

/// The kind of a passenger type code.
pub(super) fn kind(code: &str) -> Option<PassengerKind> {
    match code {
        "ADT" => Some(PassengerKind::Adult),
        "CHD" | "CNN" => Some(PassengerKind::Child),
        "INF" => Some(PassengerKind::Infant),
        _ => None,
    }
}

/// The passenger type code of a kind.
pub(super) fn code(kind: PassengerKind) -> &'static str {
    match kind {
        PassengerKind::Adult => "ADT",
        PassengerKind::Child => "CHD",
        PassengerKind::Infant => "INF",
    }
}

/// IATA's cabin type code and its name.
pub(super) fn cabin_code(cabin: Cabin) -> (&'static str, &'static str) {
    match cabin {
        Cabin::First => ("1", "First"),
        Cabin::Business => ("2", "Business"),
        Cabin::PremiumEconomy => ("4", "Premium Economy"),
        Cabin::Economy => ("5", "Economy"),
    }
}

fn cabin(code: &str) -> Option<Cabin> {
    match code {
        "1" | "F" => Some(Cabin::First),
        "2" | "C" | "J" => Some(Cabin::Business),
        "4" | "W" => Some(Cabin::PremiumEconomy),
        "3" | "5" | "7" | "Y" | "M" => Some(Cabin::Economy),
        _ => None,
    }
}

fn slice(criteria: &Element) -> Result<Slice, Error> {
    let place = |path: &str| {
        let code = criteria.text_at(path).filter(|code| places::is_place(code)).map(str::to_owned);
        code.ok_or_else(|| errors::invalid(path, "Not an IATA airport or city code."))
    };
    let date = criteria.text_at("OriginDepCriteria/Date").and_then(|date| date.parse::<Date>().ok());
    let date = date.ok_or_else(|| errors::invalid("OriginDepCriteria/Date", "Not a date."))?;
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    if date < today.checked_sub(jiff::Span::new().days(1)).unwrap_or(today) {
        return Err(errors::invalid("OriginDepCriteria/Date", "The date is in the past."));
    }
    Ok(Slice {
        origin: place("OriginDepCriteria/IATA_LocationCode")?,
        destination: place("DestArrivalCriteria/IATA_LocationCode")?,
        date,
    })
}

/// The passengers of a request, under the ids that it gives them.
pub(super) fn people(list: Option<&Element>) -> Result<Vec<Asked>, Error> {
    let mut people = Vec::new();
    for pax in list.into_iter().flat_map(|list| list.each("Pax")) {
        let id = pax.text_at("PaxID").ok_or_else(|| errors::invalid("PaxID", "Must be present."))?;
        let kind = pax.text_at("PTC").and_then(kind).ok_or_else(|| errors::invalid("PTC", "Not a known type."))?;
        if people.iter().any(|known: &Asked| known.id == id) {
            return Err(errors::invalid("PaxID", "Must be unique."));
        }
        people.push(Asked { id: id.to_owned(), kind, age: pax.text_at("AgeMeasure").and_then(|age| age.parse().ok()) });
    }
    let count = |kind| people.iter().filter(|asked| asked.kind == kind).count();
    if people.is_empty() || people.len() > 9 || count(PassengerKind::Infant) > count(PassengerKind::Adult) {
        return Err(errors::invalid("PaxList", "Must have 1 to 9 passengers, and an adult for every infant."));
    }
    Ok(people)
}

/// An `IATA_AirShoppingRQ` as a query.
pub(super) fn query(world: &World, request: &Element) -> Result<(Query, Vec<Asked>), Error> {
    let criteria = request.at("Request/FlightRequest/FlightRequestOriginDestinationsCriteria");
    let criteria = criteria.map(|all| all.each("OriginDestCriteria").collect::<Vec<_>>()).unwrap_or_default();
    if criteria.is_empty() {
        return Err(errors::invalid("OriginDestCriteria", "Must be present."));
    }
    let slices = criteria.iter().map(|criteria| slice(criteria)).collect::<Result<_, _>>()?;
    let people = people(request.at("Request/PaxList"))?;
    let cabin = match request.below("CabinTypeCode").first().and_then(|code| code.own_text()) {
        None => Cabin::Economy,
        Some(code) => cabin(code).ok_or_else(|| errors::invalid("CabinTypeCode", "Not a known cabin."))?,
    };
    let wanted = ["CurCode", "RequestedCurCode"].into_iter().find_map(|name| request.below(name).into_iter().next());
    let currency = match wanted.and_then(Element::own_text) {
        None => world.accounts.ndc,
        Some(code) => Currency::of(code).ok_or_else(|| errors::invalid("CurCode", "Not sold in that currency."))?,
    };
    let passengers = people.iter().map(|asked| asked.kind).collect();
    Ok((Query { supplier: Supplier::Ndc, slices, passengers, cabin, currency }, people))
}

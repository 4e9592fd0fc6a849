//! Universal records → orders.

use super::Reason;
use super::fare;
use super::flights::Index;
use crate::token::OrderToken;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::supplier::{CarrierLocator, Money, Order, OrderStatus, Segment, Ticket};
use interline_plugin_sdk::token;
use interline_plugin_sdk::xml::Element;
use std::collections::HashSet;

/// The reason of a record without a fare, whose total can't be told.
pub const NO_FARE: &str = "no fare";

/// What is known of a record before it is read.
#[derive(Debug, Default)]
pub struct Known<'a> {
    /// Given and family name of the travellers, in their order.
    pub names: &'a [(&'a str, &'a str)],
    /// uAPI's keys of the travellers, in their order.
    pub keys: &'a [String],
    /// The total as last read.
    pub total: Option<Money>,
}

/// A `UniversalRecord`.
pub fn order(universal: &Element, known: &Known<'_>) -> Result<Order, Reason> {
    let attribute = |name: &str| universal.attr(name).map(str::to_owned);
    let id = attribute("LocatorCode").ok_or("a UniversalRecord without LocatorCode")?;
    let provider = universal.child("ProviderReservationInfo").and_then(|info| info.attr("LocatorCode"));
    let reservations: Vec<&Element> = universal.children("AirReservation").collect();
    let keys = travellers(universal, known);
    let tickets = tickets(universal, &reservations, &keys);
    let total = match total(universal)? {
        Some(total) if total.units < 0 => return Err("a total below zero".to_owned()),
        Some(total) => total,
        None => known.total.clone().ok_or(NO_FARE)?,
    };
    Ok(Order {
        locator: provider.unwrap_or(&id).to_owned(),
        id,
        carrier_locators: carrier_locators(reservations.iter().flat_map(|one| one.children("SupplierLocator"))),
        status: status(universal, &reservations, keys.len(), &tickets),
        tickets,
        ticketing_deadline: deadline(universal, &reservations),
        segments: segments(universal, &reservations),
        token: token::encode(&remembered(keys, &total)).map_err(|why| why.message)?,
        total,
    })
}

/// The documents issued for a record (`ETR`), where there is no record beside them.
pub fn documents(message: &Element) -> Result<Order, Reason> {
    let issued: Vec<&Element> = message.children("ETR").collect();
    let first = issued.first().ok_or("neither a UniversalRecord nor an ETR")?;
    let air = first.child_text("AirReservationLocatorCode").unwrap_or_default();
    let live = |document: &Element| -> Vec<String> {
        let tickets = document.children("Ticket").filter(|ticket| is_live(ticket.attr("TicketStatus")));
        tickets.filter_map(|ticket| number(ticket.attr("TicketNumber")?)).collect()
    };
    // What was exchanged, refunded or voided is paid no more.
    let any_live = issued.iter().any(|document| !live(document).is_empty());
    let mut total: Option<Money> = None;
    let mut keys: Vec<String> = Vec::new();
    let mut tickets = Vec::new();
    for (place, document) in issued.iter().enumerate() {
        let told = document.child("BookingTraveler").and_then(|traveller| traveller.attr("Key"));
        let key = told.map_or_else(|| format!("#{place}"), str::to_owned);
        let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        });
        let numbers = live(document);
        if numbers.is_empty() && any_live {
            continue;
        }
        if let Some(one) = fare::document_total(document)? {
            total = Some(plus(total, one)?);
        }
        let traveller = u8::try_from(at).map_err(|_| "too many travellers")?;
        tickets.extend(numbers.into_iter().map(|number| Ticket { traveller, number }));
    }
    let total = total.ok_or(NO_FARE)?;
    let status = if tickets.is_empty() { OrderStatus::Held } else { OrderStatus::Ticketed };
    let travellers = if keys.iter().any(|key| key.starts_with('#')) { Vec::new() } else { keys };
    Ok(Order {
        id: message.attr("UniversalRecordLocatorCode").unwrap_or(air).to_owned(),
        locator: first.attr("ProviderLocatorCode").unwrap_or(air).to_owned(),
        carrier_locators: carrier_locators(issued.iter().flat_map(|one| one.children("SupplierLocator"))),
        status,
        tickets,
        ticketing_deadline: None,
        segments: Vec::new(),
        token: token::encode(&remembered(travellers, &total)).map_err(|why| why.message)?,
        total,
    })
}

fn remembered(travellers: Vec<String>, total: &Money) -> OrderToken {
    OrderToken { travellers, total: format!("{}{}", total.currency, decimal::to_decimal(total)) }
}

/// The carriers' own locators, each once.
fn carrier_locators<'a>(told: impl Iterator<Item = &'a Element>) -> Vec<CarrierLocator> {
    let mut locators: Vec<CarrierLocator> = Vec::new();
    for one in told {
        let (Some(carrier), Some(locator)) = (one.attr("SupplierCode"), one.attr("SupplierLocatorCode")) else {
            continue;
        };
        if !locators.iter().any(|known| known.carrier == carrier && known.locator == locator) {
            locators.push(CarrierLocator { carrier: carrier.to_owned(), locator: locator.to_owned() });
        }
    }
    locators
}

fn plus(sum: Option<Money>, one: Money) -> Result<Money, Reason> {
    match sum {
        Some(sum) => decimal::add(&sum, &one).map_err(|why| why.to_string()),
        None => Ok(one),
    }
}

/// The total of the stored fares, each for all its passengers. A record that was priced again may still hold the older
/// fares: a flight counts once for each traveller, by the fare that is ticketed, else by the latest.
pub fn total(universal: &Element) -> Result<Option<Money>, Reason> {
    let infos = universal.all("AirReservation/AirPricingInfo");
    let ticketed = |info: &&&Element| info.attr("Ticketed") == Some("true");
    let (first, rest): (Vec<&Element>, Vec<&Element>) = infos.iter().rev().partition(ticketed);
    let mut counted: HashSet<(&str, &str)> = HashSet::new();
    let mut sum: Option<Money> = None;
    for info in first.into_iter().chain(rest) {
        let Some(one) = fare::money(info, "TotalPrice")?.or(fare::money(info, "ApproximateTotalPrice")?) else {
            continue;
        };
        let flights: Vec<&str> =
            info.children("BookingInfo").filter_map(|booking| booking.attr("SegmentRef")).collect();
        let travellers: Vec<_> = info.children("PassengerType").map(|one| one.attr("BookingTravelerRef")).collect();
        let again = |traveller: &str| flights.iter().any(|flight| counted.contains(&(traveller, *flight)));
        let priced = travellers.iter().filter(|traveller| !traveller.is_some_and(again)).count();
        for traveller in travellers.iter().flatten() {
            counted.extend(flights.iter().map(|flight| (*traveller, *flight)));
        }
        let passengers = if travellers.is_empty() { 1 } else { u32::try_from(priced).unwrap_or(0) };
        if passengers > 0 {
            sum = Some(plus(sum, decimal::times(&one, passengers).map_err(|why| why.to_string())?)?);
        }
    }
    Ok(sum)
}

/// Whether a fare is stored.
pub fn has_price(universal: &Element) -> bool {
    universal.path("AirReservation/AirPricingInfo").is_some()
}

/// The status of the first flight that is not confirmed.
pub fn unconfirmed(universal: &Element) -> Option<&str> {
    let segments = universal.all("AirReservation/AirSegment");
    let statuses: Vec<&str> = segments.into_iter().filter_map(|segment| segment.attr("Status")).collect();
    statuses.into_iter().find(|status| matches!(*status, "UC" | "UN" | "US" | "UU" | "NO" | "HX" | "HL" | "HN" | "LL"))
}

/// The locator of the air reservation, which is what is ticketed.
pub fn reservation(universal: &Element) -> Option<&str> {
    universal.child("AirReservation").and_then(|air| air.attr("LocatorCode"))
}

/// Issued, and neither void, nor refunded, nor exchanged.
/// Whether a record has documents, and none of them is worth anything any more.
pub fn is_given_back(universal: &Element) -> bool {
    let infos: Vec<&Element> = universal.all("AirReservation/DocumentInfo/TicketInfo");
    !infos.is_empty() && infos.iter().all(|info| !is_live(info.attr("Status")))
}

fn is_live(status: Option<&str>) -> bool {
    !matches!(status, Some("U" | "V" | "R" | "X" | "E" | "VOID" | "REFUNDED"))
}

fn number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(13).collect();
    (digits.len() == 13).then_some(digits)
}

/// Keys of the travellers in the order of the request: as remembered, or by name, or as the record has them.
fn travellers(universal: &Element, known: &Known<'_>) -> Vec<String> {
    let all: Vec<&Element> = universal.children("BookingTraveler").collect();
    let key = |one: &&Element| one.attr("Key").unwrap_or_default().to_owned();
    let in_order: Vec<String> = all.iter().map(key).collect();
    if !known.keys.is_empty() && known.keys.iter().all(|key| in_order.contains(key)) {
        return known.keys.to_vec();
    }
    let mut left = all;
    let mut named = Vec::with_capacity(known.names.len());
    for (given, family) in known.names {
        // AN and ANNA of one family: the very name comes first.
        let is = |one: &Element, exactly: bool| {
            let name = one.child("BookingTravelerName");
            let part = |attribute: &str| name.and_then(|name| name.attr(attribute)).unwrap_or_default();
            same_name(part("Last"), family, exactly) && same_name(part("First"), given, exactly)
        };
        let at = left.iter().position(|one| is(one, true)).or_else(|| left.iter().position(|one| is(one, false)));
        let Some(at) = at else { return in_order };
        named.push(key(&left.remove(at)));
    }
    if named.len() == in_order.len() { named } else { in_order }
}

/// Names come back in capitals, without spaces, and with the title run together with them.
fn same_name(told: &str, wanted: &str, exactly: bool) -> bool {
    const TITLES: [&str; 10] = ["", "MR", "MRS", "MS", "MISS", "MSTR", "MISTER", "DR", "CHD", "INF"];
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
    letters(told).strip_prefix(&letters(wanted)).is_some_and(|rest| !exactly || TITLES.contains(&rest))
}

fn tickets(universal: &Element, reservations: &[&Element], keys: &[String]) -> Vec<Ticket> {
    let index = |key: Option<&str>| match key {
        Some(key) => keys.iter().position(|known| known == key),
        None => (keys.len() == 1).then_some(0),
    };
    let mut tickets: Vec<Ticket> = Vec::new();
    let mut put = |traveller: Option<usize>, text: Option<&str>| {
        let (Some(at), Some(number)) = (traveller.and_then(|at| u8::try_from(at).ok()), text.and_then(number)) else {
            return;
        };
        if !tickets.iter().any(|known| known.number == number) {
            tickets.push(Ticket { traveller: at, number });
        }
    };
    let infos: Vec<&Element> = reservations.iter().flat_map(|one| one.all("DocumentInfo/TicketInfo")).collect();
    for info in &infos {
        let traveller = index(info.attr("BookingTravelerRef"));
        if is_live(info.attr("Status")) {
            put(traveller, info.attr("Number"));
        }
        for joined in info.children("ConjunctedTicketInfo").filter(|one| is_live(one.attr("Status"))) {
            put(traveller, joined.attr("Number"));
        }
    }
    // A record without a list of its documents may have their numbers in service requests: `2201234567890C1`.
    if infos.is_empty() {
        for traveller in universal.children("BookingTraveler") {
            for ssr in traveller.children("SSR").filter(|ssr| ssr.attr("Type") == Some("TKNE")) {
                let text = ssr.attr("FreeText").map(|text| text.trim_start_matches("INF"));
                put(index(traveller.attr("Key")), text.and_then(|text| text.split('C').next()));
            }
        }
    }
    tickets.sort_by_key(|ticket| ticket.traveller);
    tickets
}

fn status(universal: &Element, reservations: &[&Element], travellers: usize, tickets: &[Ticket]) -> OrderStatus {
    let cancelled = universal.attr("Status").is_some_and(|status| status.starts_with("Cancel"));
    let all = (0..travellers).all(|at| tickets.iter().any(|ticket| usize::from(ticket.traveller) == at));
    let flights: Vec<&Element> = reservations.iter().flat_map(|one| one.children("AirSegment")).collect();
    // The carrier has cancelled what was not ticketed in time.
    let lapsed =
        tickets.is_empty() && !flights.is_empty() && flights.iter().all(|one| one.attr("Status") == Some("HX"));
    if cancelled || lapsed || reservations.is_empty() {
        OrderStatus::Cancelled
    } else if tickets.is_empty() {
        OrderStatus::Held
    } else if all {
        OrderStatus::Ticketed
    } else {
        OrderStatus::Pending
    }
}

fn deadline(universal: &Element, reservations: &[&Element]) -> Option<u64> {
    let action = universal.children("ActionStatus").filter_map(|action| action.attr("TicketDate"));
    let infos = reservations.iter().flat_map(|one| one.children("AirPricingInfo"));
    action.filter_map(fare::deadline).chain(infos.filter_map(fare::ticketing_limit)).min()
}

/// Flights, in order; surface and passive segments are none, and open ones have no time yet.
fn segments(universal: &Element, reservations: &[&Element]) -> Vec<Segment> {
    let mut index = Index::of(universal);
    for key in reservations.iter().flat_map(|one| one.children("AirSegment")).filter_map(|segment| segment.attr("Key"))
    {
        // What can't be read is not told: the record stands.
        let _ = index.segment(key);
    }
    index.into_segments()
}

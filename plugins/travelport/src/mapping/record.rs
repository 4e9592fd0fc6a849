//! Universal records → orders.

use super::Reason;
use super::fare;
use super::flights::Index;
use crate::token::OrderToken;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::supplier::{CarrierLocator, Money, Order, OrderStatus, Segment, Ticket};
use interline_plugin_sdk::token;
use interline_plugin_sdk::xml::Element;

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
        Some(total) => total,
        None => known.total.clone().ok_or(NO_FARE)?,
    };
    let remembered =
        OrderToken { travellers: keys.clone(), total: format!("{}{}", total.currency, decimal::to_decimal(&total)) };
    let suppliers = reservations.iter().flat_map(|one| one.children("SupplierLocator"));
    let carrier_locators = suppliers.filter_map(|one| {
        let carrier = one.attr("SupplierCode")?.to_owned();
        Some(CarrierLocator { carrier, locator: one.attr("SupplierLocatorCode")?.to_owned() })
    });
    Ok(Order {
        locator: provider.unwrap_or(&id).to_owned(),
        id,
        carrier_locators: carrier_locators.collect(),
        status: status(universal, &reservations, keys.len(), &tickets),
        total,
        tickets,
        ticketing_deadline: deadline(universal, &reservations),
        segments: segments(universal, &reservations)?,
        token: token::encode(&remembered).map_err(|why| why.message)?,
    })
}

/// The documents issued for a record (`ETR`), where there is no record beside them.
pub fn documents(message: &Element) -> Result<Order, Reason> {
    let issued: Vec<&Element> = message.children("ETR").collect();
    let first = issued.first().ok_or("neither a UniversalRecord nor an ETR")?;
    let air = first.child_text("AirReservationLocatorCode").unwrap_or_default();
    let mut total: Option<Money> = None;
    let mut tickets = Vec::new();
    for (traveller, document) in (0u8..).zip(&issued) {
        if let Some(one) = fare::money(document, "TotalPrice")? {
            total = Some(match total {
                Some(sum) => decimal::add(&sum, &one).map_err(|why| why.to_string())?,
                None => one,
            });
        }
        let live = document.children("Ticket").filter(|ticket| is_live(ticket.attr("TicketStatus")));
        let numbers = live.filter_map(|ticket| number(ticket.attr("TicketNumber")?));
        tickets.extend(numbers.map(|number| Ticket { traveller, number }));
    }
    let total = total.ok_or(NO_FARE)?;
    let locators = issued.iter().flat_map(|one| one.children("SupplierLocator")).filter_map(|one| {
        let carrier = one.attr("SupplierCode")?.to_owned();
        Some(CarrierLocator { carrier, locator: one.attr("SupplierLocatorCode")?.to_owned() })
    });
    let status = if tickets.is_empty() { OrderStatus::Held } else { OrderStatus::Ticketed };
    let remembered =
        OrderToken { travellers: Vec::new(), total: format!("{}{}", total.currency, decimal::to_decimal(&total)) };
    Ok(Order {
        id: message.attr("UniversalRecordLocatorCode").unwrap_or(air).to_owned(),
        locator: first.attr("ProviderLocatorCode").unwrap_or(air).to_owned(),
        carrier_locators: locators.collect(),
        status,
        total,
        tickets,
        ticketing_deadline: None,
        segments: Vec::new(),
        token: token::encode(&remembered).map_err(|why| why.message)?,
    })
}

/// The total of all stored fares, each for all its passengers.
pub fn total(universal: &Element) -> Result<Option<Money>, Reason> {
    let mut sum: Option<Money> = None;
    for info in universal.all("AirReservation/AirPricingInfo") {
        let Some(one) = fare::money(info, "TotalPrice")? else { continue };
        let passengers = u32::try_from(info.children("PassengerType").count()).unwrap_or(1).max(1);
        let all = decimal::times(&one, passengers).map_err(|why| why.to_string())?;
        sum = Some(match sum {
            Some(sum) => decimal::add(&sum, &all).map_err(|why| why.to_string())?,
            None => all,
        });
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

/// Numbers of the tickets that are neither void, nor refunded, nor exchanged.
fn is_live(status: Option<&str>) -> bool {
    !matches!(status, Some("V" | "R" | "X" | "E" | "VOID" | "REFUNDED"))
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
        let same = |one: &&Element| {
            let name = one.child("BookingTravelerName");
            let is = |attribute: &str, wanted: &str| {
                let told = name.and_then(|name| name.attr(attribute)).unwrap_or_default();
                // Titles are run together with given names.
                told.to_uppercase().starts_with(&wanted.to_uppercase())
            };
            is("Last", family) && is("First", given)
        };
        let Some(at) = left.iter().position(same) else { return in_order };
        named.push(key(&left.remove(at)));
    }
    if named.len() == in_order.len() { named } else { in_order }
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
    if cancelled || reservations.is_empty() {
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
    let fares = infos.filter_map(|info| info.attr("LatestTicketingTime"));
    action.chain(fares).filter_map(fare::deadline).min()
}

/// Flights, in order; surface and passive segments are none.
fn segments(universal: &Element, reservations: &[&Element]) -> Result<Vec<Segment>, Reason> {
    let mut index = Index::of(universal);
    for segment in reservations.iter().flat_map(|one| one.children("AirSegment")) {
        let surface = segment.attr("Carrier").is_none() || segment.attr("FlightNumber").is_none_or(str::is_empty);
        if let (false, Some(key)) = (surface, segment.attr("Key")) {
            index.segment(key)?;
        }
    }
    Ok(index.into_segments())
}

//! Products as Duffel's slices, segments, conditions and amounts.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::places;
use crate::dice::Dice;
use crate::inventory::families::{Cabin, Permit};
use crate::inventory::journeys::{Journey, Segment};
use crate::inventory::{PassengerKind, Product, Query};

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An instant, to the microsecond, in UTC.
pub(super) fn stamp(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn local(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// ISO 8601, with days where there are any.
fn duration(minutes: i64) -> String {
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let day = if days > 0 { format!("P{days}DT") } else { "PT".to_owned() };
    let hour = if hours > 0 { format!("{hours}H") } else { String::new() };
    let minute = if minutes > 0 || (hours == 0 && days == 0) { format!("{minutes}M") } else { String::new() };
    format!("{day}{hour}{minute}").trim_end_matches('T').to_owned()
}

/// Duffel's name of a cabin, and the airline's.
pub(super) fn cabin(cabin: Cabin) -> (&'static str, &'static str) {
    match cabin {
        Cabin::Economy => ("economy", "Economy"),
        Cabin::PremiumEconomy => ("premium_economy", "Premium Economy"),
        Cabin::Business => ("business", "Business"),
        Cabin::First => ("first", "First"),
    }
}

/// The cabin of this name.
pub(super) fn cabin_named(name: &str) -> Option<Cabin> {
    [Cabin::Economy, Cabin::PremiumEconomy, Cabin::Business, Cabin::First]
        .into_iter()
        .find(|known| cabin(*known).0 == name)
}

fn condition(product: &Product, permit: Permit) -> Value {
    let (allowed, amount) = match permit {
        Permit::Never => (false, None),
        Permit::Free => (true, Some(0)),
        Permit::For(cents) => (true, Some(product.fee(cents))),
    };
    json!({
        "allowed": allowed,
        "penalty_amount": amount.map(|amount| product.currency.decimal(amount)),
        "penalty_currency": amount.map(|_| product.currency.code),
    })
}

/// `conditions` of an offer or order.
pub(super) fn conditions(product: &Product) -> Value {
    json!({
        "refund_before_departure": condition(product, product.family.refund),
        "change_before_departure": condition(product, product.family.change),
    })
}

/// `slices`: the ids in them are made from `salt`, so that an offer's and its order's differ.
pub(super) fn slices(product: &Product, query: &Query, passengers: &[(String, PassengerKind)], salt: &str) -> Value {
    let id = |prefix: &str, of: &str| format!("{prefix}0000{}", Dice::new(11).with(salt).with(of).word(LETTERS, 18));
    let slice = |(index, journey): (usize, &std::sync::Arc<Journey>)| -> Option<Value> {
        let (first, last) = (journey.segments.first()?, journey.segments.last()?);
        let segments: Vec<Value> = journey
            .segments
            .iter()
            .enumerate()
            .map(|(at, segment)| {
                let id = id("seg_", &format!("{index}.{at}"));
                self::segment(product, segment, id, product.classes[index][at], query, passengers)
            })
            .collect();
        Some(json!({
            "id": id("sli_", &index.to_string()),
            "origin_type": "airport",
            "origin": places::airport(first.flight.origin),
            "destination_type": "airport",
            "destination": places::airport(last.flight.destination),
            "duration": duration(journey.minutes),
            "fare_brand_name": product.family.name,
            "ngs_shelf": 1,
            "comparison_key": id("", &journey.key()).chars().take(12).collect::<String>(),
            "conditions": { "change_before_departure": condition(product, product.family.change) },
            "segments": segments,
        }))
    };
    product.journeys.iter().enumerate().filter_map(slice).collect()
}

fn segment(
    product: &Product,
    segment: &Segment,
    id: String,
    class: &str,
    query: &Query,
    passengers: &[(String, PassengerKind)],
) -> Value {
    let flight = &segment.flight;
    let (cabin_class, marketing_name) = cabin(query.cabin);
    let family = product.family;
    let passenger = |(id, kind): &(String, PassengerKind)| {
        let bags = match kind {
            PassengerKind::Infant => json!([{ "type": "checked", "quantity": 0 }]),
            _ => json!([
                { "type": "checked", "quantity": family.checked },
                { "type": "carry_on", "quantity": family.carry_on },
            ]),
        };
        let suffix = match kind {
            PassengerKind::Adult => "",
            PassengerKind::Child => "CH",
            PassengerKind::Infant => "IN",
        };
        json!({
            "passenger_id": id,
            "cabin_class": cabin_class,
            "cabin_class_marketing_name": marketing_name,
            "cabin": { "name": cabin_class, "marketing_name": marketing_name, "amenities": null },
            "fare_basis_code": format!("{class}{}{suffix}", family.code),
            "baggages": bags,
        })
    };
    json!({
        "id": id,
        "origin": places::airport(flight.origin),
        "origin_terminal": flight.terminals.0,
        "departing_at": local(flight.departs),
        "destination": places::airport(flight.destination),
        "destination_terminal": flight.terminals.1,
        "arriving_at": local(flight.arrives),
        "duration": duration(flight.minutes()),
        "distance": format!("{}.0", flight.distance),
        "stops": [],
        "media": [],
        "aircraft": places::aircraft(flight.aircraft),
        "marketing_carrier": places::airline(segment.marketing.code),
        "marketing_carrier_flight_number": segment.number.to_string(),
        "operating_carrier": places::airline(flight.carrier.code),
        "operating_carrier_flight_number": flight.number.to_string(),
        "passengers": passengers.iter().map(passenger).collect::<Vec<_>>(),
    })
}

/// Puts base, tax and total into an offer or order.
pub(super) fn amounts(product: &Product, into: &mut Value) {
    let currency = product.currency;
    for (name, minor) in [("base", product.base()), ("tax", product.tax()), ("total", product.total())] {
        into[format!("{name}_amount")] = currency.decimal(minor).into();
        into[format!("{name}_currency")] = currency.code.into();
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_iso_8601() {
        assert_eq!(duration(450), "PT7H30M");
        assert_eq!(duration(60), "PT1H");
        assert_eq!(duration(1440), "P1D");
        assert_eq!(duration(1530), "P1DT1H30M");
    }
}

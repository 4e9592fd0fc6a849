//! What is the same for all rows of a call, and what is known of places, cabins and fare families.

use crate::columns;
use crate::context::PricingContext;
use crate::rates::RateTable;
use crate::regions::region;
use crate::sheet::pack;
use foldhash::fast::RandomState;
use interline_domain::itinerary::Segment;
use interline_domain::money::{Currency, Money, MoneyError};
use interline_domain::offer::Conditions;
use interline_domain::passengers::{PassengerKind, PassengerMix};
use interline_domain::places::{self, Airport};
use interline_domain::trip::Cabin;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The minute that a moment is in, since 1970.
pub fn minute(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(60)
}

/// The moment at which a minute begins; none if it is beyond the calendar.
pub fn moment(minute: i64) -> Option<Timestamp> {
    minute.checked_mul(60).and_then(|second| Timestamp::from_second(second).ok())
}

/// Constants that every rule set gets. None if the table can't tell what a euro is in the currency shown.
pub fn constants(context: &PricingContext, rates: &RateTable, now: Timestamp) -> Option<Vec<(u16, i64)>> {
    let currency = context.display_currency;
    Some(vec![
        (columns::NOW, minute(now)),
        (columns::DISPLAY_CURRENCY, i64::from(pack(currency.code()))),
        (columns::DISPLAY_EXPONENT, i64::from(currency.exponent())),
        (columns::THOUSAND_EURO, thousand_euro(rates, currency)?),
        (columns::POINT_OF_SALE, i64::from(pack(&context.point_of_sale))),
        (columns::CHANNEL, channel(&context.channel)),
        (columns::CUSTOMER_SEGMENT, customer_segment(&context.customer_segment)),
    ])
}

/// Constants that tell who travels.
pub fn travellers(mix: &PassengerMix) -> [(u16, i64); 3] {
    [
        (columns::ADULTS, i64::from(mix.adults())),
        (columns::CHILDREN, i64::try_from(mix.child_ages().len()).unwrap_or(i64::MAX)),
        (columns::INFANTS, i64::from(mix.infants())),
    ]
}

fn thousand_euro(rates: &RateTable, currency: Currency) -> Option<i64> {
    let euro: Result<Currency, MoneyError> = "EUR".parse();
    rates.exchange(Money::new(100_000, euro.ok()?), currency).ok().map(|money| money.units)
}

fn channel(name: &str) -> i64 {
    match name {
        "web" => 1,
        "app" => 2,
        "agent" => 3,
        "partner" => 4,
        _ => 0,
    }
}

fn customer_segment(name: &str) -> i64 {
    match name {
        "retail" => 1,
        "member" => 2,
        "corporate" => 3,
        _ => 0,
    }
}

/// Number of a cabin.
pub fn cabin(cabin: Cabin) -> u32 {
    match cabin {
        Cabin::Economy => 1,
        Cabin::PremiumEconomy => 2,
        Cabin::Business => 3,
        Cabin::First => 4,
    }
}

/// Number of a passenger type.
pub fn passenger(kind: PassengerKind) -> u32 {
    match kind {
        PassengerKind::Adult => 1,
        PassengerKind::Child => 2,
        PassengerKind::Infant => 3,
    }
}

/// Number of a condition.
pub fn known(known: Option<bool>) -> u32 {
    match known {
        None => 0,
        Some(true) => 1,
        Some(false) => 2,
    }
}

/// Whether money comes back before departure.
pub fn refundable(conditions: &Conditions) -> u32 {
    known(conditions.refund_before_departure.as_ref().map(|condition| condition.allowed))
}

const LIGHT: &[&str] = &["light", "lite", "basic", "saver", "hand baggage", "no bag"];
const FLEX: &[&str] = &["flex", "full", "refundable"];

/// Number of a fare family, by its commercial name; 0 without one.
pub fn brand(name: Option<&str>) -> u32 {
    let Some(name) = name.map(str::to_lowercase) else { return 0 };
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if says(LIGHT) {
        1
    } else if says(FLEX) {
        3
    } else {
        2
    }
}

/// What rules are told of a segment.
#[derive(Debug, Clone, Copy, Default)]
pub struct SegmentFacts {
    /// Where it leaves.
    pub origin: Stop,
    /// Where it arrives.
    pub destination: Stop,
    /// Carrier that sells it.
    pub marketing: u32,
    /// Carrier that flies it.
    pub operating: u32,
    /// Minutes since 1970; 0: not known.
    pub departs_at: i64,
}

/// What rules are told of an airport.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stop {
    /// Its code.
    pub airport: u32,
    /// Code of its country.
    pub country: u32,
    /// Number of its region.
    pub region: u32,
}

/// What rules are told of the airports that are known.
static STOPS: LazyLock<HashMap<&str, Stop, RandomState>> = LazyLock::new(|| {
    let stop = |airport: &'static Airport| {
        let country = airport.country;
        Stop { airport: pack(airport.code), country: pack(country), region: region(country) }
    };
    places::airports().map(|airport| (airport.code, stop(airport))).collect()
});

impl Stop {
    fn of(code: &str) -> Self {
        STOPS.get(code).copied().unwrap_or_else(|| Self { airport: pack(code), ..Self::default() })
    }
}

impl SegmentFacts {
    /// Of a reply's segment.
    pub fn of(segment: &Segment) -> Self {
        Self {
            origin: Stop::of(&segment.origin),
            destination: Stop::of(&segment.destination),
            marketing: pack(&segment.marketing_carrier),
            operating: segment.operating_carrier.as_deref().map_or(0, pack),
            departs_at: segment.departs_at().map_or(0, minute),
        }
    }
}

/// Number of how far a journey goes; 0 where a country or region is not known.
pub fn route(from: Stop, to: Stop) -> u32 {
    if from.country == 0 || to.country == 0 {
        0
    } else if from.country == to.country {
        1
    } else if from.region == to.region {
        2
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fare_families_are_told_by_their_names() {
        let names = ["Economy Light", "BASIC ECONOMY", "Economy Flex", "Economy Value", "Full Fare"];
        assert_eq!(names.map(|name| brand(Some(name))), [1, 1, 3, 2, 3]);
        assert_eq!(brand(None), 0);
    }

    #[test]
    fn a_route_is_as_wide_as_the_world_between_its_ends() {
        let to = |code| route(Stop::of("CGK"), Stop::of(code));
        assert_eq!([to("DPS"), to("SIN"), to("AMS"), to("???")], [1, 2, 3, 0]);
    }

    #[test]
    fn time_counts_by_the_minute() {
        let late = "2027-01-01T00:00:59.9Z".parse().unwrap();
        assert_eq!(moment(minute(late)), "2027-01-01T00:00:00Z".parse().ok());
        assert_eq!(moment(i64::MAX), None);
    }
}

//! The flights of a day: numbers, times in local zones, aircraft and codeshares.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use interline_domain::places::Airport;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::carriers::{Carrier, Kind};
use super::routes;
use crate::dice::Dice;

/// One plane on one day from one airport to the next.
#[derive(Debug, PartialEq)]
pub struct Flight {
    /// Who flies it.
    pub carrier: &'static Carrier,
    /// The operating carrier's flight number.
    pub number: u16,
    /// From.
    pub origin: &'static Airport,
    /// To.
    pub destination: &'static Airport,
    /// Terminals there, where they have several.
    pub terminals: (Option<&'static str>, Option<&'static str>),
    /// Local time at the origin.
    pub departs: DateTime,
    /// Local time at the destination.
    pub arrives: DateTime,
    /// The same moments on the world's clock.
    pub departs_at: Timestamp,
    /// Arrival.
    pub arrives_at: Timestamp,
    /// IATA aircraft type and its name.
    pub aircraft: (&'static str, &'static str),
    /// Kilometres flown.
    pub distance: u32,
    /// Who sells it under a number of its own.
    pub codeshare: Option<(&'static Carrier, u16)>,
    roll: Dice,
}

impl Flight {
    /// Block time.
    pub fn minutes(&self) -> i64 {
        (self.arrives_at.as_second() - self.departs_at.as_second()) / 60
    }
}

impl Flight {
    /// The number under which a partner sells it on from its own flights, if it does.
    pub fn shared_number(&self, partner: &Carrier) -> Option<u16> {
        let shares = partner.code != self.carrier.code && partner.is_partner_of(self.carrier);
        let first = self.codeshare.is_some_and(|(known, _)| known.code == partner.code);
        (shares && (first || self.roll.with("sells on").with(partner.code).chance(45)))
            .then(|| partner_number(self.roll, partner))
    }
}

fn partner_number(roll: Dice, partner: &Carrier) -> u16 {
    u16::try_from(roll.with(partner.code).between(4000, 8999)).unwrap_or(4000)
}

const TERMINALS: &[&str] = &["1", "2", "3", "A", "B"];

/// The local moment on the world's clock; where clocks jump over it, the moment after the jump.
fn moment(local: DateTime, at: &Airport) -> Option<Timestamp> {
    let zone = TimeZone::get(at.time_zone).ok()?;
    zone.to_timestamp(local).ok()
}

/// Block time by distance, longer against the wind of the west; in steps of five minutes.
fn block_minutes(from: &Airport, to: &Airport, distance: u32) -> i64 {
    let cruise = i64::from(distance) * 60 / 840;
    let mut eastward = to.longitude - from.longitude;
    if eastward.abs() > 180.0 {
        eastward = -eastward;
    }
    let wind = if distance > 1500 { cruise / 20 } else { 0 };
    let minutes = 35 + cruise + if eastward > 0.0 { -wind } else { wind };
    (minutes + 4) / 5 * 5
}

fn aircraft(roll: Dice, carrier: &Carrier, distance: u32) -> (&'static str, &'static str) {
    const SHORT: &[(&str, &str)] = &[("AT7", "ATR 72"), ("E90", "Embraer 190"), ("320", "Airbus A320")];
    const MIDDLE: &[(&str, &str)] =
        &[("320", "Airbus A320"), ("321", "Airbus A321"), ("738", "Boeing 737-800"), ("7M8", "Boeing 737 MAX 8")];
    const LONG: &[(&str, &str)] = &[
        ("333", "Airbus A330-300"),
        ("359", "Airbus A350-900"),
        ("77W", "Boeing 777-300ER"),
        ("789", "Boeing 787-9"),
        ("388", "Airbus A380-800"),
    ];
    let types = match distance {
        0..700 if carrier.kind == Kind::Full => SHORT,
        0..4800 => MIDDLE,
        _ if carrier.kind == Kind::LowCost => &LONG[..1],
        _ => LONG,
    };
    roll.with("aircraft").pick(types).unwrap_or(("320", "Airbus A320"))
}

fn terminal(seed: Dice, carrier: &Carrier, airport: &Airport) -> Option<&'static str> {
    let roll = seed.with("terminal").with(airport.code);
    if roll.chance(35) { None } else { roll.with(carrier.code).pick(TERMINALS) }
}

/// How often the carrier flies the route on a day.
fn frequency(roll: Dice, carrier: &Carrier, distance: u32) -> i64 {
    let most = match (carrier.kind, distance) {
        (_, 0..1500) => 5,
        (Kind::Full, 1500..5000) => 3,
        (Kind::LowCost, 1500..5000) => 2,
        (Kind::Full, 5000..9000) => 4,
        (_, 5000..9000) => 2,
        _ => 1,
    };
    roll.with("frequency").between(1, most)
}

/// The carrier's flights on a route, by their local day of departure; the same numbers every day that they fly.
pub fn flights(
    seed: Dice,
    carrier: &'static Carrier,
    from: &'static Airport,
    to: &'static Airport,
    date: Date,
) -> Vec<Flight> {
    let route = seed.with("route").with(carrier.code).with(from.code).with(to.code);
    let distance = routes::distance_km(from, to);
    let minutes = block_minutes(from, to, distance);
    let count = frequency(route, carrier, distance);
    let base = if distance > 3500 { route.between(10, 380) } else { route.between(400, 1900) };
    let first_departure = route.with("first").between(5 * 12, 10 * 12);
    let gap = (16 * 12) / count;
    let mut found = Vec::new();
    for slot in 0..count {
        let roll = route.with_number(slot);
        // Daily for most, five days a week for some.
        let weekday = i64::from(date.weekday().to_monday_zero_offset());
        let rests = roll.with("rests").chance(20) && roll.with("rests on").below(3).cast_signed() == weekday % 3;
        if rests && !(slot == 0 && count == 1) {
            continue;
        }
        let five_minutes = (first_departure + slot * gap + roll.with("shift").between(-6, 6)).rem_euclid(288);
        let Ok(departs) = date.at(0, 0, 0, 0).checked_add(jiff::Span::new().minutes(five_minutes * 5)) else {
            continue;
        };
        let Some(departs_at) = moment(departs, from) else { continue };
        let Ok(arrives_at) = departs_at.checked_add(jiff::Span::new().minutes(minutes)) else { continue };
        let Ok(zone) = TimeZone::get(to.time_zone) else { continue };
        let number = u16::try_from(base + slot * 2).unwrap_or(1);
        let codeshare = routes::codeshare_partner(roll.with("codeshare"), carrier)
            .map(|partner| (partner, partner_number(roll, partner)));
        found.push(Flight {
            carrier,
            number,
            origin: from,
            destination: to,
            terminals: (terminal(seed, carrier, from), terminal(seed, carrier, to)),
            departs,
            arrives: zone.to_datetime(arrives_at),
            departs_at,
            arrives_at,
            aircraft: aircraft(roll, carrier, distance),
            distance,
            codeshare,
            roll,
        });
    }
    found
}

/// Carrier, origin, destination and date.
type Day = (&'static str, &'static str, &'static str, Date);

/// Flights looked up before, for the time of one search.
#[derive(Debug)]
pub struct Timetable {
    seed: Dice,
    flights: RefCell<HashMap<Day, Vec<Arc<Flight>>>>,
    nonstop: RefCell<HashMap<(&'static str, &'static str), Vec<&'static Carrier>>>,
}

impl Timetable {
    /// One that knows nothing yet.
    pub fn new(seed: Dice) -> Self {
        Timetable { seed, flights: RefCell::default(), nonstop: RefCell::default() }
    }

    /// What it is made from.
    pub fn seed(&self) -> Dice {
        self.seed
    }

    /// As [`flights`].
    pub fn flights(
        &self,
        carrier: &'static Carrier,
        from: &'static Airport,
        to: &'static Airport,
        date: Date,
    ) -> Vec<Arc<Flight>> {
        let made = || flights(self.seed, carrier, from, to, date).into_iter().map(Arc::new).collect();
        self.flights.borrow_mut().entry((carrier.code, from.code, to.code, date)).or_insert_with(made).clone()
    }

    /// As [`routes::nonstop`].
    pub fn nonstop(&self, from: &'static Airport, to: &'static Airport) -> Vec<&'static Carrier> {
        let made = || routes::nonstop(self.seed, from, to);
        self.nonstop.borrow_mut().entry((from.code, to.code)).or_insert_with(made).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::carriers;
    use interline_domain::places::airport;

    fn day(carrier: &str, from: &str, to: &str, date: Date) -> Vec<Flight> {
        let carrier = carriers::by_code(carrier).unwrap();
        flights(Dice::new(1), carrier, airport(from).unwrap(), airport(to).unwrap(), date)
    }

    #[test]
    fn local_times_agree_with_the_block_time() {
        let date = jiff::civil::date(2027, 1, 20);
        for flight in day("GA", "CGK", "NRT", date).iter().chain(&day("BA", "LHR", "JFK", date)) {
            assert_eq!(flight.departs.date(), date);
            let zone = |code| TimeZone::get(airport(code).unwrap().time_zone).unwrap();
            let gone = zone(flight.origin.code).to_timestamp(flight.departs).unwrap();
            let come = zone(flight.destination.code).to_timestamp(flight.arrives).unwrap();
            assert_eq!((come.as_second() - gone.as_second()) / 60, flight.minutes());
        }
    }

    #[test]
    fn a_flight_keeps_its_number_from_day_to_day() {
        let numbers = |day_of| -> Vec<u16> {
            day("SQ", "SIN", "LHR", jiff::civil::date(2027, 3, day_of)).iter().map(|flight| flight.number).collect()
        };
        let both: Vec<_> = numbers(1).into_iter().filter(|number| numbers(8).contains(number)).collect();
        assert_eq!(both, numbers(1));
    }
}

//! What a product costs each kind of passenger.

use std::sync::Arc;

use super::carriers::{Carrier, Kind};
use super::families::{self, Family};
use super::journeys::Journey;
use super::{PassengerKind, Product, Query, routes, taxes};
use crate::dice::Dice;

/// What one passenger of a kind pays, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fare {
    /// Whose fare.
    pub kind: PassengerKind,
    /// Indexes into the query's passengers.
    pub passengers: Vec<usize>,
    /// Without taxes.
    pub base: i64,
    /// IATA code and amount of each.
    pub taxes: Vec<(&'static str, i64)>,
}

impl Fare {
    /// All taxes of one passenger.
    pub fn tax(&self) -> i64 {
        self.taxes.iter().map(|(_, amount)| amount).sum()
    }

    /// All that one passenger pays.
    pub fn total(&self) -> i64 {
        self.base + self.tax()
    }
}

/// The product of these journeys in this family, unless it is sold out for so many people.
pub fn product(
    seed: Dice,
    query: &Query,
    journeys: &[Arc<Journey>],
    owner: &'static Carrier,
    family: &'static Family,
) -> Option<Product> {
    let key =
        journeys.iter().map(|journey| journey.key()).chain([family.code.to_owned()]).collect::<Vec<_>>().join("/");
    let seated = query.passengers.iter().filter(|kind| **kind != PassengerKind::Infant).count();
    let classes = families::booking_classes(query.cabin);
    let mut letters = Vec::new();
    let mut seats = Vec::new();
    for journey in journeys {
        let mut letters_of_journey = Vec::new();
        let mut seats_of_journey = Vec::new();
        for segment in &journey.segments {
            let roll = seed.with("class").with(journey.key()).with(family.code);
            letters_of_journey.push(roll.pick(classes)?);
            let left = roll.with("seats").with_number(i64::from(segment.flight.number)).between(0, 14).min(9);
            let left = u8::try_from(left).ok().filter(|left| usize::from(*left) >= seated.max(1))?;
            seats_of_journey.push(left);
        }
        letters.push(letters_of_journey);
        seats.push(seats_of_journey);
    }
    let base: i64 = journeys.iter().map(|journey| journey_cents(seed, journey)).sum();
    let return_discount = if journeys.len() > 1 { 93 } else { 100 };
    let per_mille = seed.with("supplier").with(query.supplier.name()).with(&key).between(982, 1018);
    let adult = base * family.percent / 100 * families::cabin_percent(query.cabin) / 100 * return_discount / 100;
    let adult = adult * per_mille / 1000;
    let charges: Vec<(&'static str, i64)> = merge(journeys.iter().flat_map(|journey| taxes::on_journey(seed, journey)));
    let fares = [PassengerKind::Adult, PassengerKind::Child, PassengerKind::Infant]
        .into_iter()
        .filter_map(|kind| fare(query, kind, adult, &charges))
        .collect();
    Some(Product {
        key,
        journeys: journeys.to_vec(),
        family,
        cabin: query.cabin,
        owner,
        classes: letters,
        seats,
        fares,
        currency: query.currency,
    })
}

fn merge(taxes: impl Iterator<Item = (&'static str, i64)>) -> Vec<(&'static str, i64)> {
    let mut merged: Vec<(&'static str, i64)> = Vec::new();
    for (code, cents) in taxes {
        match merged.iter_mut().find(|(known, _)| *known == code) {
            Some((_, sum)) => *sum += cents,
            None => merged.push((code, cents)),
        }
    }
    merged
}

fn fare(query: &Query, kind: PassengerKind, adult: i64, charges: &[(&'static str, i64)]) -> Option<Fare> {
    let passengers: Vec<usize> =
        query.passengers.iter().enumerate().filter(|(_, is)| **is == kind).map(|(index, _)| index).collect();
    if passengers.is_empty() {
        return None;
    }
    let in_currency = |cents: i64| query.currency.from_cents(cents);
    let surcharge = |code: &str| matches!(code, "YQ" | "YR");
    let (base, taxes): (i64, Vec<_>) = match kind {
        PassengerKind::Adult => (adult, charges.iter().map(|(code, cents)| (*code, in_currency(*cents))).collect()),
        PassengerKind::Child => {
            let child = |code: &str, cents: i64| if surcharge(code) { cents * 3 / 4 } else { cents };
            (adult * 3 / 4, charges.iter().map(|(code, cents)| (*code, in_currency(child(code, *cents)))).collect())
        }
        PassengerKind::Infant => {
            let kept = charges.iter().filter(|(code, _)| !surcharge(code)).take(1);
            (adult / 10, kept.map(|(code, cents)| (*code, in_currency(cents / 2))).collect())
        }
    };
    Some(Fare { kind, passengers, base: in_currency(base), taxes })
}

/// An adult's cheapest economy fare for one journey, in US cents.
fn journey_cents(seed: Dice, journey: &Journey) -> i64 {
    let (Some(first), Some(last)) = (journey.segments.first(), journey.segments.last()) else { return 0 };
    let direct = i64::from(routes::distance_km(first.flight.origin, last.flight.destination));
    let by_distance = 2800 + direct * 6 - (direct * direct) / 6000;
    let changes = if journey.segments.len() > 1 { 84 } else { 100 };
    let cheap = if journey.owner.kind == Kind::LowCost { 62 } else { 100 };
    let day = first.flight.departs.date();
    let demand = seed.with("demand").with(day.to_string()).with(first.flight.origin.code).between(82, 135);
    let slot = seed.with("slot").with(journey.key()).between(90, 125);
    [changes, cheap, demand, slot].into_iter().fold(by_distance, |cents, percent| cents * percent / 100)
}

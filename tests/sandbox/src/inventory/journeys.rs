//! From one place to another on a day: nonstop, or with a change of planes where that is the way.

use std::sync::Arc;

use interline_domain::places::{self, Airport};
use jiff::Span;
use jiff::civil::Date;

use super::carriers::Carrier;
use super::routes;
use super::schedule::{Flight, Timetable};
use crate::dice::Dice;

/// Hubs tried for a change of planes, the least detour first.
const HUBS_TRIED: usize = 80;
/// Later flights onward offered beside the first.
const ONWARD: usize = 3;
/// Minutes between planes.
const SHORTEST_CHANGE: i64 = 60;
const LONGEST_CHANGE: i64 = 14 * 60;

/// A flight as it is sold.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The plane.
    pub flight: Arc<Flight>,
    /// Under whose code.
    pub marketing: &'static Carrier,
    /// And number.
    pub number: u16,
}

impl Segment {
    fn operated(flight: &Arc<Flight>) -> Self {
        Segment { flight: Arc::clone(flight), marketing: flight.carrier, number: flight.number }
    }

    fn shared(flight: &Arc<Flight>) -> Option<Self> {
        let (marketing, number) = flight.codeshare?;
        Some(Segment { flight: Arc::clone(flight), marketing, number })
    }
}

/// One way of getting there.
#[derive(Debug, Clone, PartialEq)]
pub struct Journey {
    /// In the order flown.
    pub segments: Vec<Segment>,
    /// The carrier that sells it all.
    pub owner: &'static Carrier,
    /// From the first departure to the last arrival.
    pub minutes: i64,
}

impl Journey {
    pub(super) fn new(segments: Vec<Segment>) -> Option<Self> {
        let owner = segments.first()?.marketing;
        let minutes = segments.last()?.flight.arrives_at.as_second() - segments.first()?.flight.departs_at.as_second();
        Some(Journey { segments, owner, minutes: minutes / 60 })
    }

    /// What names it, whoever sells it: carriers, numbers and times.
    pub fn key(&self) -> String {
        let one = |segment: &Segment| {
            format!("{}{}@{}", segment.marketing.code, segment.number, segment.flight.departs.strftime("%Y%m%dT%H%M"))
        };
        self.segments.iter().map(one).collect::<Vec<_>>().join("-")
    }
}

/// Every journey from place to place (airports or cities) that leaves on the day, at most `most` of them.
///
/// Carriers take turns, each with its quickest first, so that a short list holds many of them.
pub fn journeys(seed: Dice, from: &str, to: &str, date: Date, most: usize) -> Vec<Journey> {
    let timetable = &Timetable::new(seed);
    let mut nonstop = Vec::new();
    let mut changing = Vec::new();
    for origin in places::airports_of(from) {
        for destination in places::airports_of(to) {
            if origin.code == destination.code {
                continue;
            }
            nonstop.extend(nonstops(timetable, origin, destination, date));
            changing.extend(one_change(timetable, origin, destination, date));
        }
    }
    if nonstop.len() + changing.len() < 4 {
        for origin in places::airports_of(from) {
            for destination in places::airports_of(to).into_iter().filter(|airport| airport.code != origin.code) {
                changing.extend(by_several_hubs(timetable, origin, destination, date));
            }
        }
    }
    let share = most - most / 3;
    let mut chosen = take_turns(nonstop, share);
    let rest = most.saturating_sub(chosen.len());
    chosen.extend(take_turns(changing, rest));
    chosen
}

fn nonstops(timetable: &Timetable, from: &'static Airport, to: &'static Airport, date: Date) -> Vec<Journey> {
    let mut found = Vec::new();
    for carrier in timetable.nonstop(from, to) {
        for flight in timetable.flights(carrier, from, to, date) {
            found.extend(Journey::new(vec![Segment::operated(&flight)]));
            found.extend(Segment::shared(&flight).and_then(|shared| Journey::new(vec![shared])));
        }
    }
    found
}

fn one_change(timetable: &Timetable, from: &'static Airport, to: &'static Airport, date: Date) -> Vec<Journey> {
    let mut found = Vec::new();
    for hub in routes::ways_round(from, to).into_iter().take(HUBS_TRIED) {
        let first = timetable.nonstop(from, hub);
        if first.is_empty() {
            continue;
        }
        for second in timetable.nonstop(hub, to) {
            for first in first.iter().filter(|first| first.is_partner_of(second)) {
                for flight in timetable.flights(first, from, hub, date) {
                    for next in connections(timetable, &flight, second, hub, to).into_iter().take(ONWARD) {
                        // The first carrier sells the second leg under its own code where it shares it.
                        let onward = match next.shared_number(first) {
                            Some(number) => Segment { flight: Arc::clone(&next), marketing: first, number },
                            None => Segment::operated(&next),
                        };
                        found.extend(Journey::new(vec![Segment::operated(&flight), onward]));
                    }
                }
            }
        }
    }
    found
}

/// The carrier's flights onward that can be caught, the first of them first.
fn connections(
    timetable: &Timetable,
    arriving: &Flight,
    carrier: &'static Carrier,
    hub: &'static Airport,
    to: &'static Airport,
) -> Vec<Arc<Flight>> {
    let landed = arriving.arrives.date();
    let days = [Some(landed), landed.checked_add(Span::new().days(1)).ok()];
    let mut onward: Vec<Arc<Flight>> = days
        .into_iter()
        .flatten()
        .flat_map(|date| timetable.flights(carrier, hub, to, date))
        .filter(|next| {
            let change = (next.departs_at.as_second() - arriving.arrives_at.as_second()) / 60;
            (SHORTEST_CHANGE..=LONGEST_CHANGE).contains(&change)
        })
        .collect();
    onward.sort_by_key(|next| next.departs_at);
    onward
}

/// For places that no single hub joins: by the first hubs of each end, and one between them if it must be.
fn by_several_hubs(timetable: &Timetable, from: &'static Airport, to: &'static Airport, date: Date) -> Vec<Journey> {
    let mut found = Vec::new();
    let near_end = routes::reachable_hubs(timetable.seed(), to);
    for near in routes::reachable_hubs(timetable.seed(), from).into_iter().take(3) {
        for far in near_end.iter().copied().filter(|far| far.code != near.code).take(8) {
            found.extend(chain(timetable, &[from, near, far, to], date));
            if found.is_empty() {
                let between = routes::ways_round(near, far).into_iter().find(|between| {
                    !timetable.nonstop(near, between).is_empty() && !timetable.nonstop(between, far).is_empty()
                });
                found.extend(
                    between.into_iter().flat_map(|between| chain(timetable, &[from, near, between, far, to], date)),
                );
            }
        }
    }
    found
}

/// Journeys along these airports: by each flight of the day on the first leg, and the next that can be caught on every
/// other.
fn chain(timetable: &Timetable, airports: &[&'static Airport], date: Date) -> Vec<Journey> {
    let Some((&[from, first], rest)) = airports.split_first_chunk::<2>() else { return Vec::new() };
    let begun = timetable
        .nonstop(from, first)
        .into_iter()
        .flat_map(|carrier| timetable.flights(carrier, from, first, date))
        .map(|flight| vec![flight]);
    let travel = |mut flown: Vec<Arc<Flight>>| {
        for to in rest {
            let last = Arc::clone(flown.last()?);
            let onward = timetable
                .nonstop(last.destination, to)
                .into_iter()
                .flat_map(|carrier| connections(timetable, &last, carrier, last.destination, to))
                .min_by_key(|next| next.departs_at)?;
            flown.push(onward);
        }
        Journey::new(flown.iter().map(Segment::operated).collect())
    };
    begun.filter_map(travel).collect()
}

fn take_turns(mut journeys: Vec<Journey>, most: usize) -> Vec<Journey> {
    journeys.sort_by_key(|journey| (journey.minutes, journey.key()));
    journeys.dedup_by_key(|journey| journey.key());
    let mut queues: Vec<(&'static str, std::collections::VecDeque<Journey>)> = Vec::new();
    for journey in journeys {
        match queues.iter_mut().find(|(owner, _)| *owner == journey.owner.code) {
            Some((_, queue)) => queue.push_back(journey),
            None => queues.push((journey.owner.code, [journey].into())),
        }
    }
    let mut chosen = Vec::new();
    while chosen.len() < most && queues.iter().any(|(_, queue)| !queue.is_empty()) {
        for (_, queue) in &mut queues {
            if chosen.len() < most {
                chosen.extend(queue.pop_front());
            }
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(from: &str, to: &str) -> Vec<Journey> {
        journeys(Dice::new(1), from, to, jiff::civil::date(2027, 1, 20), 40)
    }

    #[test]
    fn any_two_places_of_the_world_are_joined() {
        let far_apart =
            [("CGK", "NRT"), ("JKT", "TYO"), ("LHR", "JFK"), ("LBJ", "BMA"), ("PSA", "DPS"), ("SCL", "TOS")];
        for (from, to) in far_apart {
            assert!(!found(from, to).is_empty(), "{from} {to}");
        }
        assert!(found("CGK", "CGK").is_empty());
        assert!(found("CGK", "XXX").is_empty());
    }

    #[test]
    fn planes_are_changed_where_they_land_and_in_time() {
        for journey in found("CGK", "LHR").iter().chain(&found("LBJ", "BMA")) {
            for pair in journey.segments.windows(2) {
                assert_eq!(pair[0].flight.destination.code, pair[1].flight.origin.code);
                let change = (pair[1].flight.departs_at.as_second() - pair[0].flight.arrives_at.as_second()) / 60;
                assert!((SHORTEST_CHANGE..=LONGEST_CHANGE).contains(&change), "{}", journey.key());
            }
        }
    }

    #[test]
    fn a_trunk_route_has_nonstops_connections_and_codeshares() {
        let journeys = found("CGK", "NRT");
        assert!(journeys.len() >= 30, "{}", journeys.len());
        assert!(journeys.iter().any(|journey| journey.segments.len() == 1));
        assert!(journeys.iter().any(|journey| journey.segments.len() == 2));
        let shared = |journeys: &[Journey]| {
            let mut segments = journeys.iter().flat_map(|journey| &journey.segments);
            segments.any(|segment| segment.marketing.code != segment.flight.carrier.code)
        };
        assert!(shared(&journeys));
        assert!(shared(&found("LHR", "JFK")));
    }
}

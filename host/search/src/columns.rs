//! A superset's itineraries as columns: what filters and sorts read.

use crate::superset::{Superset, count};
use foldhash::fast::RandomState;
use interline_domain::itinerary::{Fingerprint, Segment, minutes_between};
use interline_domain::table::{OfferTable, Row};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// A duration that is not known; longer than any.
pub const UNKNOWN: u32 = u32::MAX;
/// An offer that can't be shown, since it has other slices than were asked for.
pub const NO_GROUP: u32 = u32::MAX;

/// Itineraries (groups), one entry each in every column, and the offers (fares) that sell them.
#[derive(Debug, Default)]
pub struct Columns {
    /// Identity of the flights, dates and cabins.
    pub fingerprint: Vec<Fingerprint>,
    /// Where to describe its flights from: (part, itinerary within it).
    pub example: Vec<(u16, u32)>,
    /// Most stops of any slice.
    pub stops: Vec<u8>,
    /// Minutes of the longest slice.
    pub longest: Vec<u32>,
    /// Minutes of all slices.
    pub duration: Vec<u32>,
    /// Minutes since 1970 of the first departure.
    pub departure: Vec<i64>,
    /// Minutes since 1970 of the first slice's arrival.
    pub arrival: Vec<i64>,
    /// Slices of every itinerary.
    pub slices: usize,
    /// Local minute of the day, `slices` entries an itinerary.
    pub departs: Vec<u16>,
    /// Likewise.
    pub arrives: Vec<u16>,
    /// Marketing carriers.
    pub carriers: CodeSets,
    /// Connection airports.
    pub connections: CodeSets,
    /// Offers, the parts' one after the other: (part, offer within it).
    pub fares: Vec<(u16, u32)>,
    /// The itinerary of each of `fares`, or [`NO_GROUP`].
    pub group_of: Vec<u32>,
}

/// A set of codes for each itinerary: a dictionary, and a row of bits each.
#[derive(Debug, Default)]
pub struct CodeSets {
    /// In alphabetical order.
    pub codes: Vec<String>,
    words: usize,
    bits: Vec<u64>,
}

/// Code sets in the making: codes numbered in the order of their coming, and which itinerary has which.
#[derive(Default)]
struct Codes<'a> {
    numbers: HashMap<&'a str, u32, RandomState>,
    marks: Vec<(u32, u32)>,
}

impl<'a> Codes<'a> {
    fn mark(&mut self, itinerary: u32, code: &'a str) {
        let next = count(self.numbers.len());
        self.marks.push((itinerary, *self.numbers.entry(code).or_insert(next)));
    }

    fn into_sets(self, itineraries: usize) -> CodeSets {
        let mut codes: Vec<(&str, u32)> = self.numbers.into_iter().collect();
        codes.sort_unstable();
        let mut rank = vec![0; codes.len()];
        codes.iter().enumerate().for_each(|(at, (_, number))| rank[*number as usize] = at);
        let words = codes.len().div_ceil(64).max(1);
        let mut bits = vec![0; words * itineraries];
        for (itinerary, number) in self.marks {
            let at = rank[number as usize];
            bits[itinerary as usize * words + at / 64] |= 1 << (at % 64);
        }
        CodeSets { codes: codes.into_iter().map(|(code, _)| code.to_owned()).collect(), words, bits }
    }
}

impl CodeSets {
    /// The bits of an itinerary.
    pub fn row(&self, row: usize) -> &[u64] {
        &self.bits[row * self.words..][..self.words]
    }

    /// The bits of some codes; those not in the dictionary are left out.
    pub fn mask(&self, codes: &[String]) -> Vec<u64> {
        let mut mask = vec![0; self.words];
        for at in codes.iter().filter_map(|code| self.codes.binary_search(code).ok()) {
            mask[at / 64] |= 1 << (at % 64);
        }
        mask
    }
}

/// What filters and sorts need of one slice, worked out once for all itineraries that have it.
struct SliceFacts {
    stops: usize,
    minutes: u32,
    /// Minutes since 1970.
    departure: i64,
    arrival: i64,
    /// Local minute of the day.
    departs: u16,
    arrives: u16,
}

impl Columns {
    /// Groups the offers of all parts by itinerary.
    pub fn new(superset: &Superset) -> Self {
        let offers = superset.offers();
        let mut columns = Self {
            slices: superset.trip.slices().len(),
            fares: Vec::with_capacity(offers),
            group_of: Vec::with_capacity(offers),
            ..Self::default()
        };
        let mut groups: HashMap<Fingerprint, u32, RandomState> = HashMap::default();
        let (mut carriers, mut connections) = (Codes::default(), Codes::default());
        for (part, table) in (0_u16..).zip(superset.parts.iter().map(|part| &*part.offers)) {
            let slices: Vec<_> = (0..table.slices()).map(|slice| SliceFacts::of(table, slice)).collect();
            let mut group_of = Vec::with_capacity(table.itineraries() as usize);
            for itinerary in 0..table.itineraries() {
                let flown = table.itinerary(itinerary);
                let Some(fingerprint) = table.fingerprint(itinerary).filter(|_| flown.len() == columns.slices) else {
                    group_of.push(NO_GROUP);
                    continue;
                };
                let new = count(columns.fingerprint.len());
                let group = *groups.entry(fingerprint).or_insert(new);
                group_of.push(group);
                if group == new {
                    columns.fingerprint.push(fingerprint);
                    columns.example.push((part, itinerary));
                    columns.add(flown.iter().filter_map(|&slice| slices.get(slice as usize)));
                    flown.iter().for_each(|&slice| mark(table, slice, group, &mut carriers, &mut connections));
                }
            }
            columns.fares.extend((0..count(table.len())).map(|row| (part, row)));
            let group = |row: &Row| group_of.get(row.itinerary as usize).copied().unwrap_or(NO_GROUP);
            columns.group_of.extend(table.rows().iter().map(group));
        }
        columns.carriers = carriers.into_sets(columns.len());
        columns.connections = connections.into_sets(columns.len());
        columns
    }

    /// An itinerary of these slices.
    fn add<'a>(&mut self, slices: impl Iterator<Item = &'a SliceFacts> + Clone) {
        let first = slices.clone().next();
        self.departure.push(first.map_or(0, |slice| slice.departure));
        self.arrival.push(first.map_or(0, |slice| slice.arrival));
        let stops = slices.clone().map(|slice| slice.stops).max().unwrap_or(0);
        self.stops.push(u8::try_from(stops).unwrap_or(u8::MAX));
        let minutes = slices.clone().map(|slice| slice.minutes);
        self.longest.push(minutes.clone().max().unwrap_or(0));
        self.duration.push(minutes.fold(0, u32::saturating_add));
        self.departs.extend(slices.clone().map(|slice| slice.departs));
        self.arrives.extend(slices.map(|slice| slice.arrives));
    }

    /// Number of itineraries.
    pub fn len(&self) -> usize {
        self.fingerprint.len()
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        self.len() * (72 + 4 * self.slices + 16) + self.fares.len() * 12
    }
}

impl SliceFacts {
    fn of(table: &OfferTable, slice: u32) -> Self {
        let mut flights = table.flights(slice);
        let stops = flights.clone().map(|segment| segment.stops.len() + 1).sum::<usize>().saturating_sub(1);
        let (Some(first), last) = (flights.next(), flights.next_back()) else {
            return Self { stops, minutes: UNKNOWN, departure: 0, arrival: 0, departs: 0, arrives: 0 };
        };
        let alone = last.is_none();
        let last = last.unwrap_or(first);
        let (leaves, lands) = (first.departs_at(), last.arrives_at());
        let told = || table.slice_minutes(slice).or(first.duration_minutes.filter(|_| alone));
        Self {
            stops,
            minutes: minutes_between(leaves, lands).or_else(told).unwrap_or(UNKNOWN),
            departure: minute(leaves, first.departure.at),
            arrival: minute(lands, last.arrival.at),
            departs: minute_of_day(first.departure.at),
            arrives: minute_of_day(last.arrival.at),
        }
    }
}

/// Notes an itinerary's carriers and connections on one slice.
fn mark<'a>(table: &'a OfferTable, slice: u32, group: u32, carriers: &mut Codes<'a>, connections: &mut Codes<'a>) {
    let mut before: Option<&Segment> = None;
    for segment in table.flights(slice) {
        carriers.mark(group, &segment.marketing_carrier);
        if let Some(before) = before.replace(segment) {
            // Both, since a connection may change airports.
            connections.mark(group, &before.destination);
            connections.mark(group, &segment.origin);
        }
    }
}

fn minute_of_day(at: DateTime) -> u16 {
    u16::from(at.hour().unsigned_abs()) * 60 + u16::from(at.minute().unsigned_abs())
}

/// Minutes since 1970; where the zone is not known, of the wall clock.
fn minute(at: Option<Timestamp>, local: DateTime) -> i64 {
    let wall_clock = || TimeZone::UTC.to_timestamp(local).map_or(0, Timestamp::as_second);
    at.map_or_else(wall_clock, |at| at.as_second()).div_euclid(60)
}

//! A superset's itineraries as columns: what filters and sorts read.

use crate::superset::{Superset, count};
use interline_domain::itinerary::{Fingerprint, Segment, minutes_between};
use interline_domain::offer::{Identities, Offer, OfferSegment, SupplierReply};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};

/// A duration that is not known; longer than any.
pub const UNKNOWN: u32 = u32::MAX;
/// An offer that can't be shown, since it makes no sense of its own segments.
pub const NO_GROUP: u32 = u32::MAX;

/// Itineraries (groups), one entry each in every column, and the offers (fares) that sell them.
#[derive(Debug, Default)]
pub struct Columns {
    /// Identity of the flights, dates and cabins.
    pub fingerprint: Vec<Fingerprint>,
    /// An offer of it: (part, offer), to describe the flights from.
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

impl CodeSets {
    fn new(sets: &[BTreeSet<&str>]) -> Self {
        let all: BTreeSet<&str> = sets.iter().flatten().copied().collect();
        let index: HashMap<&str, usize> = all.iter().enumerate().map(|(at, code)| (*code, at)).collect();
        let words = all.len().div_ceil(64).max(1);
        let mut bits = vec![0; words * sets.len()];
        for (row, set) in sets.iter().enumerate() {
            for at in set.iter().filter_map(|code| index.get(code)) {
                bits[row * words + at / 64] |= 1 << (at % 64);
            }
        }
        Self { codes: all.into_iter().map(str::to_owned).collect(), words, bits }
    }

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

/// What filters and sorts need of one segment, worked out once for all offers that use it.
struct Times {
    departs_at: Option<Timestamp>,
    arrives_at: Option<Timestamp>,
    minutes: Option<u32>,
}

/// One itinerary, as it goes into the columns.
struct Row<'a> {
    stops: u8,
    longest: u32,
    duration: u32,
    departure: i64,
    arrival: i64,
    departs: Vec<u16>,
    arrives: Vec<u16>,
    carriers: BTreeSet<&'a str>,
    connections: BTreeSet<&'a str>,
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
        let mut groups: HashMap<Fingerprint, u32, foldhash::fast::RandomState> = HashMap::default();
        let (mut carriers, mut connections) = (Vec::new(), Vec::new());
        for (part, reply) in superset.parts.iter().map(|part| &*part.reply).enumerate() {
            let part = u16::try_from(part).unwrap_or(u16::MAX);
            let times: Vec<Times> = reply.segments.iter().map(Times::of).collect();
            let identities = Identities::of(&reply.segments);
            for (at, offer) in reply.offers.iter().enumerate() {
                let at = count(at);
                columns.fares.push((part, at));
                if offer.slices.len() != columns.slices || !flies(offer, reply) {
                    columns.group_of.push(NO_GROUP);
                    continue;
                }
                let fingerprint = identities.itinerary(offer);
                let new = count(columns.fingerprint.len());
                let group = *groups.entry(fingerprint).or_insert(new);
                if group == new
                    && let Some(row) = row(offer, reply, &times)
                {
                    columns.fingerprint.push(fingerprint);
                    columns.example.push((part, at));
                    columns.stops.push(row.stops);
                    columns.longest.push(row.longest);
                    columns.duration.push(row.duration);
                    columns.departure.push(row.departure);
                    columns.arrival.push(row.arrival);
                    columns.departs.extend(&row.departs);
                    columns.arrives.extend(&row.arrives);
                    carriers.push(row.carriers);
                    connections.push(row.connections);
                }
                columns.group_of.push(group);
            }
        }
        columns.carriers = CodeSets::new(&carriers);
        columns.connections = CodeSets::new(&connections);
        columns
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

impl Times {
    fn of(segment: &Segment) -> Self {
        let (departs_at, arrives_at) = (segment.departs_at(), segment.arrives_at());
        let by_clock = departs_at.zip(arrives_at).and_then(|(from, to)| minutes_between(from, to));
        Self { departs_at, arrives_at, minutes: by_clock.or(segment.duration_minutes) }
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

/// No slice is empty, or points to a segment that is not there.
fn flies(offer: &Offer, reply: &SupplierReply) -> bool {
    let is_there = |segment: &OfferSegment| (segment.segment as usize) < reply.segments.len();
    offer.slices.iter().all(|slice| !slice.segments.is_empty() && slice.segments.iter().all(is_there))
}

/// Of an offer that [`flies`].
fn row<'a>(offer: &Offer, reply: &'a SupplierReply, times: &[Times]) -> Option<Row<'a>> {
    let mut row = Row {
        stops: 0,
        longest: 0,
        duration: 0,
        departure: 0,
        arrival: 0,
        departs: Vec::with_capacity(offer.slices.len()),
        arrives: Vec::with_capacity(offer.slices.len()),
        carriers: BTreeSet::new(),
        connections: BTreeSet::new(),
    };
    for (index, slice) in offer.slices.iter().enumerate() {
        let indexes: Vec<usize> = slice.segments.iter().map(|segment| segment.segment as usize).collect();
        let segments = indexes.iter().map(|&at| reply.segments.get(at)).collect::<Option<Vec<_>>>()?;
        let (first, last) = (*segments.first()?, *segments.last()?);
        let (leaves, lands) = (times[*indexes.first()?].departs_at, times[*indexes.last()?].arrives_at);
        if index == 0 {
            row.departure = minute(leaves, first.departure.at);
            row.arrival = minute(lands, last.arrival.at);
        }
        row.departs.push(minute_of_day(first.departure.at));
        row.arrives.push(minute_of_day(last.arrival.at));
        let stops = segments.len() - 1 + segments.iter().map(|segment| segment.stops.len()).sum::<usize>();
        row.stops = row.stops.max(u8::try_from(stops).unwrap_or(u8::MAX));
        let by_clock = leaves.zip(lands).and_then(|(from, to)| minutes_between(from, to));
        let alone = || (indexes.len() == 1).then(|| times[indexes[0]].minutes).flatten();
        let minutes = by_clock.or(slice.duration_minutes).or_else(alone).unwrap_or(UNKNOWN);
        row.longest = row.longest.max(minutes);
        row.duration = row.duration.saturating_add(minutes);
        row.carriers.extend(segments.iter().map(|segment| segment.marketing_carrier.as_str()));
        // Both, since a connection may change airports.
        row.connections.extend(segments[..segments.len() - 1].iter().map(|segment| segment.destination.as_str()));
        row.connections.extend(segments[1..].iter().map(|segment| segment.origin.as_str()));
    }
    Some(row)
}

//! Filters at work on columns: which offers pass, which fares of them, and how many would pass without each filter.

use crate::columns::{Columns, UNKNOWN};
use crate::facets::{CodeCount, Facets, HourCount, MinuteRange, PriceRange, StopsCount};
use crate::filter::{Filters, SliceWindow};
use crate::request::Sort;
use crate::superset::count;
use crate::view::describe;
use crate::view::priced::PricedView;
use std::collections::BTreeMap;

/// Filters that something fails, a bit each; facets look past their own.
mod failing {
    pub const STOPS: u32 = 1;
    pub const AIRLINES: u32 = 1 << 1;
    pub const CONNECTIONS: u32 = 1 << 2;
    pub const DURATION: u32 = 1 << 3;
    pub const ARRIVAL: u32 = 1 << 4;
    pub const PRICE: u32 = 1 << 5;
    pub const BAGGAGE: u32 = 1 << 6;
    pub const REFUNDABLE: u32 = 1 << 7;
    /// Of slice 0; the further slices' follow.
    pub const DEPARTURE: u32 = 1 << 8;

    pub const fn departure(slice: usize) -> u32 {
        DEPARTURE << slice
    }
}

/// An offer that passes: its itinerary, and the rows of its fares that pass, the cheapest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub group: u32,
    pub key: i64,
    pub rows: Vec<u32>,
}

/// What passes, in order, and the counts to choose by.
#[derive(Debug)]
pub struct Selection {
    pub matches: Vec<Match>,
    pub facets: Facets,
}

/// Filters prepared for a view.
struct Sieve<'a> {
    filters: &'a Filters,
    view: &'a PricedView,
    airlines: Codes,
    connections: Codes,
}

/// Codes as bits of a dictionary.
struct Codes {
    wanted: Option<Vec<u64>>,
    refused: Vec<u64>,
}

impl Codes {
    fn new(sets: &crate::columns::CodeSets, wanted: &[String], refused: &[String]) -> Self {
        Self { wanted: (!wanted.is_empty()).then(|| sets.mask(wanted)), refused: sets.mask(refused) }
    }

    /// All of the row's codes are wanted, at least one is there, and none is refused.
    fn pass(&self, row: &[u64]) -> bool {
        let any = |mask: &[u64]| row.iter().zip(mask).any(|(row, mask)| row & mask != 0);
        let wanted = self
            .wanted
            .as_ref()
            .is_none_or(|mask| any(mask) && row.iter().zip(mask).all(|(row, mask)| row & !mask == 0));
        wanted && !any(&self.refused)
    }
}

impl Sieve<'_> {
    fn itinerary(&self, group: usize) -> u32 {
        let (filters, columns) = (self.filters, &*self.view.columns);
        let mut failed = 0;
        let mut fail = |bit: u32, passes: bool| failed |= if passes { 0 } else { bit };
        fail(failing::STOPS, filters.max_stops.is_none_or(|most| columns.stops[group] <= most));
        fail(failing::AIRLINES, self.airlines.pass(columns.carriers.row(group)));
        fail(failing::CONNECTIONS, self.connections.pass(columns.connections.row(group)));
        let longest = columns.longest[group];
        fail(failing::DURATION, filters.max_duration_minutes.is_none_or(|most| longest != UNKNOWN && longest <= most));
        let within = |window: &SliceWindow, minutes: &[u16]| {
            minutes.get(usize::from(window.slice)).is_none_or(|&minute| window.window.contains(minute))
        };
        let slices = group * columns.slices..(group + 1) * columns.slices;
        let departs = &columns.departs[slices.clone()];
        for window in filters.departures.iter().filter(|window| usize::from(window.slice) < columns.slices) {
            fail(failing::departure(usize::from(window.slice)), within(window, departs));
        }
        let arrives = &columns.arrives[slices];
        fail(failing::ARRIVAL, filters.arrivals.iter().all(|window| within(window, arrives)));
        failed
    }

    fn fare(&self, row: usize) -> u32 {
        let (filters, view) = (self.filters, self.view);
        let price = view.price[row];
        let mut failed = 0;
        let mut fail = |bit: u32, passes: bool| failed |= if passes { 0 } else { bit };
        let dear_enough = filters.min_price.is_none_or(|least| price >= least);
        fail(failing::PRICE, dear_enough && filters.max_price.is_none_or(|most| price <= most));
        fail(failing::BAGGAGE, !filters.baggage_included || view.has_bag[row]);
        fail(failing::REFUNDABLE, !filters.refundable || view.is_refundable[row]);
        failed
    }
}

/// Everything that passes the filters, in order, with facets.
pub fn select(view: &PricedView, filters: &Filters, sort: Sort) -> Selection {
    let columns = &*view.columns;
    let sieve = Sieve {
        filters,
        view,
        airlines: Codes::new(&columns.carriers, &filters.airlines, &filters.airlines_excluded),
        connections: Codes::new(&columns.connections, &filters.connections, &filters.connections_excluded),
    };
    let mut tally = Tally::new(columns);
    let mut matches = Vec::new();
    let mut fares = Vec::new();
    // In the order of all offers already: only prices may stand in another order when an offer's cheapest fare fails.
    let mut in_order = true;
    for &group in view.order(sort) {
        let itinerary = sieve.itinerary(group as usize);
        let rows = view.rows(group);
        fares.clear();
        fares.extend(rows.clone().map(|row| (row, itinerary | sieve.fare(row))));
        tally.count(view, group as usize, &fares);
        let passing: Vec<u32> = fares.iter().filter(|fare| fare.1 == 0).map(|fare| count(fare.0)).collect();
        if let Some(&lead) = passing.first() {
            in_order &= sort != Sort::Price || lead as usize == rows.start;
            matches.push(Match { group, key: view.sort_key(sort, group, lead as usize), rows: passing });
        }
    }
    if !in_order {
        matches.sort_by_key(|found| (found.key, columns.fingerprint[found.group as usize]));
    }
    Selection { matches, facets: tally.facets(view) }
}

struct Tally {
    stops: BTreeMap<u8, u32>,
    airlines: Vec<u32>,
    connections: Vec<u32>,
    price: Option<(i64, i64)>,
    minutes: Option<MinuteRange>,
    hours: Vec<[u32; 24]>,
    bags: u32,
    refundable: u32,
}

impl Tally {
    fn new(columns: &Columns) -> Self {
        Self {
            stops: BTreeMap::new(),
            airlines: vec![0; columns.carriers.codes.len()],
            connections: vec![0; columns.connections.codes.len()],
            price: None,
            minutes: None,
            hours: vec![[0; 24]; columns.slices],
            bags: 0,
            refundable: 0,
        }
    }

    /// `fares`: rows and the filters that each fails.
    fn count(&mut self, view: &PricedView, group: usize, fares: &[(usize, u32)]) {
        let columns = &*view.columns;
        let passes_but = |ignored: u32| fares.iter().any(|fare| fare.1 & !ignored == 0);
        if passes_but(failing::STOPS) {
            *self.stops.entry(columns.stops[group]).or_default() += 1;
        }
        if passes_but(failing::AIRLINES) {
            add(&mut self.airlines, columns.carriers.row(group));
        }
        if passes_but(failing::CONNECTIONS) {
            add(&mut self.connections, columns.connections.row(group));
        }
        if let Some((row, _)) = fares.iter().find(|fare| fare.1 & !failing::PRICE == 0) {
            let price = view.price[*row];
            self.price = Some(self.price.map_or((price, price), |(min, max)| (min.min(price), max.max(price))));
        }
        let longest = columns.longest[group];
        if longest != UNKNOWN && passes_but(failing::DURATION) {
            let range = self.minutes.unwrap_or(MinuteRange { min: longest, max: longest });
            self.minutes = Some(MinuteRange { min: range.min.min(longest), max: range.max.max(longest) });
        }
        for (slice, hours) in self.hours.iter_mut().enumerate() {
            if passes_but(failing::departure(slice)) {
                hours[usize::from(columns.departs[group * columns.slices + slice] / 60).min(23)] += 1;
            }
        }
        let with = |column: &[bool], ignored: u32| fares.iter().any(|fare| column[fare.0] && fare.1 & !ignored == 0);
        self.bags += u32::from(with(&view.has_bag, failing::BAGGAGE));
        self.refundable += u32::from(with(&view.is_refundable, failing::REFUNDABLE));
    }

    fn facets(self, view: &PricedView) -> Facets {
        let columns = &*view.columns;
        let currency = view.context.display_currency;
        let codes = |codes: &[String], counts: Vec<u32>| -> Vec<CodeCount> {
            let counted = codes.iter().zip(counts).filter(|(_, count)| *count > 0);
            counted.map(|(code, count)| CodeCount { code: code.clone(), count }).collect()
        };
        let hours = |hours: [u32; 24]| -> Vec<HourCount> {
            let counted = (0..24).zip(hours).filter(|(_, count)| *count > 0);
            counted.map(|(hour, count)| HourCount { hour, count }).collect()
        };
        Facets {
            stops: self.stops.into_iter().map(|(stops, count)| StopsCount { stops, count }).collect(),
            airlines: codes(&columns.carriers.codes, self.airlines),
            connections: codes(&columns.connections.codes, self.connections),
            price: self.price.map(|(min, max)| PriceRange {
                min: describe::amount(min, currency),
                max: describe::amount(max, currency),
            }),
            duration_minutes: self.minutes,
            departure_hours: self.hours.into_iter().map(hours).collect(),
            baggage_included: self.bags,
            refundable: self.refundable,
        }
    }
}

/// One more for each code of the row.
fn add(counts: &mut [u32], row: &[u64]) {
    for (word, &bits) in row.iter().enumerate() {
        let mut bits = bits;
        while bits != 0 {
            counts[word * 64 + bits.trailing_zeros() as usize] += 1;
            bits &= bits - 1;
        }
    }
}

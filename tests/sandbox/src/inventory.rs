//! What can be bought: made anew, and the same every time, from date, route and seed.
//!
//! The planes are the same for every supplier; which of them a supplier sells, and for how much, differs.

pub mod carriers;
pub mod families;
pub mod journeys;
pub mod pricing;
pub mod rebuild;
pub mod routes;
pub mod schedule;
pub mod taxes;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use parking_lot::Mutex;

use crate::dice::Dice;
use crate::money::Currency;
use crate::supplier::Supplier;
use carriers::{Carrier, Kind};
use families::{Cabin, Family};
use journeys::Journey;
pub use pricing::Fare;

/// Searches whose answers are kept; more, and all are made anew.
const KEPT: usize = 400;

/// Who travels, as fares tell people apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PassengerKind {
    /// Twelve and older.
    Adult,
    /// With a seat, under twelve.
    Child,
    /// On an adult's lap, under two.
    Infant,
}

/// One leg asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slice {
    /// Airport or city code.
    pub origin: String,
    /// Airport or city code.
    pub destination: String,
    /// Local day of departure.
    pub date: Date,
}

/// A search, as every protocol comes down to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Whom it was asked of.
    pub supplier: Supplier,
    /// In the order travelled.
    pub slices: Vec<Slice>,
    /// In the order given.
    pub passengers: Vec<PassengerKind>,
    /// The cabin wanted.
    pub cabin: Cabin,
    /// Sold in.
    pub currency: Currency,
}

/// Something that can be bought: a journey for every slice, in one fare family, for everyone.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// What names it: journeys and family.
    pub key: String,
    /// One for each slice.
    pub journeys: Vec<Arc<Journey>>,
    /// What it includes.
    pub family: &'static Family,
    /// Where on the plane.
    pub cabin: Cabin,
    /// The validating carrier.
    pub owner: &'static Carrier,
    /// Letter that each segment is booked in.
    pub classes: Vec<Vec<&'static str>>,
    /// Seats left in it, up to 9.
    pub seats: Vec<Vec<u8>>,
    /// By passenger kind, for one of each.
    pub fares: Vec<Fare>,
    /// Sold in.
    pub currency: Currency,
}

impl Product {
    fn sum(&self, part: impl Fn(&Fare) -> i64) -> i64 {
        self.fares.iter().map(|fare| part(fare) * i64::try_from(fare.passengers.len()).unwrap_or(0)).sum()
    }

    /// Without taxes, for everyone.
    pub fn base(&self) -> i64 {
        self.sum(|fare| fare.base)
    }

    /// Taxes, for everyone.
    pub fn tax(&self) -> i64 {
        self.sum(Fare::tax)
    }

    /// All that everyone pays.
    pub fn total(&self) -> i64 {
        self.base() + self.tax()
    }

    /// The same with every base fare dearer (or, below zero, cheaper) by so many percent.
    #[must_use]
    pub fn dearer_by(&self, percent: i64) -> Product {
        let mut dearer = self.clone();
        for fare in &mut dearer.fares {
            fare.base += (fare.base * percent) / 100;
        }
        dearer
    }

    /// A fee in US cents for each traveller, in minor units for all that have seats.
    pub fn fee(&self, cents: i64) -> i64 {
        let seated: usize =
            self.fares.iter().filter(|fare| fare.kind != PassengerKind::Infant).map(|fare| fare.passengers.len()).sum();
        self.currency.from_cents(cents) * i64::try_from(seated).unwrap_or(0)
    }

    /// What is given back when it is cancelled before departure.
    pub fn refundable(&self) -> i64 {
        match self.family.refund {
            families::Permit::Never => 0,
            families::Permit::Free => self.total(),
            families::Permit::For(cents) => (self.total() - self.fee(cents)).max(0),
        }
    }
}

/// The world's flights and their prices.
#[derive(Debug)]
pub struct Inventory {
    seed: u64,
    offers_per_search: usize,
    kept: Mutex<HashMap<String, Arc<Vec<Product>>>>,
    /// By slice: the same for every supplier.
    journeys: Mutex<HashMap<Slice, Journeys>>,
}

type Journeys = Arc<Vec<Arc<Journey>>>;

impl Inventory {
    /// The world of one seed, where a search finds at most so many offers.
    pub fn new(seed: u64, offers_per_search: usize) -> Self {
        Inventory { seed, offers_per_search, kept: Mutex::default(), journeys: Mutex::default() }
    }

    /// What the supplier sells for the query. The same query gives the same products in the same order.
    pub fn search(&self, query: &Query) -> Arc<Vec<Product>> {
        let name = format!("{query:?}");
        if let Some(known) = self.kept.lock().get(&name) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.make(query));
        let mut kept = self.kept.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(name, Arc::clone(&found));
        found
    }

    fn journeys(&self, seed: Dice, slice: &Slice) -> Journeys {
        if let Some(known) = self.journeys.lock().get(slice) {
            return Arc::clone(known);
        }
        let most = self.offers_per_search + 12;
        let made = journeys::journeys(seed, &slice.origin, &slice.destination, slice.date, most);
        let made = Arc::new(made.into_iter().map(Arc::new).collect());
        let mut known = self.journeys.lock();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(slice.clone(), Arc::clone(&made));
        made
    }

    fn make(&self, query: &Query) -> Vec<Product> {
        let seed = Dice::new(self.seed);
        let wanted = self.offers_per_search;
        let for_slice = |slice: &Slice| -> Vec<Arc<Journey>> {
            let journeys = self.journeys(seed, slice);
            journeys.iter().filter(|journey| sells(seed, query.supplier, journey)).cloned().collect()
        };
        let by_slice: Vec<_> = query.slices.iter().map(for_slice).collect();
        let mut products = Vec::new();
        for journeys in combine(&by_slice, wanted) {
            let Some(owner) = journeys.first().map(|journey| journey.owner) else { continue };
            let longest =
                journeys.iter().flat_map(|journey| &journey.segments).map(|segment| segment.flight.distance).max();
            for family in families::families(owner, query.cabin, longest.unwrap_or(0)) {
                products.extend(pricing::product(seed, query, &journeys, owner, family));
                if products.len() >= wanted {
                    return products;
                }
            }
        }
        products
    }
}

/// Whether the supplier has the journey on its shelves.
fn sells(seed: Dice, supplier: Supplier, journey: &Journey) -> bool {
    let low_cost = journey.segments.iter().any(|segment| segment.marketing.kind == Kind::LowCost);
    let percent = match supplier {
        Supplier::Travelport if low_cost => 0,
        Supplier::Travelport => 92,
        Supplier::Duffel => 92,
        _ => 80,
    };
    seed.with("sells").with(supplier.name()).with(journey.key()).chance(percent)
}

/// One journey for each slice, by one owner where there is one for all; quickest first.
fn combine(by_slice: &[Vec<Arc<Journey>>], most: usize) -> Vec<Vec<Arc<Journey>>> {
    let Some((first, rest)) = by_slice.split_first() else { return Vec::new() };
    if rest.is_empty() {
        return first.iter().map(|journey| vec![Arc::clone(journey)]).collect();
    }
    let extend = |same_owner: bool| -> Vec<Vec<Arc<Journey>>> {
        let each = (most / first.len().max(1)).clamp(2, 12);
        let mut combined: Vec<Vec<Arc<Journey>>> = first.iter().map(|journey| vec![Arc::clone(journey)]).collect();
        for next in rest {
            combined = combined
                .into_iter()
                .flat_map(|so_far| {
                    let owner = so_far.first().map(|journey| journey.owner.code);
                    let fits = |journey: &&Arc<Journey>| !same_owner || Some(journey.owner.code) == owner;
                    let chosen: Vec<_> = next.iter().filter(fits).take(each).cloned().collect();
                    chosen.into_iter().map(move |journey| so_far.iter().cloned().chain([journey]).collect::<Vec<_>>())
                })
                .take(most * 4)
                .collect();
        }
        combined
    };
    let by_one = extend(true);
    if by_one.is_empty() { extend(false) } else { by_one }
}

#[cfg(test)]
mod tests;

//! A product found again by what names it, for protocols that send segments and not offer ids.

use std::sync::Arc;

use interline_domain::places;
use jiff::civil::DateTime;

use super::families::Family;
use super::journeys::{Journey, Segment};
use super::{Inventory, Product, Query, carriers, pricing, routes, schedule};
use crate::dice::Dice;

/// A segment as a client sends it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentKey {
    /// Marketing carrier.
    pub carrier: String,
    /// Its number.
    pub number: u16,
    /// Airport.
    pub origin: String,
    /// Airport.
    pub destination: String,
    /// Local time.
    pub departs: DateTime,
}

impl Inventory {
    /// The segment of this key, if it is flown.
    fn segment(&self, key: &SegmentKey) -> Option<Segment> {
        let seed = Dice::new(self.seed);
        let marketing = carriers::by_code(&key.carrier)?;
        let (from, to) = (places::airport(&key.origin)?, places::airport(&key.destination)?);
        let flights = routes::nonstop(seed, from, to)
            .into_iter()
            .flat_map(|carrier| schedule::flights(seed, carrier, from, to, key.departs.date()));
        flights.filter(|flight| flight.departs == key.departs).find_map(|flight| {
            let own = flight.carrier.code == marketing.code && flight.number == key.number;
            (own || flight.shared_number(marketing) == Some(key.number)).then(|| Segment {
                flight: Arc::new(flight),
                marketing,
                number: key.number,
            })
        })
    }

    /// The product of these segments, by slice, in a family; none if one isn't flown or the class is full.
    pub fn product(&self, query: &Query, slices: &[Vec<SegmentKey>], family: &'static Family) -> Option<Product> {
        let journeys: Option<Vec<Arc<Journey>>> = slices
            .iter()
            .map(|slice| {
                let segments: Option<Vec<Segment>> = slice.iter().map(|key| self.segment(key)).collect();
                Journey::new(segments?).map(Arc::new)
            })
            .collect();
        let journeys = journeys?;
        let owner = journeys.first()?.owner;
        pricing::product(Dice::new(self.seed), query, &journeys, owner, family)
    }
}

/// What names a sold segment.
pub fn key(segment: &Segment) -> SegmentKey {
    SegmentKey {
        carrier: segment.marketing.code.to_owned(),
        number: segment.number,
        origin: segment.flight.origin.code.to_owned(),
        destination: segment.flight.destination.code.to_owned(),
        departs: segment.flight.departs,
    }
}

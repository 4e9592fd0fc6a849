//! What rules are told of what a reply's offers share, worked out once for each.

use crate::circumstances::{self, SegmentFacts, Stop};
use crate::sheet::pack;
use interline_domain::table::{OfferTable, Row};

/// A supplier's offers, and what of them rules are told.
pub struct Told<'a> {
    /// The offers.
    pub table: &'a OfferTable,
    segments: Vec<SegmentFacts>,
    slices: Vec<(Stop, Stop)>,
    itineraries: Vec<ItineraryFacts>,
    owners: Vec<u32>,
    /// By list of brands, then by slice.
    brands: Vec<Vec<u32>>,
    refundable: Vec<u32>,
}

/// What rules are told of an itinerary.
#[derive(Debug, Clone, Copy, Default)]
pub struct ItineraryFacts {
    /// First segment of the first slice.
    pub first: SegmentFacts,
    /// Where the first slice ends.
    pub destination: Stop,
    /// How far the farthest of its slices goes.
    pub route: u32,
    /// The lowest cabin flown.
    pub cabin: u32,
    /// Flights of the slice that has most.
    pub flights: u32,
}

impl<'a> Told<'a> {
    /// Of these offers.
    pub fn of(table: &'a OfferTable) -> Self {
        let segments: Vec<_> = table.segments().iter().map(SegmentFacts::of).collect();
        let fact = |segment: u32| segments.get(segment as usize).copied().unwrap_or_default();
        let ends = |slice: u32| {
            let flown = table.slice(slice);
            let (first, last) = (flown.first(), flown.last());
            let stop = |at: Option<u32>| at.map(fact).unwrap_or_default();
            (stop(first.map(|at| at.segment)).origin, stop(last.map(|at| at.segment)).destination)
        };
        let slices: Vec<_> = (0..table.slices()).map(ends).collect();
        let itinerary = |itinerary: u32| {
            let flown = table.itinerary(itinerary);
            let ends = |slice: &u32| slices.get(*slice as usize).copied().unwrap_or_default();
            let flights = flown.iter().map(|&slice| table.slice(slice).len()).max().unwrap_or(0);
            ItineraryFacts {
                first: table.flown(itinerary).next().map(|at| fact(at.segment)).unwrap_or_default(),
                destination: flown.first().map(ends).unwrap_or_default().1,
                route: flown.iter().map(ends).map(|(from, to)| circumstances::route(from, to)).max().unwrap_or(0),
                cabin: table.flown(itinerary).map(|at| circumstances::cabin(at.cabin)).min().unwrap_or(0),
                flights: u32::try_from(flights).unwrap_or(u32::MAX),
            }
        };
        let itineraries = (0..table.itineraries()).map(itinerary).collect();
        let brands = table.brand_lists().iter();
        let brands = brands.map(|list| list.iter().map(|brand| circumstances::brand(brand.as_deref())).collect());
        Self {
            owners: table.owners().iter().map(|owner| pack(owner)).collect(),
            brands: brands.collect(),
            refundable: table.all_conditions().iter().map(circumstances::refundable).collect(),
            table,
            segments,
            slices,
            itineraries,
        }
    }

    /// Of a segment of the reply.
    pub fn segment(&self, segment: u32) -> SegmentFacts {
        self.segments.get(segment as usize).copied().unwrap_or_default()
    }

    /// The first and the last airport of a slice.
    pub fn ends(&self, slice: u32) -> (Stop, Stop) {
        self.slices.get(slice as usize).copied().unwrap_or_default()
    }

    /// Of the itinerary of a row.
    pub fn itinerary(&self, row: &Row) -> ItineraryFacts {
        self.itineraries.get(row.itinerary as usize).copied().unwrap_or_default()
    }

    /// The validating carrier, packed.
    pub fn owner(&self, row: &Row) -> u32 {
        self.owners.get(row.owner as usize).copied().unwrap_or(0)
    }

    /// Numbers of the fare families, slice by slice.
    pub fn brands(&self, row: &Row) -> &[u32] {
        self.brands.get(row.brands as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether money comes back before departure.
    pub fn refundable(&self, row: &Row) -> u32 {
        self.refundable.get(row.conditions as usize).copied().unwrap_or(0)
    }
}

//! From a supplier's reply.

use super::{Bag, Carriage, Columns, Flown, MOST_BAGS, MOST_FLOWN, OfferTable, Row, number, starts};
use crate::itinerary::Segment;
use crate::money::Currency;
use crate::offer::{Baggage, Conditions, Flights, Identity, Offer, OfferSlice, SkippedOffer, SupplierReply};
use crate::text::Text;
use foldhash::fast::RandomState;
use indexmap::IndexSet;
use std::hash::Hash;

/// What is different, each once and numbered in the order of its coming.
struct Distinct<T>(IndexSet<T, RandomState>);

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self(IndexSet::default())
    }
}

impl<T: Hash + Eq> Distinct<T> {
    fn number(&mut self, one: T) -> u32 {
        number(self.0.insert_full(one).0)
    }

    fn into_all<C: FromIterator<T>>(self) -> C {
        self.0.into_iter().collect()
    }
}

#[derive(Default)]
struct Builder {
    slices: Distinct<(Vec<Flown>, Option<u32>)>,
    itineraries: Distinct<Vec<u32>>,
    owners: Distinct<Text>,
    brands: Distinct<Vec<Option<Text>>>,
    carriages: Distinct<Vec<Carriage>>,
    baggage: Distinct<Vec<Bag>>,
    conditions: Distinct<Conditions>,
    currencies: Distinct<[Currency; 3]>,
    rows: Vec<Row>,
    lengths: Vec<(u32, u32)>,
    ids: String,
    tokens: Vec<u8>,
}

impl From<SupplierReply> for OfferTable {
    /// An offer that names no flights, flights that the reply lacks, or more than anybody sells, is skipped.
    fn from(reply: SupplierReply) -> Self {
        let SupplierReply { segments, offers, mut skipped } = reply;
        let mut builder = Builder::default();
        builder.rows.reserve_exact(offers.len());
        builder.lengths.reserve_exact(offers.len());
        for offer in offers {
            match wrong(&offer, &segments) {
                None => builder.add(offer),
                Some(reason) => skipped.push(SkippedOffer { id: Some(offer.id), reason: reason.to_owned() }),
            }
        }
        builder.into_table(segments, skipped)
    }
}

/// Why an offer can't be kept.
fn wrong(offer: &Offer, segments: &[Segment]) -> Option<&'static str> {
    let flies = |slice: &OfferSlice| {
        !slice.segments.is_empty() && slice.segments.iter().all(|at| (at.segment as usize) < segments.len())
    };
    let flown: usize = offer.slices.iter().map(|slice| slice.segments.len()).sum();
    if offer.slices.is_empty() || !offer.slices.iter().all(flies) {
        Some("it names no flights, or flights that the reply lacks")
    } else if flown > MOST_FLOWN || offer.baggage.len() > MOST_BAGS {
        Some("it flies more segments, or states more on baggage, than anybody sells")
    } else {
        None
    }
}

impl Builder {
    fn add(&mut self, offer: Offer) {
        let flown: usize = offer.slices.iter().map(|slice| slice.segments.len()).sum();
        let mut order = Vec::with_capacity(flown);
        let mut carriage = Vec::with_capacity(flown);
        let mut slices = Vec::with_capacity(offer.slices.len());
        let mut brands = Vec::with_capacity(offer.slices.len());
        for slice in offer.slices {
            let flown = slice.segments.iter().map(|at| Flown { segment: at.segment, cabin: at.cabin }).collect();
            order.extend(slice.segments.iter().map(|at| at.segment));
            slices.push(self.slices.number((flown, slice.duration_minutes)));
            brands.push(slice.fare_brand);
            carriage.extend(slice.segments.into_iter().map(|at| Carriage {
                booking_class: at.booking_class,
                fare_basis: at.fare_basis,
                seats_left: at.seats_left,
            }));
        }
        let baggage = offer.baggage.iter().filter_map(|bag| stated(bag, &order)).collect();
        self.lengths.push((number(offer.id.len()), number(offer.token.len())));
        self.ids.push_str(&offer.id);
        self.tokens.extend_from_slice(&offer.token);
        self.rows.push(Row {
            itinerary: self.itineraries.number(slices),
            owner: self.owners.number(offer.owner),
            brands: self.brands.number(brands),
            carriage: self.carriages.number(carriage),
            baggage: self.baggage.number(baggage),
            conditions: self.conditions.number(offer.conditions),
            currencies: self.currencies.number([offer.base.currency, offer.taxes.currency, offer.total.currency]),
            base: offer.base.units,
            taxes: offer.taxes.units,
            total: offer.total.units,
            expires_at: offer.expires_at,
            ticketing_deadline: offer.ticketing_deadline,
            holdable: offer.holdable,
        });
    }

    fn into_table(mut self, segments: Vec<Segment>, skipped: Vec<SkippedOffer>) -> OfferTable {
        self.ids.shrink_to_fit();
        self.tokens.shrink_to_fit();
        let flights = Flights::of(&segments);
        let (slices, itineraries) = (&self.slices.0, &self.itineraries.0);
        let fingerprint = |itinerary: &Vec<u32>| {
            Identity::of(|identity| {
                for (flown, _) in itinerary.iter().filter_map(|&slice| slices.get_index(slice as usize)) {
                    identity.slice();
                    flown.iter().for_each(|flown| identity.known_flight(&flights, flown.segment, flown.cabin));
                }
            })
        };
        let fingerprints = itineraries.iter().map(fingerprint).collect();
        let minutes = slices.iter().map(|(_, minutes)| *minutes).collect();
        OfferTable(Columns {
            slices: self.slices.0.into_iter().map(|(flown, _)| flown).collect(),
            minutes,
            itineraries: self.itineraries.into_all(),
            fingerprints,
            owners: self.owners.into_all(),
            brands: self.brands.into_all(),
            carriages: self.carriages.into_all(),
            baggage: self.baggage.into_all(),
            conditions: self.conditions.into_all(),
            currencies: self.currencies.into_all(),
            rows: self.rows,
            starts: starts(&self.lengths).unwrap_or_default(),
            lengths: self.lengths,
            ids: self.ids,
            tokens: self.tokens.into(),
            segments,
            skipped,
        })
    }
}

/// A statement by where in the offer it holds; none: on no flight of the offer.
fn stated(bag: &Baggage, order: &[u32]) -> Option<Bag> {
    let position = order.iter().position(|&segment| segment == bag.segment)?;
    let position = u16::try_from(position).ok()?;
    let Baggage { passenger, kind, pieces, weight_kg, .. } = *bag;
    Some(Bag { passenger, position, kind, pieces, weight_kg })
}

//! What a search keeps of a supplier's answer: what its offers share stands once, and rows point to it.
//!
//! A supplier sells some hundred offers of a handful of flights, fare families, allowances and conditions. Whatever follows
//! from one of these alone is worked out once for it, and not for every offer that has it.

mod build;
mod lists;

pub use lists::Lists;

use crate::itinerary::{Fingerprint, Segment};
use crate::money::{Currency, Money};
use crate::offer::{
    BagKind, Baggage, Conditions, Identity, Offer, OfferSegment, OfferSlice, SkippedOffer, SupplierReply,
};
use crate::text::Text;
use crate::trip::Cabin;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Segments of an itinerary, at most. What rows share must not unfold to more than its bytes promise.
const MOST_FLOWN: usize = 64;
/// Statements on the baggage of an offer, at most: more than nine passengers have on a dozen flights.
const MOST_BAGS: usize = 512;

/// Offers of one supplier for one trip. Each flies at least one segment on each of its slices, and whatever a row points to is
/// there: another one is neither made nor read. What each passenger pays is not kept: it was checked as the reply came, and is
/// told anew when the offer's price is asked for.
///
/// Places are counted from 0. A row belongs to its table: with another's, what is asked for may be missing, or another offer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Columns")]
pub struct OfferTable(Columns);

/// An offer: its own amounts, in minor units, and times; and the places of what it shares with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// See [`OfferTable::itinerary`].
    pub itinerary: u32,
    /// See [`OfferTable::owner`].
    pub owner: u32,
    /// See [`OfferTable::brands`].
    pub brands: u32,
    /// See [`OfferTable::carriage`].
    pub carriage: u32,
    /// See [`OfferTable::baggage`].
    pub baggage: u32,
    /// See [`OfferTable::conditions`].
    pub conditions: u32,
    currencies: u32,
    base: i64,
    taxes: i64,
    total: i64,
    /// The offer's own end; whole seconds, as the contract has them.
    #[serde(with = "jiff::fmt::serde::timestamp::second::optional")]
    pub expires_at: Option<Timestamp>,
    /// Tickets must be issued before; whole seconds.
    #[serde(with = "jiff::fmt::serde::timestamp::second::optional")]
    pub ticketing_deadline: Option<Timestamp>,
    /// An order can be held without paying.
    pub holdable: bool,
}

/// A segment as it is flown on a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flown {
    /// Index of [`OfferTable::segments`].
    pub segment: u32,
    /// Cabin of this segment.
    pub cabin: Cabin,
}

/// What is booked on a segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Carriage {
    /// Reservation booking designator.
    pub booking_class: Option<Text>,
    /// Fare basis code.
    pub fare_basis: Option<Text>,
    /// Left at this price.
    pub seats_left: Option<u8>,
}

/// An allowance of one passenger, as the supplier stated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bag {
    /// Index of the passenger.
    pub passenger: u8,
    /// Which of the offer's segments, counted through all slices: so offers with other flights share it.
    pub position: u16,
    /// Kind.
    pub kind: BagKind,
    /// Pieces; 0: none included; none: a weight concept.
    pub pieces: Option<u8>,
    /// Per piece with pieces, else in all.
    pub weight_kg: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Columns {
    segments: Vec<Segment>,
    slices: Lists<Flown>,
    /// Minutes of each slice, as the supplier tells them.
    minutes: Vec<Option<u32>>,
    /// Slices of each.
    itineraries: Lists<u32>,
    fingerprints: Vec<Fingerprint>,
    owners: Vec<Text>,
    brands: Lists<Option<Text>>,
    carriages: Lists<Carriage>,
    baggage: Lists<Bag>,
    conditions: Vec<Conditions>,
    /// Of base, taxes and total.
    currencies: Vec<[Currency; 3]>,
    rows: Vec<Row>,
    /// Of ids, and of tokens, row by row.
    lengths: Vec<(u32, u32)>,
    ids: String,
    tokens: bytes::Bytes,
    /// Where each row's id and token begin, and where the last ones end.
    #[serde(skip)]
    starts: Vec<(u32, u32)>,
    skipped: Vec<SkippedOffer>,
}

impl OfferTable {
    /// Of nothing.
    pub fn empty() -> Self {
        SupplierReply { segments: Vec::new(), offers: Vec::new(), skipped: Vec::new() }.into()
    }

    /// Number of offers.
    pub fn len(&self) -> usize {
        self.0.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.rows.is_empty()
    }

    /// The offers, in the supplier's order.
    pub fn rows(&self) -> &[Row] {
        &self.0.rows
    }

    /// Flights that the offers use.
    pub fn segments(&self) -> &[Segment] {
        &self.0.segments
    }

    /// How many different slices there are.
    pub fn slices(&self) -> u32 {
        number(self.0.slices.count())
    }

    /// What is flown on a slice, in order of travel; never nothing.
    pub fn slice(&self, slice: u32) -> &[Flown] {
        self.0.slices.get(slice)
    }

    /// The segments of a slice, in order of travel.
    pub fn flights(&self, slice: u32) -> impl DoubleEndedIterator<Item = &Segment> + Clone {
        self.slice(slice).iter().filter_map(|flown| self.0.segments.get(flown.segment as usize))
    }

    /// Minutes of a slice, as the supplier tells them.
    pub fn slice_minutes(&self, slice: u32) -> Option<u32> {
        self.0.minutes.get(slice as usize).copied().flatten()
    }

    /// How many different itineraries there are.
    pub fn itineraries(&self) -> u32 {
        number(self.0.itineraries.count())
    }

    /// The slices of an itinerary, in the order asked for; never none.
    pub fn itinerary(&self, itinerary: u32) -> &[u32] {
        self.0.itineraries.get(itinerary)
    }

    /// What is flown on an itinerary, slice by slice.
    pub fn flown(&self, itinerary: u32) -> impl Iterator<Item = &Flown> {
        self.itinerary(itinerary).iter().flat_map(|&slice| self.slice(slice))
    }

    /// Identity of a physical itinerary, equal across suppliers, as whoever made the table worked it out; none where there is no
    /// such itinerary.
    pub fn fingerprint(&self, itinerary: u32) -> Option<Fingerprint> {
        self.0.fingerprints.get(itinerary as usize).copied()
    }

    /// IATA codes of validating carriers.
    pub fn owners(&self) -> &[Text] {
        &self.0.owners
    }

    /// IATA code of the validating carrier.
    pub fn owner(&self, row: &Row) -> &str {
        self.0.owners.get(row.owner as usize).map_or("", Text::as_str)
    }

    /// Commercial names of the fare families, slice by slice.
    pub fn brands(&self, row: &Row) -> &[Option<Text>] {
        self.0.brands.get(row.brands)
    }

    /// All lists of fare families that rows point to.
    pub fn brand_lists(&self) -> &Lists<Option<Text>> {
        &self.0.brands
    }

    /// What is booked, segment by segment through all slices.
    pub fn carriage(&self, row: &Row) -> &[Carriage] {
        self.0.carriages.get(row.carriage)
    }

    /// Allowances as stated; absent ones were not told.
    pub fn baggage(&self, row: &Row) -> &[Bag] {
        self.0.baggage.get(row.baggage)
    }

    /// Conditions as stated; none for another table's row.
    pub fn conditions(&self, row: &Row) -> Option<&Conditions> {
        self.0.conditions.get(row.conditions as usize)
    }

    /// All conditions that rows point to.
    pub fn all_conditions(&self) -> &[Conditions] {
        &self.0.conditions
    }

    /// Base, taxes and total for all passengers, in the supplier's currency; none for another table's row.
    pub fn amounts(&self, row: &Row) -> Option<[Money; 3]> {
        let [base, taxes, total] = *self.0.currencies.get(row.currencies as usize)?;
        Some([Money::new(row.base, base), Money::new(row.taxes, taxes), Money::new(row.total, total)])
    }

    /// Offers that could not be mapped.
    pub fn skipped(&self) -> &[SkippedOffer] {
        &self.0.skipped
    }

    /// Identity of what a row sells, as [`Offer::fare`].
    pub fn fare(&self, row: &Row) -> Fingerprint {
        Identity::of(|identity| {
            let (mut carriage, brands) = (self.carriage(row).iter(), self.brands(row));
            for (slice, brand) in self.itinerary(row.itinerary).iter().zip(brands) {
                identity.slice();
                for (segment, (flown, booked)) in self.flights(*slice).zip(self.slice(*slice).iter().zip(&mut carriage))
                {
                    identity.flight(segment, flown.cabin);
                    identity.booked(booked.booking_class.as_deref(), booked.fare_basis.as_deref());
                }
                identity.brand(brand.as_deref());
            }
        })
    }

    /// The offer of a row, as its supplier told it, but for the fares of each passenger; none where there is no such row.
    pub fn offer(&self, at: usize) -> Option<Offer> {
        let row = self.0.rows.get(at)?;
        let (id, token) = self.id_and_token(at)?;
        let [base, taxes, total] = self.amounts(row)?;
        let flown: Vec<&Flown> = self.flown(row.itinerary).collect();
        let mut carried = flown.iter().zip(self.carriage(row)).map(|(flown, booked)| OfferSegment {
            segment: flown.segment,
            cabin: flown.cabin,
            booking_class: booked.booking_class.clone(),
            fare_basis: booked.fare_basis.clone(),
            seats_left: booked.seats_left,
        });
        let slices = self.itinerary(row.itinerary).iter().zip(self.brands(row)).map(|(&slice, brand)| OfferSlice {
            segments: carried.by_ref().take(self.slice(slice).len()).collect(),
            fare_brand: brand.clone(),
            duration_minutes: self.slice_minutes(slice),
        });
        let slices = slices.collect();
        let baggage = self.baggage(row).iter().filter_map(|bag| {
            let segment = flown.get(usize::from(bag.position))?.segment;
            let Bag { passenger, kind, pieces, weight_kg, .. } = *bag;
            Some(Baggage { passenger, segment, kind, pieces, weight_kg })
        });
        Some(Offer {
            id: id.to_owned(),
            token: token.into(),
            owner: self.owner(row).into(),
            slices,
            fares: Vec::new(),
            base,
            taxes,
            total,
            baggage: baggage.collect(),
            conditions: self.conditions(row)?.clone(),
            expires_at: row.expires_at,
            ticketing_deadline: row.ticketing_deadline,
            holdable: row.holdable,
        })
    }

    fn id_and_token(&self, at: usize) -> Option<(&str, &[u8])> {
        let ((id, token), (id_length, token_length)) = (*self.0.starts.get(at)?, *self.0.lengths.get(at)?);
        let range = |start: u32, length: u32| start as usize..start as usize + length as usize;
        Some((self.0.ids.get(range(id, id_length))?, self.0.tokens.get(range(token, token_length))?))
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        let columns = &self.0;
        size_of::<Self>()
            + (size_of::<Segment>() + 16) * columns.segments.len()
            + columns.slices.weight()
            + 8 * columns.minutes.len()
            + columns.itineraries.weight()
            + 16 * (columns.fingerprints.len() + columns.owners.len())
            + columns.brands.weight()
            + columns.carriages.weight()
            + columns.baggage.weight()
            + size_of::<Conditions>() * columns.conditions.len()
            + (size_of::<Row>() + 16) * columns.rows.len()
            + columns.ids.len()
            + columns.tokens.len()
            + 96 * columns.skipped.len()
    }
}

impl TryFrom<Columns> for OfferTable {
    type Error = &'static str;

    fn try_from(mut columns: Columns) -> Result<Self, Self::Error> {
        columns.starts = starts(&columns.lengths).ok_or("ids and tokens of more bytes than can be counted")?;
        let is_there = |at: u32, count: usize| (at as usize) < count;
        let table = Self(columns);
        let columns = &table.0;
        let slices_fly = columns.slices.items().iter().all(|flown| is_there(flown.segment, columns.segments.len()))
            && columns.slices.iter().all(|slice| (1..=MOST_FLOWN).contains(&slice.len()))
            && columns.minutes.len() == columns.slices.count();
        let itineraries_fly = columns.itineraries.items().iter().all(|&slice| is_there(slice, columns.slices.count()))
            && columns.itineraries.iter().all(|itinerary| (1..=MOST_FLOWN).contains(&itinerary.len()))
            && columns.fingerprints.len() == columns.itineraries.count();
        if !(slices_fly && itineraries_fly) {
            return Err("itineraries that point to what is not there, or to more than anybody sells");
        }
        let flown: Vec<usize> = (0..table.itineraries()).map(|itinerary| table.flown(itinerary).count()).collect();
        let fits = flown.iter().all(|&flown| flown <= MOST_FLOWN)
            && columns.baggage.iter().all(|bags| bags.len() <= MOST_BAGS)
            && columns.itineraries.count() <= columns.rows.len()
            && columns.slices.count() <= columns.itineraries.items().len();
        let row_is_whole = |row: &Row| {
            is_there(row.itinerary, flown.len())
                && is_there(row.owner, columns.owners.len())
                && table.brands(row).len() == table.itinerary(row.itinerary).len()
                && table.carriage(row).len() == flown[row.itinerary as usize]
                && is_there(row.baggage, columns.baggage.count())
                && is_there(row.conditions, columns.conditions.len())
                && is_there(row.currencies, columns.currencies.len())
        };
        let texts_fit = columns.lengths.len() == columns.rows.len()
            && columns.starts.last().map(|end| (end.0 as usize, end.1 as usize))
                == Some((columns.ids.len(), columns.tokens.len()));
        if fits && texts_fit && columns.rows.iter().all(row_is_whole) {
            Ok(table)
        } else {
            Err("offers that point to what is not there, or to more than anybody sells")
        }
    }
}

/// Where ids and tokens of these lengths begin; the last entry is where they end.
fn starts(lengths: &[(u32, u32)]) -> Option<Vec<(u32, u32)>> {
    let (mut starts, mut end) = (Vec::with_capacity(lengths.len() + 1), (0_u32, 0_u32));
    for (id, token) in lengths {
        starts.push(end);
        end = (end.0.checked_add(*id)?, end.1.checked_add(*token)?);
    }
    starts.push(end);
    Some(starts)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

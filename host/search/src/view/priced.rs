//! A superset priced for one context: every offer's JSON made once, in one block of memory.

use super::describe;
use crate::away::away;
use crate::columns::{Columns, NO_GROUP};
use crate::offer_id::{LONGEST_VIEW, OfferClaim, OfferSigner};
use crate::request::Sort;
use crate::superset::{Superset, count};
use bytes::Bytes;
use interline_domain::passengers::Passenger;
use interline_pricing::{PricedOffer, Pricing, PricingContext, PricingError, PricingInput, RulesVersion};
use jiff::{SignedDuration, Timestamp};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Offers that end within this are not shown: nobody could book them in time.
const ABOUT_TO_END: SignedDuration = SignedDuration::from_secs(60);

/// A priced superset. Fares of an itinerary stand together, the cheapest first.
#[derive(Debug)]
pub struct PricedView {
    /// Unique in the process.
    pub number: u64,
    pub context: PricingContext,
    pub rules: RulesVersion,
    /// Not shown after.
    pub valid_until: Timestamp,
    pub columns: Arc<Columns>,
    /// Totals in minor units of the display currency.
    pub price: Vec<i64>,
    pub has_bag: Vec<bool>,
    pub is_refundable: Vec<bool>,
    /// The rows of `price` that belong to an itinerary: from its entry to the next one's. Empty: none is sold now.
    starts: Vec<u32>,
    /// Itineraries with a fare, by [`Sort`], ties by fingerprint.
    orders: [Vec<u32>; 4],
    json: Json,
}

/// `{fare,itinerary,"alternatives":[{fare},{fare}]}` of each itinerary, and where in it what stands.
#[derive(Debug, Default)]
struct Json {
    bytes: Bytes,
    /// Of an itinerary: all of it.
    offers: Vec<Range<u32>>,
    /// Of an itinerary: its members, with the commas around them.
    itineraries: Vec<Range<u32>>,
    /// Of a fare: its members, without braces.
    fares: Vec<Range<u32>>,
}

const ALTERNATIVES: &[u8] = b"\"alternatives\":[";

impl PricedView {
    /// Prices all offers in one call, and writes their JSON. Offers without a price, and those about to end, are left out.
    pub async fn build(
        superset: Arc<Superset>,
        columns: Arc<Columns>,
        context: PricingContext,
        pricing: &Pricing,
        signer: &OfferSigner,
        now: Timestamp,
    ) -> Result<Self, PricingError> {
        let replies = superset.parts.iter().map(|part| (part.supplier.as_str(), &*part.reply)).collect();
        let input = PricingInput { trip: &superset.trip, replies };
        let priced = pricing.price(&input, &context, now).await?;
        let longest = now.checked_add(LONGEST_VIEW).unwrap_or(Timestamp::MAX);
        let valid_until = priced.changes_at.map_or(longest, |changes_at| changes_at.min(longest));
        let offers: Vec<Option<PricedOffer>> = priced.offers.into_iter().map(Result::ok).collect();
        let signer = signer.clone();
        let unpriced = offers.iter().filter(|offer| offer.is_none()).count();
        if unpriced > 0 {
            tracing::warn!(unpriced, offers = offers.len(), currency = %context.display_currency, "offers without a price");
        }
        let writing = away(move || {
            let view = Self::write(&superset, columns, context, priced.rules, &offers, &signer, now);
            Self { valid_until: view.valid_until.min(valid_until), ..view }
        });
        Ok(writing.await)
    }

    fn write(
        superset: &Superset,
        columns: Arc<Columns>,
        context: PricingContext,
        rules: RulesVersion,
        offers: &[Option<PricedOffer>],
        signer: &OfferSigner,
        now: Timestamp,
    ) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let passengers = superset.trip.passengers.passengers();
        let ends = now.checked_add(ABOUT_TO_END).unwrap_or(Timestamp::MAX);
        let mut valid_until = Timestamp::MAX;
        let mut rows: Vec<(u32, i64, usize)> = Vec::with_capacity(offers.len());
        for (at, priced) in offers.iter().enumerate() {
            let group = columns.group_of.get(at).copied().unwrap_or(NO_GROUP);
            let Some(priced) = priced.as_ref().filter(|_| group != NO_GROUP) else { continue };
            let (part, offer) = columns.fares[at];
            let offer = &superset.parts[usize::from(part)].reply.offers[offer as usize];
            if let Some(expires_at) = offer.expires_at {
                if expires_at < ends {
                    continue;
                }
                valid_until = valid_until.min(expires_at);
            }
            rows.push((group, priced.total.units, at));
        }
        // By fare where prices are equal, so that two views of the same offers list them alike.
        rows.sort_by_key(|&(group, price, at)| (group, price, at));
        let mut view = Self {
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            context,
            rules,
            valid_until,
            price: rows.iter().map(|row| row.1).collect(),
            has_bag: Vec::with_capacity(rows.len()),
            is_refundable: Vec::with_capacity(rows.len()),
            starts: Vec::with_capacity(columns.len() + 1),
            orders: Default::default(),
            json: Json::default(),
            columns: Arc::clone(&columns),
        };
        let mut writer =
            Writer { superset, signer, passengers: &passengers, issued_at: now.as_second(), bytes: Vec::new() };
        let mut next = 0;
        for group in 0..columns.len() {
            let first = next;
            while rows.get(next).is_some_and(|row| row.0 as usize == group) {
                next += 1;
            }
            view.starts.push(count(first));
            let fares = rows[first..next].iter().filter_map(|row| Some((row.2, offers[row.2].as_ref()?)));
            writer.group(&mut view, group, fares);
        }
        view.starts.push(count(next));
        view.json.bytes = writer.bytes.into();
        view.orders = [Sort::Price, Sort::Duration, Sort::Departure, Sort::Arrival].map(|sort| view.ordered(sort));
        view
    }

    /// Rows of an itinerary's fares.
    pub fn rows(&self, group: u32) -> Range<usize> {
        self.starts[group as usize] as usize..self.starts[group as usize + 1] as usize
    }

    /// Itineraries with a fare, in order.
    pub fn order(&self, sort: Sort) -> &[u32] {
        &self.orders[sort as usize]
    }

    fn ordered(&self, sort: Sort) -> Vec<u32> {
        let mut order: Vec<u32> =
            (0..count(self.columns.len())).filter(|&group| !self.rows(group).is_empty()).collect();
        let key = |group: u32| self.sort_key(sort, group, self.rows(group).start);
        order.sort_unstable_by_key(|&group| (key(group), self.columns.fingerprint[group as usize]));
        order
    }

    /// What an itinerary is sorted by, when `lead` is the cheapest fare shown of it.
    pub fn sort_key(&self, sort: Sort, group: u32, lead: usize) -> i64 {
        let group = group as usize;
        match sort {
            Sort::Price => self.price[lead],
            Sort::Duration => i64::from(self.columns.duration[group]),
            Sort::Departure => self.columns.departure[group],
            Sort::Arrival => self.columns.arrival[group],
        }
    }

    /// Appends an itinerary's JSON with the fares of these rows, in order; none of the fares missing: a plain copy.
    pub fn copy_offer(&self, group: u32, rows: &[u32], into: &mut Vec<u8>) {
        let slice = |range: &Range<u32>| &self.json.bytes[range.start as usize..range.end as usize];
        if rows.len() == self.rows(group).len() {
            into.extend_from_slice(slice(&self.json.offers[group as usize]));
            return;
        }
        let Some((lead, others)) = rows.split_first() else { return };
        into.push(b'{');
        into.extend_from_slice(slice(&self.json.fares[*lead as usize]));
        into.extend_from_slice(slice(&self.json.itineraries[group as usize]));
        into.extend_from_slice(ALTERNATIVES);
        for (index, row) in others.iter().enumerate() {
            into.extend_from_slice(if index == 0 { b"{" } else { b",{" });
            into.extend_from_slice(slice(&self.json.fares[*row as usize]));
            into.push(b'}');
        }
        into.extend_from_slice(b"]}");
    }

    /// Bytes that it takes in memory, roughly.
    pub fn weight(&self) -> usize {
        512 + self.json.bytes.len() + self.price.len() * 18 + self.columns.len() * 36
    }
}

struct Writer<'a> {
    superset: &'a Superset,
    signer: &'a OfferSigner,
    passengers: &'a [Passenger],
    issued_at: i64,
    bytes: Vec<u8>,
}

impl Writer<'_> {
    fn group<'p>(
        &mut self,
        view: &mut PricedView,
        group: usize,
        fares: impl Iterator<Item = (usize, &'p PricedOffer)>,
    ) {
        let start = count(self.bytes.len());
        let mut itinerary = 0..0;
        for (index, (at, priced)) in fares.enumerate() {
            let (part, offer) = view.columns.fares[at];
            let part = &self.superset.parts[usize::from(part)];
            let offer = &part.reply.offers[offer as usize];
            let id = self.signer.sign(&OfferClaim {
                trip: self.superset.trip.clone(),
                scope: self.superset.scope.clone(),
                point_of_sale: view.context.point_of_sale.clone(),
                channel: view.context.channel.clone(),
                customer_segment: view.context.customer_segment.clone(),
                supplier: part.supplier.clone(),
                itinerary: view.columns.fingerprint[group].0,
                fare: offer.fare(&part.reply.segments).0,
                shown_units: priced.total.units,
                currency: priced.total.currency,
                issued_at: self.issued_at,
            });
            let fare = describe::fare(id, offer, priced, self.passengers);
            view.has_bag.push(fare.baggage_included);
            view.is_refundable.push(fare.refundable == Some(true));
            self.bytes.extend_from_slice(if index > 1 { b",{" } else { b"{" });
            let members = self.members(&fare);
            view.json.fares.push(members);
            if index == 0 {
                let from = count(self.bytes.len());
                self.bytes.push(b',');
                let (part, offer) = view.columns.example[group];
                let reply = &self.superset.parts[usize::from(part)].reply;
                let example = &reply.offers[offer as usize];
                self.members(&describe::itinerary(example, reply, view.columns.fingerprint[group]));
                self.bytes.push(b',');
                itinerary = from..count(self.bytes.len());
                self.bytes.extend_from_slice(ALTERNATIVES);
            } else {
                self.bytes.push(b'}');
            }
        }
        if start != count(self.bytes.len()) {
            self.bytes.extend_from_slice(b"]}");
        }
        view.json.offers.push(start..count(self.bytes.len()));
        view.json.itineraries.push(itinerary);
    }

    /// Writes an object's members without its braces, and says where.
    fn members(&mut self, object: &impl serde::Serialize) -> Range<u32> {
        // Strings, numbers and lists of them: writing these to memory cannot fail.
        let json = serde_json::to_vec(object).unwrap_or_default();
        let from = count(self.bytes.len());
        self.bytes.extend_from_slice(json.get(1..json.len().saturating_sub(1)).unwrap_or_default());
        from..count(self.bytes.len())
    }
}

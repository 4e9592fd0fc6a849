//! A superset priced for one context, as columns. Of offers it keeps no JSON: a page writes that of those it shows.

use super::describe::{self, Allowances, Shown};
use crate::away::away;
use crate::columns::{Columns, NO_GROUP};
use crate::offer_id::{LONGEST_VIEW, OfferClaim, OfferSigner};
use crate::request::Sort;
use crate::superset::{Superset, count};
use crate::view::OfferView;
use interline_domain::offer::Offer;
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
    /// What else of a row is shown.
    rows: Vec<Row>,
    allowances: Allowances,
    superset: Arc<Superset>,
    signer: OfferSigner,
    /// Seconds since 1970.
    issued_at: i64,
}

/// A fare, as it was priced.
#[derive(Debug)]
struct Row {
    /// Index of the columns' fares.
    fare: u32,
    shown: Shown,
}

impl PricedView {
    /// Prices all offers in one call. Offers without a price, and those about to end, are left out.
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
        let sorting = away(move || {
            let view = Self::new(superset, columns, context, priced.rules, offers, signer, now);
            Self { valid_until: view.valid_until.min(valid_until), ..view }
        });
        Ok(sorting.await)
    }

    fn new(
        superset: Arc<Superset>,
        columns: Arc<Columns>,
        context: PricingContext,
        rules: RulesVersion,
        offers: Vec<Option<PricedOffer>>,
        signer: OfferSigner,
        now: Timestamp,
    ) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let ends = now.checked_add(ABOUT_TO_END).unwrap_or(Timestamp::MAX);
        let mut valid_until = Timestamp::MAX;
        let mut sold: Vec<(u32, usize, PricedOffer)> = Vec::with_capacity(offers.len());
        for (at, priced) in offers.into_iter().enumerate() {
            let group = columns.group_of.get(at).copied().unwrap_or(NO_GROUP);
            let Some(priced) = priced.filter(|_| group != NO_GROUP) else { continue };
            if let Some(expires_at) = offer_of(&superset, &columns, at).expires_at {
                if expires_at < ends {
                    continue;
                }
                valid_until = valid_until.min(expires_at);
            }
            sold.push((group, at, priced));
        }
        // By fare where prices are equal, so that two views of the same offers list them alike.
        sold.sort_by_key(|(group, at, priced)| (*group, priced.total.units, *at));
        let starts = (0..=columns.len()).map(|group| count(sold.partition_point(|sold| (sold.0 as usize) < group)));
        let mut view = Self {
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            context,
            rules,
            valid_until,
            price: sold.iter().map(|sold| sold.2.total.units).collect(),
            has_bag: Vec::with_capacity(sold.len()),
            is_refundable: Vec::with_capacity(sold.len()),
            starts: starts.collect(),
            orders: Default::default(),
            rows: Vec::with_capacity(sold.len()),
            allowances: Allowances::default(),
            superset,
            columns,
            signer,
            issued_at: now.as_second(),
        };
        let passengers = view.superset.trip.passengers.passengers();
        for (_, at, priced) in sold {
            let offer = offer_of(&view.superset, &view.columns, at);
            let shown = Shown::new(offer, &priced, &passengers, &mut view.allowances);
            view.is_refundable.push(describe::refundable(offer) == Some(true));
            view.has_bag.push(shown.baggage_included);
            view.rows.push(Row { fare: count(at), shown });
        }
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

    /// Appends an itinerary's JSON with the fares of these rows, in order, as [`OfferView`] describes it.
    pub fn write_offer(&self, group: u32, rows: &[u32], into: &mut Vec<u8>) {
        let Some((lead, others)) = rows.split_first() else { return };
        let columns = &*self.columns;
        let (part, example) = columns.example[group as usize];
        let reply = &self.superset.parts[usize::from(part)].reply;
        let fingerprint = columns.fingerprint[group as usize];
        let offer = OfferView {
            fare: self.fare(group, *lead),
            itinerary: describe::itinerary(&reply.offers[example as usize], reply, fingerprint),
            alternatives: others.iter().map(|&row| self.fare(group, row)).collect(),
        };
        let before = into.len();
        // Strings, numbers and lists of them: writing these to memory cannot fail.
        if serde_json::to_writer(&mut *into, &offer).is_err() {
            into.truncate(before);
        }
    }

    fn fare(&self, group: u32, row: u32) -> super::FareView {
        let (price, row) = (self.price[row as usize], &self.rows[row as usize]);
        let (part, offer) = self.columns.fares[row.fare as usize];
        let part = &self.superset.parts[usize::from(part)];
        let offer = &part.reply.offers[offer as usize];
        let id = self.signer.sign(&OfferClaim {
            trip: self.superset.trip.clone(),
            scope: self.superset.scope.clone(),
            point_of_sale: self.context.point_of_sale.clone(),
            channel: self.context.channel.clone(),
            customer_segment: self.context.customer_segment.clone(),
            supplier: part.supplier.clone(),
            itinerary: self.columns.fingerprint[group as usize].0,
            fare: offer.fare(&part.reply.segments).0,
            shown_units: price,
            currency: self.context.display_currency,
            issued_at: self.issued_at,
        });
        describe::fare(id, offer, price, &row.shown, self.context.display_currency)
    }

    /// Bytes that it takes in memory, roughly; the superset's not among them.
    pub fn weight(&self) -> usize {
        512 + self.price.len() * (10 + size_of::<Row>()) + self.allowances.weight() + self.columns.len() * 20
    }
}

fn offer_of<'a>(superset: &'a Superset, columns: &Columns, fare: usize) -> &'a Offer {
    let (part, offer) = columns.fares[fare];
    &superset.parts[usize::from(part)].reply.offers[offer as usize]
}

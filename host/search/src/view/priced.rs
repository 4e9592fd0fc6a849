//! A superset priced for one context, as columns. Of offers it keeps no JSON: a page writes that of those it shows.

use super::allowances::Allowances;
use super::describe;
use crate::columns::{Columns, NO_GROUP};
use crate::offer_id::{LONGEST_VIEW, OfferSigner, Series};
use crate::request::Sort;
use crate::superset::{Part, Superset, count};
use crate::view::{BaggageView, FareView, OfferView, PriceView};
use interline_domain::itinerary::Fingerprint;
use interline_domain::money::Money;
use interline_domain::table::Row;
use interline_pricing::{PricedOffers, Pricing, PricingContext, PricingError, PricingInput, RulesVersion};
use jiff::{SignedDuration, Timestamp};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

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
    /// Itineraries with a fare, by [`Sort`], ties by fingerprint; put in order when first asked for.
    orders: [OnceLock<Vec<u32>>; 4],
    /// What else of a row is shown.
    rows: Vec<Shown>,
    /// Different lists of allowances.
    allowances: Vec<Arc<[BaggageView]>>,
    superset: Arc<Superset>,
    series: Series,
    /// Seconds since 1970.
    issued_at: i64,
}

/// What of a fare is shown, beside its total; in minor units of the display currency.
#[derive(Debug)]
struct Shown {
    /// Index of the columns' fares.
    fare: u32,
    /// Index of the view's lists.
    allowances: u32,
    base: i64,
    taxes: i64,
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
        let replies = superset.parts.iter().map(|part| (part.supplier.as_str(), &*part.offers)).collect();
        let input = PricingInput { trip: &superset.trip, replies };
        let priced = pricing.price(&input, &context, now).await?;
        let longest = now.checked_add(LONGEST_VIEW).unwrap_or(Timestamp::MAX);
        let valid_until = priced.changes_at.map_or(longest, |changes_at| changes_at.min(longest));
        let unpriced = priced.prices().iter().filter(|price| price.is_err()).count();
        if unpriced > 0 {
            let offers = priced.prices().len();
            tracing::warn!(unpriced, offers, currency = %context.display_currency, "offers without a price");
        }
        let view = Self::new(superset, columns, context, &priced, signer, now);
        Ok(Self { valid_until: view.valid_until.min(valid_until), ..view })
    }

    fn new(
        superset: Arc<Superset>,
        columns: Arc<Columns>,
        context: PricingContext,
        priced: &PricedOffers,
        signer: &OfferSigner,
        now: Timestamp,
    ) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let ends = now.checked_add(ABOUT_TO_END).unwrap_or(Timestamp::MAX);
        let mut valid_until = Timestamp::MAX;
        let mut sold: Vec<(u32, i64, u32)> = Vec::with_capacity(priced.prices().len());
        for (at, price) in (0..).zip(priced.prices()) {
            let Ok(price) = price else { continue };
            let Some((_, row)) = fare(&superset, &columns, at) else { continue };
            let group = columns.group_of[at as usize];
            if group == NO_GROUP {
                continue;
            }
            if let Some(expires_at) = row.expires_at {
                if expires_at < ends {
                    continue;
                }
                valid_until = valid_until.min(expires_at);
            }
            sold.push((group, price.total, at));
        }
        // By fare where prices are equal, so that two views of the same offers list them alike.
        sold.sort_unstable();
        let starts = (0..=columns.len()).map(|group| count(sold.partition_point(|sold| (sold.0 as usize) < group)));
        let passengers = superset.trip.passengers.passengers();
        let mut view = Self {
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            rules: priced.rules.clone(),
            valid_until,
            price: sold.iter().map(|sold| sold.1).collect(),
            has_bag: Vec::with_capacity(sold.len()),
            is_refundable: Vec::with_capacity(sold.len()),
            starts: starts.collect(),
            orders: Default::default(),
            rows: Vec::with_capacity(sold.len()),
            allowances: Vec::new(),
            series: signer.series(&context, &superset.trip, &superset.scope),
            context,
            superset: Arc::clone(&superset),
            columns: Arc::clone(&columns),
            issued_at: now.as_second(),
        };
        let mut allowances = Allowances::new(&passengers, priced.baggage());
        for (_, _, at) in sold {
            let Some(((part, row), Ok(price))) = fare(&superset, &columns, at).zip(priced.prices().get(at as usize))
            else {
                continue;
            };
            let (list, has_bag) = allowances.list(&part.offers, row, price.baggage);
            let refundable = part.offers.conditions(row).and_then(describe::refundable);
            view.is_refundable.push(refundable == Some(true));
            view.has_bag.push(has_bag);
            view.rows.push(Shown { fare: at, base: price.base, taxes: price.taxes, allowances: list });
        }
        view.allowances = allowances.into_lists();
        view
    }

    /// Rows of an itinerary's fares.
    pub fn rows(&self, group: u32) -> Range<usize> {
        self.starts[group as usize] as usize..self.starts[group as usize + 1] as usize
    }

    /// Itineraries with a fare, in order.
    pub fn order(&self, sort: Sort) -> &[u32] {
        self.orders[sort as usize].get_or_init(|| self.ordered(sort))
    }

    fn ordered(&self, sort: Sort) -> Vec<u32> {
        let groups = (0..count(self.columns.len())).filter(|&group| !self.rows(group).is_empty());
        let key = |group: u32| self.sort_key(sort, group, self.rows(group).start);
        let mut order: Vec<(i64, Fingerprint, u32)> =
            groups.map(|group| (key(group), self.columns.fingerprint[group as usize], group)).collect();
        order.sort_unstable();
        order.into_iter().map(|(.., group)| group).collect()
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

    /// Appends an itinerary's JSON with the first `most` fares of these rows, in order, as [`OfferView`] describes it.
    pub fn write_offer(&self, group: u32, rows: &[u32], most: usize, into: &mut Vec<u8>) {
        let (example, fingerprint) = (self.columns.example[group as usize], self.columns.fingerprint[group as usize]);
        let mut fares = rows.iter().take(most).filter_map(|&row| self.fare(fingerprint, row as usize));
        let Some(lead) = fares.next() else { return };
        let offer = OfferView {
            fare: lead,
            itinerary: describe::itinerary(&self.superset.parts[usize::from(example.0)].offers, example.1, fingerprint),
            alternatives: fares.collect(),
            alternatives_matching: count(rows.len() - 1),
        };
        let before = into.len();
        // Strings, numbers and lists of them: writing these to memory cannot fail.
        if serde_json::to_writer(&mut *into, &offer).is_err() {
            into.truncate(before);
        }
    }

    fn fare(&self, itinerary: Fingerprint, at: usize) -> Option<FareView> {
        let (total, shown) = (self.price[at], &self.rows[at]);
        let currency = self.context.display_currency;
        let (part, row) = fare(&self.superset, &self.columns, shown.fare)?;
        let identities = [&itinerary.0, &part.offers.fare(row).0];
        let id = self.series.sign(&part.supplier, identities, Money::new(total, currency), self.issued_at);
        let price = PriceView {
            total: describe::amount(total, currency),
            base: describe::amount(shown.base, currency),
            taxes: describe::amount(shown.taxes, currency),
        };
        let baggage = self.allowances.get(shown.allowances as usize).cloned().unwrap_or_default();
        Some(describe::fare(id, price, &part.offers, row, baggage, self.has_bag[at]))
    }

    /// Bytes that it takes in memory, roughly; the superset's not among them.
    pub fn weight(&self) -> usize {
        let allowances = self.allowances.iter().map(|list| 32 + list.len() * (size_of::<BaggageView>() + 32));
        1_024 + self.price.len() * (10 + size_of::<Shown>()) + allowances.sum::<usize>() + self.columns.len() * 20
    }
}

fn fare<'a>(superset: &'a Superset, columns: &Columns, fare: u32) -> Option<(&'a Part, &'a Row)> {
    let (part, row) = *columns.fares.get(fare as usize)?;
    let part = superset.parts.get(usize::from(part))?;
    Some((part, part.offers.rows().get(row as usize)?))
}

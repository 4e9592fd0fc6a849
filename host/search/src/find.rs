//! An offer id back to its offer: from the cache, else by asking its supplier again.

use crate::coalesce::{Flight, Full};
use crate::error::OfferError;
use crate::fanout::{Ask, FanOut};
use crate::flight::kept;
use crate::loaded::is_usable;
use crate::offer_id::OfferClaim;
use crate::route::Route;
use crate::service::{FoundOffer, Inner};
use crate::superset::{Part, Superset, count};
use interline_domain::itinerary::Segment;
use interline_domain::offer::{Offer, SupplierReply};
use interline_domain::table::OfferTable;
use interline_pricing::{PricedOffer, PricingContext, PricingError, PricingInput};
use interline_runtime::Supplier;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// When to ask again for an offer whose supplier is not there.
const LATER: Duration = Duration::from_secs(10);

pub async fn offer(inner: &Arc<Inner>, offer_id: &str) -> Result<FoundOffer, OfferError> {
    let now = inner.parts.clock.now();
    let claim = inner.parts.signer.verify(offer_id, now)?;
    let supplier = inner.parts.suppliers.get(&claim.supplier).filter(|supplier| supplier.capabilities().search);
    let supplier = supplier.ok_or(OfferError::Unavailable { status: None, retry_after: LATER })?;
    let route = Route { trip: claim.trip.clone(), scope: claim.scope.clone() };
    for part in inner.cached_parts(&route, &*supplier, now).await {
        if let Some(found) = inner.matching(&claim, &part, now).await? {
            return Ok(found);
        }
        if part.is_ok() && now < part.fresh_until {
            // The supplier has answered since, without it.
            return Err(OfferError::Gone);
        }
    }
    let part = inner.look_up(&route, supplier).await?;
    if let Some(found) = inner.matching(&claim, &part, now).await? {
        return Ok(found);
    }
    if part.is_ok() {
        return Err(OfferError::Gone);
    }
    let retry_after = part.retry_after.unwrap_or(LATER);
    Err(OfferError::Unavailable { status: Some(Box::new(part.status(now))), retry_after })
}

impl Inner {
    /// What the caches have of a supplier, the nearest first.
    async fn cached_parts(&self, route: &Route, supplier: &dyn Supplier, now: Timestamp) -> Vec<Arc<Part>> {
        let near = self.memory.get(route).await.map(|loaded| Arc::clone(&loaded.superset));
        let near_part = near.as_ref().and_then(|superset| superset.part(supplier.name()));
        let far = match near_part {
            Some(part) if part.is_ok() => None,
            _ => kept(&*self.parts.lookup_cache, &route.key(), &[supplier.name()]).await,
        };
        let fits = |superset: &&Superset| superset.trip == route.trip && superset.scope == route.scope;
        let both = near.as_deref().into_iter().chain(&far).filter(fits);
        let parts = both.filter_map(|superset| superset.part(supplier.name()));
        let usable = |part: &&Arc<Part>| now < part.stale_until && is_usable(part, supplier.version());
        parts.filter(usable).cloned().collect()
    }

    /// The claimed fare within a part, priced by the present rules. Of several the one at the price shown, else the
    /// cheapest.
    async fn matching(
        &self,
        claim: &OfferClaim,
        part: &Part,
        now: Timestamp,
    ) -> Result<Option<FoundOffer>, OfferError> {
        let (table, fare) = (&*part.offers, claim.fare());
        let rows = (0..).zip(table.rows()).filter(|(_, row)| {
            row.expires_at.is_none_or(|expires_at| now < expires_at)
                && table.fingerprint(row.itinerary).is_some_and(|itinerary| itinerary.0 == claim.itinerary)
                && table.fare(row) == fare
        });
        let replies: Vec<SupplierReply> =
            rows.filter_map(|(at, _)| alone(table.offer(at)?, table.segments())).collect();
        if replies.is_empty() {
            return Ok(None);
        }
        let tables: Vec<OfferTable> = replies.iter().cloned().map(OfferTable::from).collect();
        let context = PricingContext {
            point_of_sale: claim.point_of_sale.clone(),
            channel: claim.channel.clone(),
            customer_segment: claim.customer_segment.clone(),
            display_currency: claim.currency,
            rates: self.parts.pricing.rates().version().clone(),
        };
        let input = PricingInput {
            trip: &claim.trip,
            replies: tables.iter().map(|table| (part.supplier.as_str(), table)).collect(),
        };
        let priced = self.parts.pricing.price(&input, &context, now).await?.offers();
        let mut best: Option<((bool, i64), SupplierReply, PricedOffer)> = None;
        let mut unpriced = None;
        for (reply, priced) in replies.into_iter().zip(priced) {
            match priced {
                Ok(priced) => {
                    let rank = (priced.total.units != claim.shown_units, priced.total.units);
                    if best.as_ref().is_none_or(|(before, ..)| rank < *before) {
                        best = Some((rank, reply, priced));
                    }
                }
                Err(error) => unpriced = Some(PricingError::from(error)),
            }
        }
        let (reply, priced) = match (best, unpriced) {
            (Some((_, reply, priced)), _) => (reply, priced),
            (None, Some(error)) => return Err(error.into()),
            (None, None) => return Ok(None),
        };
        let route = Route { trip: claim.trip.clone(), scope: claim.scope.clone() };
        Ok(Some(FoundOffer {
            search_key: route.key(),
            trip: route.trip,
            scope: route.scope,
            context,
            supplier: part.supplier.clone(),
            reply,
            priced,
            shown: claim.shown(),
            plugin_version: part.version.clone(),
        }))
    }

    /// Asks one supplier again; once, however many of its offers are looked for.
    async fn look_up(self: &Arc<Self>, route: &Route, supplier: Arc<dyn Supplier>) -> Result<Arc<Part>, OfferError> {
        let busy = || OfferError::Unavailable { status: None, retry_after: LATER };
        let key = (route.clone(), supplier.name().to_owned());
        let fly = |flight: Flight<(Route, String), Option<Arc<Part>>>| {
            let (inner, route) = (Arc::clone(self), route.clone());
            async move {
                // Another may have landed between the caller's look into memory and this flight's start.
                let now = inner.parts.clock.now();
                let there = inner.cached_parts(&route, &*supplier, now).await.into_iter().next();
                if let Some(part) = there.filter(|part| part.is_ok() && now < part.fresh_until) {
                    return flight.land(|answer| *answer = Some(part));
                }
                let ask = Ask { supplier, before: None };
                let mut fan_out = FanOut::start(&route, vec![ask], inner.policy(&route));
                let Some(part) = fan_out.next().await.map(Arc::new) else { return };
                if part.is_ok() {
                    inner.remember(&route, vec![Arc::clone(&part)]).await;
                    inner.store(&*inner.parts.lookup_cache, &route, vec![Arc::clone(&part)], None).await;
                }
                flight.land(|answer| *answer = Some(part));
            }
        };
        let mut seat = self.lookups.seat(&key, None, fly).map_err(|Full| busy())?;
        let landed = seat.progress.wait_for(Option::is_some).await.map_err(|_| busy())?;
        landed.clone().ok_or_else(busy)
    }
}

/// An offer with only its own segments.
fn alone(mut offer: Offer, all: &[Segment]) -> Option<SupplierReply> {
    let mut moved: Vec<u32> = Vec::new();
    let mut place = |segment: u32| {
        let at = moved.iter().position(|&old| old == segment).unwrap_or(moved.len());
        if at == moved.len() {
            moved.push(segment);
        }
        count(at)
    };
    for carried in offer.slices.iter_mut().flat_map(|slice| &mut slice.segments) {
        carried.segment = place(carried.segment);
    }
    offer.baggage.iter_mut().for_each(|baggage| baggage.segment = place(baggage.segment));
    let segments = moved.iter().map(|&segment| all.get(segment as usize).cloned()).collect::<Option<_>>()?;
    Some(SupplierReply { segments, offers: vec![offer], skipped: Vec::new() })
}

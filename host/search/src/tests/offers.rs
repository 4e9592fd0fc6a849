use crate::error::OfferError;
use crate::testing::{Rig, Sale, Scripted, direct, fault, rates, reply, request, signer};
use crate::view::OfferView;
use crate::{Lease, SearchConfig, SearchPage, SearchParts, SearchService, Superset, SupersetCache};
use async_trait::async_trait;
use interline_domain::fault::Disposition;
use interline_domain::trip::SearchKey;
use interline_pricing::Pricing;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

fn offers(page: &SearchPage) -> Vec<OfferView> {
    page.content.offers.iter().map(|json| serde_json::from_slice(json).unwrap()).collect()
}

fn with_bag(mut sale: Sale, brand: &'static str) -> Sale {
    (sale.bag, sale.refundable, sale.brand) = (true, true, brand);
    sale
}

#[tokio::test]
async fn the_same_flight_from_two_suppliers_is_one_offer_the_cheapest_first() {
    let dear = Scripted::selling("a", reply(&[direct("GA", 874, 8, 60_000), direct("GA", 876, 9, 40_000)]));
    let cheap = Scripted::selling("b", reply(&[with_bag(direct("GA", 874, 8, 50_000), "FLEX")]));
    let rig = Rig::new([dear, cheap]);
    let page = rig.service.search(&request()).await.unwrap();
    let offers = offers(&page);
    assert_eq!(offers.len(), 2);
    assert_eq!(offers[0].fare.price.total.amount, "400.00");
    assert!(offers[0].alternatives.is_empty());
    assert_eq!(offers[1].fare.price.total.amount, "500.00");
    assert_eq!(offers[1].fare.fare_brand.as_deref(), Some("FLEX"));
    assert!(offers[1].fare.baggage_included);
    assert_eq!(offers[1].alternatives.len(), 1);
    assert_eq!(offers[1].alternatives[0].price.total.amount, "600.00");
    let segment = &offers[1].itinerary.slices[0].segments[0];
    assert_eq!(segment.departure, "2027-01-20T08:15:00+07:00");
    assert_eq!(segment.arrival, "2027-01-20T17:15:00+09:00");
    assert_eq!(offers[1].itinerary.duration_minutes, Some(420));
}

#[tokio::test]
async fn a_filter_on_fares_shows_the_fares_that_pass() {
    let plain = direct("GA", 874, 8, 50_000);
    let flex = with_bag(direct("GA", 874, 8, 60_000), "FLEX");
    let full = with_bag(direct("GA", 874, 8, 90_000), "FULL");
    let rig = Rig::new([Scripted::selling("a", reply(&[plain, flex, full]))]);
    let mut request = request();
    request.filters.refundable = true;
    let page = rig.service.search(&request).await.unwrap();
    let offer = offers(&page).remove(0);
    assert_eq!(offer.fare.price.total.amount, "600.00");
    assert_eq!(offer.alternatives.len(), 1);
    assert_eq!(offer.alternatives[0].fare_brand.as_deref(), Some("FULL"));
}

/// A way to the level behind on which a crowd stands.
struct Crowded;

#[async_trait]
impl SupersetCache for Crowded {
    async fn get(&self, _: &SearchKey, _: &[&str]) -> Option<Superset> {
        pending().await
    }

    async fn put(&self, _: &SearchKey, _: Superset, _: Duration, _: Option<&Lease>) {
        pending().await
    }
}

#[tokio::test]
async fn a_bookings_look_up_takes_another_way_than_the_crowd_of_searches() {
    let supplier = Scripted::selling("a", reply(&[direct("GA", 874, 8, 60_000)]));
    let rig = Rig::new([Arc::clone(&supplier)]);
    let page = rig.service.search(&request()).await.unwrap();
    let pricing = Pricing::new(Arc::new(rig.rules.clone()), rates());
    let parts = SearchParts::new(Arc::new(rig.fleet.clone()), pricing, Arc::new(Crowded), signer());
    let parts = SearchParts { clock: rig.clock.clock(), lookup_cache: Arc::clone(&rig.cache), ..parts };
    let other = SearchService::new(SearchConfig::default(), parts);
    let found = other.find_offer(&offers(&page)[0].fare.id).await.unwrap();
    assert_eq!((found.supplier.as_str(), supplier.calls()), ("a", 1));
}

#[tokio::test]
async fn an_offer_is_found_again_by_its_id_alone() {
    let supplier = Scripted::selling("a", reply(&[direct("GA", 874, 8, 60_000), direct("GA", 876, 9, 40_000)]));
    let rig = Rig::new([Arc::clone(&supplier)]);
    let page = rig.service.search(&request()).await.unwrap();
    let id = offers(&page)[1].fare.id.clone();
    assert!(id.len() < 400, "{}", id.len());
    let found = rig.service.find_offer(&id).await.unwrap();
    assert_eq!((found.supplier.as_str(), found.shown.units, found.priced.total.units), ("a", 60_000, 60_000));
    assert_eq!(found.reply.offers.len(), 1);
    assert_eq!(found.reply.offers[0].id, "offer-0");
    assert_eq!(found.reply.segments.len(), 1);
    assert_eq!(found.trip, request().trip);
    assert_eq!(supplier.calls(), 1);

    // Another node, nothing cached: the supplier is asked once, however many look.
    let node = Rig::new([Arc::clone(&supplier)]);
    let lookups = (0..20).map(|_| node.service.find_offer(&id));
    for found in futures::future::join_all(lookups).await {
        assert_eq!(found.unwrap().reply.offers[0].id, "offer-0");
    }
    assert_eq!(supplier.calls(), 2);
}

#[tokio::test]
async fn an_offer_that_is_sold_no_more_is_gone() {
    let supplier = Scripted::new("a", |call| async move {
        Ok(reply(&[if call == 0 { direct("GA", 874, 8, 60_000) } else { direct("GA", 1, 8, 60_000) }]))
    });
    let rig = Rig::new([Arc::clone(&supplier)]);
    let page = rig.service.search(&request()).await.unwrap();
    let id = offers(&page)[0].fare.id.clone();
    rig.clock.advance(20 * 60);
    assert!(matches!(rig.service.find_offer(&id).await, Err(OfferError::Gone)));
    assert_eq!(supplier.calls(), 2);
    // The supplier has just said so: it isn't asked again.
    assert!(matches!(rig.service.find_offer(&id).await, Err(OfferError::Gone)));
    assert_eq!(supplier.calls(), 2);
}

#[tokio::test]
async fn an_offer_whose_supplier_does_not_answer_may_still_be_there() {
    let supplier = Scripted::new("a", |call| async move {
        if call == 0 { Ok(reply(&[direct("GA", 874, 8, 60_000)])) } else { Err(fault(Disposition::Rejected)) }
    });
    let rig = Rig::new([supplier]);
    let page = rig.service.search(&request()).await.unwrap();
    let id = offers(&page)[0].fare.id.clone();
    rig.clock.advance(20 * 60);
    let unavailable = rig.service.find_offer(&id).await.unwrap_err();
    assert!(matches!(unavailable, OfferError::Unavailable { status: Some(_), .. }), "{unavailable}");
}

#[tokio::test]
async fn ids_that_are_old_damaged_or_forged_are_told_apart() {
    let rig = Rig::new([Scripted::selling("a", reply(&[direct("GA", 874, 8, 60_000)]))]);
    let page = rig.service.search(&request()).await.unwrap();
    let id = offers(&page)[0].fare.id.clone();
    assert!(matches!(rig.service.find_offer("no offer id").await, Err(OfferError::Malformed)));
    assert!(matches!(rig.service.find_offer("").await, Err(OfferError::Malformed)));
    let at = id.len() / 2;
    let other = if id.as_bytes()[at] == b'A' { 'B' } else { 'A' };
    let forged = format!("{}{other}{}", &id[..at], &id[at + 1..]);
    assert!(matches!(rig.service.find_offer(&forged).await, Err(OfferError::Forged)));
    rig.clock.advance(30 * 60);
    assert!(rig.service.find_offer(&id).await.is_ok());
    rig.clock.advance(16 * 60);
    assert!(matches!(rig.service.find_offer(&id).await, Err(OfferError::Expired)));
}

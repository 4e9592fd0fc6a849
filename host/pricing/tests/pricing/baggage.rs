use crate::offers::{context, now, offer, pricing, reply, trip};
use interline_domain::offer::{BagKind, Baggage, Offer, SupplierReply};
use interline_domain::table::OfferTable;
use interline_native_rules::Loaded;
use interline_pricing::{BaggageAllowance, BaggageSource, PricingInput};
use std::collections::HashSet;

async fn baggage(rules: Loaded, offer: Offer) -> Vec<BaggageAllowance> {
    let pricing = pricing(rules);
    let (trip, table) = (trip(), reply(vec![offer]).into());
    let input = PricingInput { trip: &trip, replies: vec![("one", &table)] };
    let priced = pricing.price(&input, &context(&pricing, "USD"), now()).await.unwrap();
    priced.offers().remove(0).unwrap().baggage
}

fn stated(passenger: u8, segment: u32, kind: BagKind, pieces: u8) -> Baggage {
    Baggage { passenger, segment, kind, pieces: Some(pieces), weight_kg: None }
}

#[tokio::test]
async fn rules_fill_in_what_the_supplier_did_not_say() {
    let all = baggage(Loaded::native(), offer("a", "USD", 60_000, 100)).await;
    // Three passengers on two segments, in the hold and in the cabin.
    assert_eq!(all.len(), 12);
    let checked = |passenger| {
        let one = all.iter().find(|one| one.passenger == passenger && one.kind == BagKind::Checked).unwrap();
        (one.pieces, one.weight_kg)
    };
    assert_eq!(checked(0), (Some(1), Some(23)));
    assert_eq!(checked(2), (Some(1), Some(10)), "an infant has less");
    let rule = BaggageSource::Rule { rule_set: "baggage".into(), rule: "economy".into() };
    assert_eq!(all[0].source, rule);
}

#[tokio::test]
async fn the_suppliers_word_stays() {
    let mut offer = offer("a", "USD", 60_000, 100);
    offer.baggage =
        vec![stated(0, 0, BagKind::Checked, 2), stated(0, 0, BagKind::Checked, 9), stated(1, 0, BagKind::CarryOn, 0)];
    let all = baggage(Loaded::native(), offer).await;
    assert_eq!(all.len(), 12);
    let by_supplier: Vec<_> = all.iter().filter(|one| one.source == BaggageSource::Supplier).collect();
    assert_eq!(by_supplier.len(), 2);
    assert_eq!((by_supplier[0].kind, by_supplier[0].pieces), (BagKind::Checked, Some(2)));
    assert_eq!((by_supplier[1].kind, by_supplier[1].pieces), (BagKind::CarryOn, Some(0)));
}

#[tokio::test]
async fn a_statement_about_nobody_or_no_flight_of_the_offer_is_passed_over() {
    let mut offer = offer("a", "USD", 60_000, 100);
    offer.baggage = vec![stated(9, 0, BagKind::Checked, 2), stated(0, 5, BagKind::Checked, 2)];
    let all = baggage(Loaded::native(), offer).await;
    assert!(all.iter().all(|one| one.source != BaggageSource::Supplier));
}

#[tokio::test]
async fn without_baggage_rules_the_unknown_stays_unknown() {
    let mut offer = offer("a", "USD", 60_000, 100);
    offer.baggage = vec![stated(0, 0, BagKind::Checked, 2)];
    let all = baggage(Loaded { baggage: None, ..Loaded::native() }, offer).await;
    assert_eq!(all.len(), 1);
}

/// Offers differ in carrier, fare family, flights, statements and currency, and share what they can: what one is told must not
/// be another's.
#[tokio::test]
async fn offers_priced_together_are_priced_as_each_alone() {
    let pricing = pricing(Loaded::native());
    let (trip, context) = (trip(), context(&pricing, "USD"));
    let statements = [vec![], vec![stated(0, 0, BagKind::Checked, 2)], vec![stated(1, 1, BagKind::CarryOn, 0)]];
    let mut offers = Vec::new();
    for (index, (owner, brand)) in
        ["NH", "GA"].into_iter().flat_map(|owner| ["Light", "Flex"].map(|brand| (owner, brand))).enumerate()
    {
        for (at, baggage) in statements.iter().enumerate() {
            for flown in [[0, 1], [1, 0]] {
                // XOF has no rate: such an offer has no price, and takes nobody else's.
                let currency = if index == at { "XOF" } else { "USD" };
                let mut offer = offer(&offers.len().to_string(), currency, 60_000 + offers.len() as i64, 100);
                (offer.owner, offer.baggage) = (owner.into(), baggage.clone());
                for (slice, segment) in offer.slices.iter_mut().zip(flown) {
                    (slice.fare_brand, slice.segments[0].segment) = (Some(brand.into()), segment);
                }
                offers.push(offer);
            }
        }
    }
    // Another reply's segments have the same places, and other flights.
    let mut other = reply(offers.iter().rev().cloned().collect());
    other.segments.swap(0, 1);
    other.segments[0].marketing_carrier = "GA".into();
    let replies = [reply(offers), other];
    let tables: Vec<OfferTable> = replies.iter().cloned().map(OfferTable::from).collect();
    let input = PricingInput { trip: &trip, replies: tables.iter().map(|table| ("one", table)).collect() };
    let together = pricing.price(&input, &context, now()).await.unwrap().offers();
    let mut alone = Vec::new();
    for reply in &replies {
        for offer in &reply.offers {
            let table = SupplierReply { offers: vec![offer.clone()], ..reply.clone() }.into();
            let input = PricingInput { trip: &trip, replies: vec![("one", &table)] };
            alone.extend(pricing.price(&input, &context, now()).await.unwrap().offers());
        }
    }
    assert_eq!(together, alone);
    let different: HashSet<_> = alone.iter().flatten().map(|offer| format!("{:?}", offer.baggage)).collect();
    assert!(different.len() > 5, "{}", different.len());
}

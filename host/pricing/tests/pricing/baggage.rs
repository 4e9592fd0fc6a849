use crate::offers::{context, now, offer, pricing, reply, trip};
use interline_domain::offer::{BagKind, Baggage, Offer};
use interline_native_rules::Loaded;
use interline_pricing::{BaggageAllowance, BaggageSource, PricingInput};

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

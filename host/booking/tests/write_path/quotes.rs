use crate::rules::FEE;
use crate::supplier::{Call, Script};
use crate::world::{NET, World, eur};
use interline_booking::{MIGRATOR, OfferLookupError, Verified, VerifyError, VerifyRequest};
use interline_domain::fault::Disposition;
use sqlx::PgPool;

async fn quotes(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM quotes").fetch_one(pool).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_confirmed_offer_makes_a_quote_that_explains_itself_to_us_alone(pool: PgPool) {
    let world = World::new(pool).await;
    let quote = world.quote().await;
    assert_eq!(quote.total.units, NET + FEE);
    assert!(quote.documents_required);
    assert_eq!(quote.passengers, ["adult", "adult"]);
    assert_eq!(quote.cancellation.len(), 1);
    let shown = serde_json::to_string(&quote).unwrap();
    assert!(!shown.contains("plain") && !shown.contains(&NET.to_string()), "{shown}");
    let trace: serde_json::Value =
        sqlx::query_scalar("SELECT priced FROM quotes").fetch_one(&world.pool).await.unwrap();
    assert_eq!(trace["trace"]["lines"][0]["rule"], "plain");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_changed_price_makes_a_quote_only_when_it_is_accepted(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.with(|books| books.reply.offers[0].total = eur(NET + 1_000));
    world.supplier.with(|books| books.reply.offers[0].fares[0].total = eur(NET / 2 + 500));
    world.supplier.with(|books| books.reply.offers[0].fares[0].base = eur(NET / 2 - 5_000 + 500));
    world.supplier.with(|books| books.reply.offers[0].base = eur(NET - 10_000 + 1_000));
    let request = world.verify_request();
    let Verified::PriceChanged { old, new } = world.service.verify(&request).await.unwrap() else { panic!() };
    assert_eq!((old.units, new.units), (NET + FEE, NET + 1_000 + FEE));
    assert_eq!(quotes(&world.pool).await, 0);

    let wrong = VerifyRequest { accept: Some(eur(NET + FEE + 1)), ..request.clone() };
    assert!(matches!(world.service.verify(&wrong).await.unwrap(), Verified::PriceChanged { .. }));
    let right = VerifyRequest { accept: Some(eur(new.units)), ..request };
    let Verified::Confirmed { quote } = world.service.verify(&right).await.unwrap() else { panic!() };
    assert_eq!(quote.total, new);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn other_flights_are_no_quote_whatever_they_cost(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.with(|books| books.reply.segments[0].marketing_flight_number = "206".into());
    let Verified::ChangedInSubstance { changes, .. } = world.service.verify(&world.verify_request()).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(changes[0].kind, "segments");
    assert_eq!(quotes(&world.pool).await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_refusal_of_the_supplier_has_its_answer(pool: PgPool) {
    let world = World::new(pool).await;
    let retry = Disposition::RetryAfter { delay: std::time::Duration::from_secs(9) };
    let refusals =
        [Disposition::SoldOut, Disposition::OfferExpired, retry, Disposition::OutcomeUnknown, Disposition::Rejected];
    world.supplier.script(Call::Price, refusals.map(Script::Refuse));
    let request = world.verify_request();
    assert!(matches!(world.service.verify(&request).await, Err(VerifyError::SoldOut)));
    assert!(matches!(world.service.verify(&request).await, Err(VerifyError::OfferExpired)));
    let Err(VerifyError::Unknown { retry_after }) = world.service.verify(&request).await else { panic!() };
    assert_eq!(retry_after.as_secs(), 9);
    assert!(matches!(world.service.verify(&request).await, Err(VerifyError::Unknown { .. })));
    assert!(matches!(world.service.verify(&request).await, Err(VerifyError::Refused(_))));
    for (id, why) in
        [("gone", OfferLookupError::Gone), ("old", OfferLookupError::Expired), ("x", OfferLookupError::Unknown)]
    {
        let request = VerifyRequest { offer_id: id.into(), ..request.clone() };
        let Err(VerifyError::Offer(told)) = world.service.verify(&request).await else { panic!() };
        assert_eq!(told, why);
    }
}

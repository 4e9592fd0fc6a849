use crate::provider::payment;
use crate::rules::FEE;
use crate::world::{NET, World, eur};
use bytes::Bytes;
use futures::future::join_all;
use interline_booking::{MIGRATOR, ReceiveError};
use interline_domain::booking::Status;
use interline_domain::payment::PaymentStatus;
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_webhook_five_times_at_once_moves_money_once(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    let id = world.provider.charge(payment.id).told.id;
    world.provider.confirm(&id);
    for answer in join_all((0..5).map(|_| world.webhook("event", &id))).await {
        answer.unwrap();
    }
    // And five different events that tell the same.
    let events: Vec<_> = (0..5).map(|n| format!("event-{n}")).collect();
    for answer in join_all(events.iter().map(|event| world.webhook(event, &id))).await {
        answer.unwrap();
    }
    assert_eq!(world.balance(booking.id).await, NET + FEE);
    assert_eq!(world.jobs().await.len(), 1);
    assert_eq!(world.read(booking.id).await.status, Status::PendingTicket);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_webhook_may_come_before_the_answer_that_made_its_payment(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    let id = world.provider.charge(payment.id).told.id;
    // As it stood while the provider's answer was on its way.
    sqlx::query("UPDATE payments SET status = 'creating', external_id = NULL").execute(&world.pool).await.unwrap();
    world.provider.confirm(&id);
    world.webhook("early", &id).await.unwrap();
    assert_eq!(world.read(booking.id).await.status, Status::PendingTicket);
    assert_eq!(world.balance(booking.id).await, NET + FEE);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_late_word_of_an_earlier_state_changes_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    let id = world.provider.with(|accounts| accounts.charges[0].told.id.clone());
    for status in [PaymentStatus::Pending, PaymentStatus::Processing, PaymentStatus::Failed, PaymentStatus::Cancelled] {
        world.provider.with(|accounts| accounts.charges[0].told.status = status);
        world.webhook(&format!("{status:?}"), &id).await.unwrap();
    }
    assert_eq!(world.read(booking.id).await.payment.unwrap().status, "succeeded");
    assert_eq!(world.balance(booking.id).await, NET + FEE);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_forged_webhook_is_refused_and_moves_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    let id = world.provider.charge(payment.id).told.id;
    world.provider.confirm(&id);
    let forged = world.service.receive_webhook("pay", vec![], world.provider.event("event", &id)).await;
    assert!(matches!(forged, Err(ReceiveError::Forged)));
    let signed = vec![("signature".to_owned(), "good".to_owned())];
    let malformed = world.service.receive_webhook("pay", signed.clone(), Bytes::from_static(b"?")).await;
    assert!(matches!(malformed, Err(ReceiveError::Malformed)));
    let nobody = world.service.receive_webhook("nobody", signed, Bytes::new()).await;
    assert!(matches!(nobody, Err(ReceiveError::UnknownProvider(_))));
    assert_eq!(world.read(booking.id).await.status, Status::PendingPayment);
    assert_eq!(world.balance(booking.id).await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_second_success_goes_back_by_itself_and_the_booking_goes_on(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    // The provider has made two payments under one reference, and both were paid.
    let twin = world.provider.with(|accounts| {
        let mut twin = accounts.charges[0].clone();
        twin.told.id = "pay-twin".into();
        accounts.charges.push(twin);
        "pay-twin"
    });
    world.webhook("second", twin).await.unwrap();
    world.work().await;
    let after = world.read(booking.id).await;
    assert_eq!(after.status, Status::Ticketed);
    assert_eq!(after.refunds.len(), 1);
    assert_eq!(world.balance(booking.id).await, NET + FEE);
    let refunded = world.provider.refunds(booking.id);
    assert_eq!(refunded.iter().map(|refund| refund.payment.as_str()).collect::<Vec<_>>(), ["pay-twin"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_amount_than_asked_for_is_for_a_person(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let begun = world.begin_payment(booking.id).await;
    let id = world.provider.charge(begun.id).told.id;
    world.provider.with(|accounts| {
        let told = &mut accounts.charges[0].told;
        *told = interline_domain::payment::ProviderPayment {
            booking_id: told.booking_id.clone(),
            payment_id: told.payment_id.clone(),
            ..payment(&id, PaymentStatus::Succeeded, eur(100))
        };
    });
    world.webhook("short", &id).await.unwrap();
    world.work().await;
    assert_eq!(world.read(booking.id).await.status, Status::NeedsAttention);
    assert_eq!(world.service.needing_attention(10).await.unwrap().len(), 1);
    assert_eq!(world.service.alerts(10).await.unwrap()[0].kind, "wrong-amount");
    assert!(world.supplier.alive().is_empty());
}

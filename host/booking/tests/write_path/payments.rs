use crate::provider::Ask;
use crate::rules::FEE;
use crate::supplier::Script;
use crate::world::{NET, World, key};
use interline_booking::{Answered, BookingError, Decision, MIGRATOR, NewPayment};
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use interline_domain::payment::PaymentStatus;
use sqlx::PgPool;
use uuid::Uuid;

async fn unpaid_for_too_long(world: &World, booking: Uuid) {
    sqlx::query("UPDATE bookings SET pay_by = now() - interval '1 second', version = version + 1 WHERE id = $1")
        .bind(booking)
        .execute(&world.pool)
        .await
        .unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_lost_answer_to_a_payments_creation_is_asked_for_again_under_the_same_reference(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    world.provider.script(Ask::Create, [Script::LoseAnswer, Script::LoseRequest]);
    let same = key();
    let new = || NewPayment { provider: "pay".into() };
    for _ in 0..2 {
        let lost = world.service.create_payment(world.caller, booking.id, new(), same.clone()).await;
        assert!(matches!(lost, Err(BookingError::Unavailable { .. })), "{lost:?}");
    }
    let payment = world.service.create_payment(world.caller, booking.id, new(), same.clone()).await.unwrap();
    assert!(payment.body.client_secret.is_some() && !payment.replayed);
    let again = world.service.create_payment(world.caller, booking.id, new(), same).await.unwrap();
    assert_eq!(again, Answered { body: payment.body, replayed: true });
    assert_eq!(world.provider.with(|accounts| accounts.charges.len()), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_payment_leaves_room_for_another(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    world.provider.script(Ask::Create, [Script::Refuse(Disposition::Rejected)]);
    let new = NewPayment { provider: "pay".into() };
    let refused = world.service.create_payment(world.caller, booking.id, new, key()).await;
    assert!(matches!(refused, Err(BookingError::Refused(_))));
    world.begin_payment(booking.id).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_provider_takes_over_only_once_the_first_has_let_go(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let first = world.begin_payment(booking.id).await;
    let other = || NewPayment { provider: "other".into() };
    world.provider.script(Ask::Cancel, [Script::LoseRequest]);
    let held = world.service.create_payment(world.caller, booking.id, other(), key()).await;
    assert!(matches!(held, Err(BookingError::PaymentUnderWay)), "{held:?}");
    world.service.create_payment(world.caller, booking.id, other(), key()).await.unwrap();
    assert_eq!(world.provider.charge(first.id).told.status, PaymentStatus::Cancelled);
    assert_eq!(world.other_provider.with(|accounts| accounts.charges.len()), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_webhook_that_never_comes_loses_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    world.provider.confirm(&world.provider.charge(payment.id).told.id);
    sqlx::query("UPDATE payments SET next_check_at = now()").execute(&world.pool).await.unwrap();
    world.worker().sweep().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_unpaid_booking_expires_and_its_payment_with_it(pool: PgPool) {
    let world = World::new(pool).await;
    let (bare, begun) = (world.booking().await, world.booking().await);
    let payment = world.begin_payment(begun.id).await;
    for booking in [&bare, &begun] {
        unpaid_for_too_long(&world, booking.id).await;
    }
    let new = NewPayment { provider: "pay".into() };
    let late = world.service.create_payment(world.caller, bare.id, new, key()).await;
    assert!(matches!(late, Err(BookingError::WrongStatus(Status::Expired))));
    world.worker().sweep().await;
    for booking in [&bare, &begun] {
        assert_eq!(world.read(booking.id).await.status, Status::Expired);
    }
    assert_eq!(world.provider.charge(payment.id).told.status, PaymentStatus::Cancelled);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_payment_that_succeeds_while_its_booking_expires_is_not_lost(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    unpaid_for_too_long(&world, booking.id).await;
    world.provider.confirm(&world.provider.charge(payment.id).told.id);
    let id = world.provider.charge(payment.id).told.id;
    // The sweep and the webhook at once, a few of each.
    let (first, second) = (world.worker(), world.worker());
    let (_, _, one, two) =
        tokio::join!(first.sweep(), second.sweep(), world.webhook("a", &id), world.webhook("b", &id));
    one.unwrap();
    two.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_success_on_an_expired_booking_goes_back_by_itself(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    unpaid_for_too_long(&world, booking.id).await;
    world.worker().sweep().await;
    assert_eq!(world.read(booking.id).await.status, Status::Expired);
    world.pay(payment.id).await;
    assert_eq!(world.read(booking.id).await.status, Status::RefundPending);
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Refunded);
    assert!(world.supplier.alive().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refund_that_takes_its_time_is_followed_to_its_end_by_look_up_or_webhook(pool: PgPool) {
    let world = World::new(pool).await;
    world.provider.with(|accounts| accounts.slow_refunds = true);
    world.provider.script(Ask::Refund, [Script::LoseAnswer, Script::Refuse(Disposition::OutcomeUnknown)]);
    world.supplier.script(crate::supplier::Call::Create, [Script::Refuse(Disposition::SoldOut)]);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.read(booking.id).await.status, Status::RefundPending);
    assert_eq!(world.balance(booking.id).await, NET + FEE);
    let refund = world.provider.with(|accounts| {
        let refund = &mut accounts.charges[0].refunds[0].1;
        refund.status = interline_domain::payment::RefundStatus::Succeeded;
        refund.id.clone()
    });
    world.webhook("refunded", &refund).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Refunded);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refund_that_failed_is_asked_for_anew_when_a_person_says_so(pool: PgPool) {
    let world = World::new(pool).await;
    world.provider.with(|accounts| accounts.slow_refunds = true);
    world.supplier.script(crate::supplier::Call::Create, [Script::Refuse(Disposition::SoldOut)]);
    let booking = world.paid().await;
    world.worker().drain().await.unwrap();
    let refund = world.provider.with(|accounts| {
        accounts.slow_refunds = false;
        let (reference, mut refund) = accounts.charges[0].refunds.remove(0);
        refund.status = interline_domain::payment::RefundStatus::Failed;
        let id = refund.id.clone();
        // The provider keeps what failed in its books, and gives nothing back.
        accounts.charges.push(crate::provider::Charge {
            reference: "failed".into(),
            told: crate::provider::payment("none", PaymentStatus::Cancelled, refund.amount),
            refunds: vec![(reference, refund)],
        });
        id
    });
    world.webhook("failed", &refund).await.unwrap();
    assert_eq!(world.read(booking.id).await.status, Status::NeedsAttention);
    world.service.decide(booking.id, Decision::GiveBack).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Refunded);
}

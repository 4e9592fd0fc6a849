use crate::provider::Ask;
use crate::rules::FEE;
use crate::supplier::{Call, Script};
use crate::world::{NET, World, key};
use futures::future::join_all;
use interline_booking::{Answered, BookingError, Decision, MIGRATOR};
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use interline_domain::payment::{PaymentStatus, RefundStatus};
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn cancelling_twenty_times_at_once_cancels_once(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    let same = key();
    let asking = (0..20).map(|n| {
        let key = if n % 2 == 0 { same.clone() } else { key() };
        world.service.cancel(world.caller, booking.id, quote.id, key)
    });
    let answers = join_all(asking).await;
    assert!(answers.iter().any(Result::is_ok));
    world.work().await;
    assert_eq!(world.read(booking.id).await.status, Status::Refunded);
    assert_eq!(world.provider.refunds(booking.id).len(), 1);
    assert_eq!(world.supplier.count(Call::Cancel), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_supplier_that_takes_its_promise_back_leaves_the_booking_ticketed(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    world.supplier.with(|books| books.gives_back = 50);
    world.service.cancel(world.caller, booking.id, quote.id, key()).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.service.alerts(10).await.unwrap()[0].kind, "cancellation-refused");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_cancellation_whose_answer_was_lost_is_found_or_made_again(pool: PgPool) {
    for script in [Script::LoseAnswer, Script::LoseRequest] {
        let world = World::new(pool.clone()).await;
        let booking = world.paid().await;
        world.work().await;
        world.supplier.script(Call::Cancel, [script]);
        let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
        world.service.cancel(world.caller, booking.id, quote.id, key()).await.unwrap();
        world.work().await;
        assert_eq!(world.read(booking.id).await.status, Status::Refunded);
        assert_eq!(world.supplier.with(|books| books.orders[0].cancelled), 1);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_cancellation_leaves_the_booking_ticketed(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    world.supplier.script(Call::Cancel, [Script::Refuse(Disposition::Rejected)]);
    world.service.cancel(world.caller, booking.id, quote.id, key()).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_unpaid_booking_is_cancelled_with_its_payment(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    assert_eq!(quote.refund.units, 0);
    let same = key();
    let cancelled = world.service.cancel(world.caller, booking.id, quote.id, same.clone()).await.unwrap();
    assert_eq!((cancelled.body.status, cancelled.replayed), (Status::Cancelled, false));
    let again = world.service.cancel(world.caller, booking.id, quote.id, same).await.unwrap();
    assert_eq!(again, Answered { body: cancelled.body, replayed: true });
    assert_eq!(world.provider.charge(payment.id).told.status, PaymentStatus::Cancelled);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_cancellation_that_crosses_the_payment_does_not_lose_it(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let payment = world.begin_payment(booking.id).await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    world.provider.confirm(&world.provider.charge(payment.id).told.id);
    let refused = world.service.cancel(world.caller, booking.id, quote.id, key()).await;
    assert!(matches!(refused, Err(BookingError::WrongStatus(Status::PendingTicket))), "{refused:?}");
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.balance(booking.id).await, NET + FEE);
}

/// Ticketed, then cancelled by the traveller, of whose money a part is to go back; what happens then is scripted.
async fn cancelled(world: &World) -> (uuid::Uuid, i64) {
    let booking = world.paid().await;
    world.work().await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    assert!(quote.penalty.units > 0 && quote.refund.units > 0, "{quote:?}");
    world.service.cancel(world.caller, booking.id, quote.id, key()).await.unwrap();
    (booking.id, quote.refund.units)
}

/// The provider tells how the refund that took its time has ended; later ones take none.
async fn the_refund_ends(world: &World, status: RefundStatus) {
    let id = world.provider.with(|accounts| {
        accounts.slow_refunds = false;
        let told = &mut accounts.charges[0].refunds[0].1;
        told.status = status;
        told.id.clone()
    });
    world.webhook("ended", &id).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_cancellation_whose_refund_failed_gives_back_what_was_quoted_and_no_more(pool: PgPool) {
    let world = World::new(pool).await;
    world.provider.with(|accounts| accounts.slow_refunds = true);
    let (booking, refund) = cancelled(&world).await;
    world.worker().drain().await.unwrap();
    the_refund_ends(&world, RefundStatus::Failed).await;
    assert_eq!(world.read(booking).await.status, Status::NeedsAttention);
    let ticketing = world.service.decide(booking, Decision::TryAgain).await;
    assert!(matches!(ticketing, Err(BookingError::MoneyGoesBack)), "{ticketing:?}");
    world.service.decide(booking, Decision::GiveBack).await.unwrap();
    world.work().await;
    assert_eq!(world.read(booking).await.status, Status::Refunded);
    assert_eq!(world.balance(booking).await, NET + FEE - refund);
    assert!(world.service.alerts(10).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refund_that_was_refused_is_asked_for_again_once_by_the_same_reference(pool: PgPool) {
    let world = World::new(pool).await;
    world.provider.script(Ask::Refund, [Script::Refuse(Disposition::Rejected)]);
    let (booking, refund) = cancelled(&world).await;
    world.work().await;
    assert_eq!(world.read(booking).await.status, Status::NeedsAttention);
    assert_eq!(world.service.dead_letters(10).await.unwrap().len(), 1);
    world.service.decide(booking, Decision::GiveBack).await.unwrap();
    world.work().await;
    assert_eq!(world.read(booking).await.status, Status::Refunded);
    assert_eq!(world.balance(booking).await, NET + FEE - refund);
    assert_eq!(world.provider.refunds(booking).len(), 1);
    assert!(world.service.dead_letters(10).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_cancellation_that_a_person_decides_goes_on_as_one(pool: PgPool) {
    for decision in [Decision::TryAgain, Decision::GiveBack] {
        let world = World::new(pool.clone()).await;
        let (booking, refund) = cancelled(&world).await;
        wait_for_a_person(&world, booking).await;
        world.service.decide(booking, decision).await.unwrap();
        world.work().await;
        assert_eq!(world.read(booking).await.status, Status::Refunded);
        assert_eq!(world.balance(booking).await, NET + FEE - refund);
        assert_eq!(world.supplier.count(Call::Cancel), 1);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_alert_that_a_person_dealt_with_is_settled_once(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(Call::Cancel, [Script::Refuse(Disposition::Rejected)]);
    cancelled(&world).await;
    world.work().await;
    let alert = world.service.alerts(10).await.unwrap().remove(0);
    assert_eq!(alert.kind, "cancellation-refused");
    world.service.settle_alert(alert.id).await.unwrap();
    assert!(world.service.alerts(10).await.unwrap().is_empty());
    assert!(matches!(world.service.settle_alert(alert.id).await, Err(BookingError::NotFound(_))));
}

/// As the row of a booking stands when a person was called, whatever for.
async fn wait_for_a_person(world: &World, booking: uuid::Uuid) {
    let waits = "UPDATE bookings SET status = 'NEEDS_ATTENTION', version = version + 1 WHERE id = $1";
    sqlx::query(waits).bind(booking).execute(&world.pool).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refund_that_succeeds_after_a_person_was_called_ends_the_booking(pool: PgPool) {
    let world = World::new(pool).await;
    world.provider.with(|accounts| accounts.slow_refunds = true);
    let (booking, refund) = cancelled(&world).await;
    world.worker().drain().await.unwrap();
    wait_for_a_person(&world, booking).await;
    the_refund_ends(&world, RefundStatus::Succeeded).await;
    assert_eq!(world.read(booking).await.status, Status::Refunded);
    assert_eq!(world.balance(booking).await, NET + FEE - refund);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dead_letter_of_before_does_not_turn_a_cancellation_into_a_refund_of_all(pool: PgPool) {
    let world = World::new(pool).await;
    let (booking, refund) = cancelled(&world).await;
    let letter: uuid::Uuid =
        sqlx::query_scalar("UPDATE jobs SET state = 'dead' WHERE booking_id = $1 AND kind = 'ticketing' RETURNING id")
            .bind(booking)
            .fetch_one(&world.pool)
            .await
            .unwrap();
    wait_for_a_person(&world, booking).await;
    let replayed = world.service.replay(letter).await;
    assert!(matches!(replayed, Err(BookingError::MoneyGoesBack)), "{replayed:?}");
    world.service.decide(booking, Decision::GiveBack).await.unwrap();
    assert!(world.service.dead_letters(10).await.unwrap().is_empty());
    world.work().await;
    assert_eq!(world.read(booking).await.status, Status::Refunded);
    assert_eq!(world.balance(booking).await, NET + FEE - refund);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_second_payments_refund_that_stopped_goes_on_while_the_booking_stays_ticketed(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    let nothing = world.service.decide(booking.id, Decision::GiveBack).await;
    assert!(matches!(nothing, Err(BookingError::WrongStatus(Status::Ticketed))), "{nothing:?}");
    let second: uuid::Uuid = sqlx::query_scalar(
        "INSERT INTO payments (id, booking_id, provider, client_reference, external_id, status, amount, currency, paid,
                               paid_currency)
         SELECT gen_random_uuid(), booking_id, provider, gen_random_uuid()::text, 'second', 'succeeded', amount, currency,
                paid, paid_currency
         FROM payments WHERE booking_id = $1 RETURNING id",
    )
    .bind(booking.id)
    .fetch_one(&world.pool)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO refunds (id, booking_id, payment_id, reason, client_reference, amount, currency, status)
         SELECT gen_random_uuid(), booking_id, id, 'second-success', 'failed once', paid, paid_currency, 'failed'
         FROM payments WHERE id = $1",
    )
    .bind(second)
    .execute(&world.pool)
    .await
    .unwrap();
    world.service.decide(booking.id, Decision::GiveBack).await.unwrap();
    let asked: (String, i64) = sqlx::query_as(
        "SELECT refunds.status, count(jobs.id) FROM refunds JOIN jobs ON subject = refunds.id AND state = 'ready'
         WHERE payment_id = $1 AND refunds.client_reference <> 'failed once' GROUP BY refunds.status",
    )
    .bind(second)
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert_eq!(asked, ("requested".to_owned(), 1));
    assert_eq!(world.read(booking.id).await.status, Status::Ticketed);
}

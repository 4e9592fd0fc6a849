use crate::supplier::{Call, Script};
use crate::world::{NET, World, eur};
use interline_booking::{Decision, MIGRATOR};
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use interline_domain::order::OrderStatus;
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrator = "MIGRATOR")]
async fn sold_out_after_payment_gives_the_money_back_once(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(Call::Create, [Script::Refuse(Disposition::SoldOut)]);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Refunded);
    assert_eq!(world.mails(), [format!("refunded.{}.eml", booking.id)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_order_whose_answer_was_lost_is_found_and_not_made_again(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(Call::Create, [Script::LoseAnswer]);
    world.supplier.script(Call::Issue, [Script::LoseAnswer]);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.supplier.count(Call::Create), 1);
    assert_eq!(world.supplier.count(Call::Issue), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_order_that_is_proven_absent_is_made_again_under_the_same_reference(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(Call::Create, [Script::LoseRequest]);
    world.supplier.script(Call::Issue, [Script::LoseRequest]);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.supplier.count(Call::Create), 2);
    let references: i64 =
        sqlx::query_scalar("SELECT count(DISTINCT client_reference) FROM attempts WHERE operation = 'create'")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    assert_eq!(references, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn absence_is_not_believed_while_the_call_may_be_on_its_way(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(Call::Create, [Script::LoseRequest]);
    let booking = world.paid().await;
    world.worker().drain().await.unwrap();
    assert_eq!(world.supplier.count(Call::Find), 1);
    assert_eq!(world.supplier.count(Call::Create), 1, "asked, absent, and not made again yet");
    // The request arrives late after all.
    let id = world.supplier.with(|books| {
        let mut late = crate::supplier::Made {
            reference: String::new(),
            id: "late".into(),
            status: OrderStatus::Held,
            travellers: 2,
            total: eur(NET),
            issued: 0,
            cancelled: 0,
        };
        late.reference = "late".into();
        books.orders.push(late);
        books.orders.len() - 1
    });
    let reference: String =
        sqlx::query_scalar("SELECT create_reference FROM booking_items").fetch_one(&world.pool).await.unwrap();
    world.supplier.with(|books| books.orders[id].reference = reference);
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.supplier.count(Call::Create), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_cannot_be_told_is_for_a_person_and_the_look_ups_go_on(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.with(|books| books.can_find = false);
    world.supplier.script(Call::Create, [Script::LoseAnswer]);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::NeedsAttention);
    assert_eq!(world.supplier.count(Call::Create), 1, "never made again");
    let cases = world.service.needing_attention(10).await.unwrap();
    assert_eq!((cases[0].booking_id, cases[0].supplier.as_str()), (booking.id, "one"));
    assert_eq!(world.service.alerts(10).await.unwrap().len(), 1);
    let looked = world.supplier.count(Call::Find);
    assert!(looked > 3);

    world.supplier.with(|books| books.can_find = true);
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert!(world.service.alerts(10).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_small_price_rise_is_absorbed_and_a_large_one_refunded(pool: PgPool) {
    for (rise, end) in [(NET / 50, Status::Ticketed), (NET / 50 + 1, Status::Refunded)] {
        let world = World::new(pool.clone()).await;
        let booking = world.paid().await;
        world.supplier.with(|books| books.reply.offers[0].total = eur(NET + rise));
        world.work().await;
        assert_eq!(world.assert_at_its_end(booking.id).await, end, "{rise}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_price_that_changes_at_ticketing_cancels_what_was_held(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(
        Call::Issue,
        [
            Script::Refuse(Disposition::PriceChanged { total: Some(eur(NET + 100)) }),
            Script::Refuse(Disposition::PriceChanged { total: Some(eur(NET * 2)) }),
        ],
    );
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Refunded);
    assert_eq!(world.supplier.count(Call::Cancel), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_supplier_that_asks_for_patience_gets_it(pool: PgPool) {
    let world = World::new(pool).await;
    let patience = || Script::Refuse(Disposition::RetryAfter { delay: Duration::from_secs(5) });
    world.supplier.script(Call::Create, [patience(), patience()]);
    world.supplier.script(Call::Issue, [patience(), Script::Refuse(Disposition::NotAuthorised)]);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn past_the_ticketing_limit_the_money_goes_back_once_the_outcome_is_known(pool: PgPool) {
    let world = World::new(pool).await;
    let over = "UPDATE booking_items SET ticketing_deadline = now() - interval '1 second'";
    // Never made.
    let first = world.paid().await;
    sqlx::query(over).execute(&world.pool).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(first.id).await, Status::Refunded);
    assert_eq!(world.supplier.count(Call::Create), 0);
    // Made, the answer lost: found, cancelled, refunded.
    world.supplier.script(Call::Create, [Script::LoseAnswer]);
    world.supplier.script(Call::Find, [Script::Refuse(Disposition::OutcomeUnknown)]);
    let second = world.paid().await;
    world.worker().drain().await.unwrap();
    sqlx::query(over).execute(&world.pool).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(second.id).await, Status::Refunded);
    assert_eq!(world.supplier.count(Call::Cancel), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_held_order_that_cannot_be_cancelled_is_for_a_person(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.script(Call::Issue, [Script::Refuse(Disposition::Rejected)]);
    world.supplier.script(Call::Cancel, [Script::LoseAnswer]);
    let found = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(found.id).await, Status::Refunded, "a lost answer is looked up");

    world.supplier.script(Call::Issue, [Script::Refuse(Disposition::Rejected)]);
    world.supplier.script(Call::Cancel, [Script::Refuse(Disposition::Rejected)]);
    let stuck = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(stuck.id).await, Status::NeedsAttention);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dead_job_is_seen_and_replayed(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    // A row that makes no sense: a failure of ours, at every try.
    let spoil = "UPDATE booking_items SET order_id = 'x', order_status = $1";
    sqlx::query(spoil).bind("nonsense").execute(&world.pool).await.unwrap();
    world.work().await;
    let dead = world.service.dead_letters(10).await.unwrap();
    assert_eq!(dead.len(), 1, "{:?}", world.jobs().await);
    assert_eq!(world.read(booking.id).await.status, Status::NeedsAttention);
    sqlx::query("UPDATE booking_items SET order_id = NULL, order_status = NULL").execute(&world.pool).await.unwrap();
    world.service.replay(dead[0].job_id).await.unwrap();
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_person_decides_what_cannot_be_told(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.with(|books| books.can_find = false);
    for (decision, end) in [(Decision::GiveBack, Status::Refunded), (Decision::TryAgain, Status::Ticketed)] {
        world.supplier.script(Call::Create, [Script::LoseRequest]);
        let booking = world.paid().await;
        assert!(world.service.decide(booking.id, decision).await.is_err(), "nobody was called for");
        world.work().await;
        assert_eq!(world.assert_at_its_end(booking.id).await, Status::NeedsAttention);
        assert_eq!(world.service.queue().await.unwrap().needing_attention, 1);
        world.service.decide(booking.id, decision).await.unwrap();
        world.work().await;
        assert_eq!(world.assert_at_its_end(booking.id).await, end);
    }
}

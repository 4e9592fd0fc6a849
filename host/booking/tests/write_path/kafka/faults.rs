//! Members and brokers that die, come and go.

use super::{Streets, until};
use crate::supplier::{Call, Script};
use crate::world::World;
use interline_booking::{BookingConfig, MIGRATOR};
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn several_members_do_each_job_once(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let workers = ["a", "b", "c"].map(|name| streets.start(Some(name)));
    let bookings = streets.pay(40).await;
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.world.supplier.count(Call::Create), 40);
    assert_eq!(streets.world.supplier.count(Call::Issue), 40);
    for worker in workers {
        worker.stop().await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_job_whose_member_is_killed_within_a_call_is_taken_over_and_done_once(pool: PgPool) {
    let config = BookingConfig { call_seconds: 2, ..BookingConfig::default() };
    let streets = Streets::over(World::with_config(pool, config).await).await;
    streets.world.supplier.script(Call::Create, [Script::DoAndHang]);
    let bookings = streets.pay(1).await;
    let doomed = streets.start(Some("doomed"));
    streets.world.supplier.hung.notified().await;
    doomed.kill().await;
    let heir = streets.start(Some("heir"));
    let more = streets.pay(5).await;
    streets.all_ticketed(&[bookings, more].concat()).await;
    assert_eq!(streets.world.supplier.count(Call::Create), 6);
    heir.stop().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_broker_killed_and_started_again_loses_nothing(pool: PgPool) {
    let mut streets = Streets::new(pool).await;
    let workers = ["a", "b"].map(|name| streets.start(Some(name)));
    let mut bookings = streets.pay(20).await;
    streets.broker.kill().await.unwrap();
    bookings.extend(streets.pay(10).await);
    until("an announcement that fails", || async {
        let (_, failed) = *streets.seen.announced.lock().unwrap();
        (failed > 0).then_some(()).ok_or("none".into())
    })
    .await;
    streets.broker.launch().await.unwrap();
    bookings.extend(streets.pay(10).await);
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.world.supplier.count(Call::Create), 40);
    for worker in workers {
        worker.stop().await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_that_starts_before_its_broker_works_once_it_is_there(pool: PgPool) {
    let mut streets = Streets::new(pool).await;
    streets.broker.kill().await.unwrap();
    let worker = streets.start(None);
    let bookings = streets.pay(2).await;
    streets.broker.launch().await.unwrap();
    streets.all_ticketed(&bookings).await;
    worker.stop().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn members_that_come_and_go_under_load_lose_nothing_and_do_nothing_twice(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let mut bookings = Vec::new();
    let mut workers = vec![streets.start(Some("0"))];
    for round in 1..=5 {
        bookings.extend(streets.pay(12).await);
        let before = streets.rebalances();
        workers.push(streets.start(Some(&round.to_string())));
        bookings.extend(streets.pay(6).await);
        streets.rebalanced(before + 1).await;
        let oldest = workers.remove(0);
        if round % 2 == 0 { oldest.kill().await } else { oldest.stop().await }
    }
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.world.supplier.count(Call::Create), bookings.len());
    for worker in workers {
        worker.stop().await;
    }
}

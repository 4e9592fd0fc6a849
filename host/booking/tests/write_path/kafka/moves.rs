//! From one queue to the other, with jobs open.

use super::Streets;
use crate::supplier::{Call, Script};
use crate::world::World;
use interline_booking::{BookingConfig, MIGRATOR};
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_system_moved_to_kafka_and_back_with_jobs_open_loses_none(pool: PgPool) {
    let config = BookingConfig { call_seconds: 2, ..BookingConfig::default() };
    let streets = Streets::over(World::with_config(pool, config).await).await;
    let mut bookings = Vec::new();
    for to_kafka in [false, true, false, true, false] {
        let worker = if to_kafka { streets.start(Some("worker")) } else { streets.start_on_postgres() };
        streets.world.supplier.script(Call::Issue, [Script::Hang]);
        bookings.extend(streets.pay(6).await);
        // One job is within a call, others are announced, or claimed, or neither.
        streets.world.supplier.hung.notified().await;
        worker.kill().await;
    }
    let last = streets.start(Some("worker"));
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.world.supplier.count(Call::Create), bookings.len());
    last.stop().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn workers_of_both_queues_at_once_do_each_job_once(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let workers = [streets.start_on_postgres(), streets.start(Some("a")), streets.start_on_postgres()];
    let bookings = streets.pay(40).await;
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.world.supplier.count(Call::Create), 40);
    for worker in workers {
        worker.stop().await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_job_whose_message_was_lost_is_announced_again(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let bookings = streets.pay(3).await;
    // Taken by a relay that died before it sent anything, a while ago.
    sqlx::query("UPDATE jobs SET announced = 1, announce_at = now() + interval '1 second'")
        .execute(&streets.world.pool)
        .await
        .unwrap();
    let worker = streets.start(None);
    streets.all_ticketed(&bookings).await;
    worker.stop().await;
}

//! More jobs than there is place for.

use super::{Streets, until};
use crate::supplier::{Call, Script};
use crate::world::World;
use interline_booking::{BookingConfig, MIGRATOR};
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_more_is_under_way_than_there_is_place_for_and_then_it_goes_on(pool: PgPool) {
    let config = BookingConfig { call_seconds: 2, ..BookingConfig::default() };
    let world = World::with_config(pool, config).await;
    let streets = Streets { concurrency: 3, ..Streets::over(world).await };
    let bookings = streets.pay(20).await;
    streets.world.supplier.script(Call::Create, vec![Script::Hang; 3]);
    let worker = streets.start(None);
    until("no place any more", || async {
        let (_, paused) = *streets.seen.under_way.lock().unwrap();
        let begun = streets.world.supplier.count(Call::Create);
        (paused && begun == 3).then_some(()).ok_or(format!("{begun} begun"))
    })
    .await;
    // All places hang, and nobody else is begun.
    let running: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state = 'running'")
        .fetch_one(&streets.world.pool)
        .await
        .unwrap();
    assert_eq!(running, 3);
    until("a lag that is seen", || async {
        let lag = *streets.seen.lag.lock().unwrap();
        lag.filter(|lag| *lag > 0).map(drop).ok_or(format!("{lag:?}"))
    })
    .await;
    streets.all_ticketed(&bookings).await;
    assert_eq!(streets.seen.under_way.lock().unwrap().0, 3);
    worker.stop().await;
}

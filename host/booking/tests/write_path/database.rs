use crate::world::World;
use futures::future::join_all;
use interline_booking::MIGRATOR;
use interline_domain::booking::{ALL, MOVES};
use sqlx::PgPool;
use std::collections::BTreeSet;

fn constraint(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|error| error.constraint()).unwrap_or_default().to_owned()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_databases_moves_are_the_domains(pool: PgPool) {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT from_status, to_status FROM booking_moves").fetch_all(&pool).await.unwrap();
    let in_domain = MOVES.iter().map(|(from, to)| (from.to_string(), to.to_string()));
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), in_domain.collect::<BTreeSet<_>>());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_database_refuses_every_move_that_is_not_in_the_table(pool: PgPool) {
    let world = World::new(pool).await;
    for from in ALL {
        for to in ALL.into_iter().filter(|to| *to != from) {
            let mut tx = world.pool.begin().await.unwrap();
            // Rows in any status can be made only past the trigger.
            sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *tx).await.unwrap();
            sqlx::query(
                "INSERT INTO bookings (id, user_id, status, total_amount, passengers, flight_segments, contact_details,
                                       api_key_id, pay_by)
                 VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), $1, 1, '[]', '[]', '{}',
                         gen_random_uuid(), now())",
            )
            .bind(from.as_str())
            .execute(&mut *tx)
            .await
            .unwrap();
            sqlx::query("SET LOCAL session_replication_role = origin").execute(&mut *tx).await.unwrap();
            let moved = sqlx::query("UPDATE bookings SET status = $1, version = version + 1")
                .bind(to.as_str())
                .execute(&mut *tx)
                .await;
            match from.may_become(to) {
                true => assert!(moved.is_ok(), "{from} → {to}: {moved:?}"),
                false => assert_eq!(constraint(&moved.unwrap_err()), "booking_move", "{from} → {to}"),
            }
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_hundred_updates_at_once_lose_none(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await.id;
    let update = || async {
        loop {
            let version: i32 = sqlx::query_scalar("SELECT version FROM bookings WHERE id = $1")
                .bind(booking)
                .fetch_one(&world.pool)
                .await
                .unwrap();
            let done = sqlx::query(
                "UPDATE bookings SET total_amount = total_amount + 1, version = version + 1
                 WHERE id = $1 AND version = $2",
            )
            .bind(booking)
            .bind(version)
            .execute(&world.pool)
            .await
            .unwrap();
            if done.rows_affected() == 1 {
                return;
            }
        }
    };
    let before = world.read(booking).await;
    join_all((0..200).map(|_| update())).await;
    let after = world.read(booking).await;
    assert_eq!(after.total.units, before.total.units + 200);
    assert_eq!(after.version, before.version + 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_update_that_skips_or_keeps_the_version_is_refused(pool: PgPool) {
    let world = World::new(pool).await;
    world.booking().await;
    for step in ["version", "version + 2", "version - 1"] {
        let refused = sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE bookings SET version = {step}")))
            .execute(&world.pool)
            .await
            .unwrap_err();
        assert_eq!(constraint(&refused), "booking_version");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_ledger_is_not_rewritten(pool: PgPool) {
    let world = World::new(pool).await;
    world.paid().await;
    for statement in ["UPDATE transactions SET amount = 1", "DELETE FROM transactions", "TRUNCATE transactions"] {
        let refused = sqlx::query(statement).execute(&world.pool).await.unwrap_err();
        assert_eq!(constraint(&refused), "ledger_immutable", "{statement}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_more_goes_back_than_was_paid(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    let payment = world.payment_of(booking.id).await;
    let refund = |amount: i64, reason: &'static str| {
        sqlx::query(
            "INSERT INTO refunds (id, booking_id, payment_id, reason, client_reference, amount, currency)
             VALUES (gen_random_uuid(), $1, $2, $3, gen_random_uuid()::text, $4, 'EUR')",
        )
        .bind(booking.id)
        .bind(payment)
        .bind(reason)
        .bind(amount)
        .execute(&world.pool)
    };
    refund(booking.total.units - 1, "one").await.unwrap();
    let refused = refund(2, "two").await.unwrap_err();
    assert_eq!(constraint(&refused), "refund_amount");
    refund(1, "three").await.unwrap();
}

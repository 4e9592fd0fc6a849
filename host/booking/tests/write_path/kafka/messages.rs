//! What travels, and what is made of it.

use super::{Streets, until};
use crate::supplier::{Call, Script};
use interline_booking::{MIGRATOR, MessageFate};
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use sqlx::PgPool;
use std::time::Duration;
use uuid::Uuid;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_is_a_jobs_id_keyed_by_its_booking_and_nothing_else(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let worker = streets.start(None);
    let bookings = streets.pay(3).await;
    streets.all_ticketed(&bookings).await;
    worker.stop().await;
    let jobs: Vec<(Uuid, Uuid)> =
        sqlx::query_as("SELECT id, booking_id FROM jobs").fetch_all(&streets.world.pool).await.unwrap();
    for letter in streets.read("test.jobs", jobs.len()).await {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let told = (text(&letter.payload).parse().unwrap(), text(&letter.key).parse().unwrap());
        assert!(jobs.contains(&told), "{letter:?}");
        assert!(letter.headers.is_empty());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_told_many_times_to_many_members_does_its_job_once(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let bookings = streets.pay(4).await;
    let jobs: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM jobs").fetch_all(&streets.world.pool).await.unwrap();
    let workers = [streets.start(Some("a")), streets.start(Some("b"))];
    streets.rebalanced(2).await;
    for partition in 0..6 {
        for job in &jobs {
            streets.send(Some(partition), job.to_string().as_bytes()).await;
        }
    }
    streets.all_ticketed(&bookings).await;
    until("all of them read", || async {
        let read = streets.seen.fate(MessageFate::NotNow);
        (read >= 20).then_some(()).ok_or(format!("{read}"))
    })
    .await;
    assert_eq!(streets.world.supplier.count(Call::Create), 4);
    for worker in workers {
        worker.stop().await;
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_that_makes_no_sense_is_set_aside_and_blocks_nobody(pool: PgPool) {
    let streets = Streets { partitions: 1, ..Streets::new(pool).await };
    let worker = streets.start(None);
    streets.rebalanced(1).await;
    let stranger = Uuid::new_v4().to_string();
    let poison: [&[u8]; 4] = [b"\xff\xfe\x00 garbage", b"", stranger.as_bytes(), &[b'x'; 200_000]];
    for payload in poison {
        streets.send(Some(0), payload).await;
    }
    let bookings = streets.pay(1).await;
    streets.all_ticketed(&bookings).await;
    let letters = streets.read("test.jobs.dead", 4).await;
    let reasons = |reason| letters.iter().filter(|letter| letter.header("reason") == Some(reason)).count();
    assert_eq!((reasons("unreadable"), reasons("unknown_job")), (3, 1), "{letters:?}");
    for payload in poison {
        let kept = &payload[..payload.len().min(4_096)];
        let letter = letters.iter().find(|letter| letter.payload == kept).unwrap();
        assert_eq!(letter.key, b"stranger");
        assert_eq!(letter.header("partition"), Some("0"));
    }
    assert_eq!(streets.seen.fate(MessageFate::Unreadable), 3);
    assert_eq!(streets.seen.fate(MessageFate::UnknownJob), 1);
    all_committed(&streets).await;
    worker.stop().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_job_that_waits_for_its_next_try_holds_up_nobody_in_its_partition(pool: PgPool) {
    let streets = Streets { partitions: 1, ..Streets::new(pool).await };
    let later = Disposition::RetryAfter { delay: Duration::from_secs(3_600) };
    streets.world.supplier.script(Call::Create, [Script::Refuse(later)]);
    let waiting = streets.world.paid().await.id;
    let worker = streets.start(None);
    until("the first try", || async {
        let tried: i32 = sqlx::query_scalar("SELECT coalesce(max(tries), 0) FROM jobs WHERE state = 'ready'")
            .fetch_one(&streets.world.pool)
            .await
            .unwrap();
        (tried > 0).then_some(()).ok_or("not tried".into())
    })
    .await;
    let others = streets.pay(5).await;
    until("the others ticketed", || async {
        let mut open = 0;
        for booking in &others {
            open += usize::from(streets.world.read(*booking).await.status != Status::Ticketed);
        }
        (open == 0).then_some(()).ok_or(format!("{open} open"))
    })
    .await;
    all_committed(&streets).await;
    assert_eq!(streets.world.read(waiting).await.status, Status::PendingTicket);
    // Its time comes.
    sqlx::query("UPDATE jobs SET run_at = now() WHERE booking_id = $1 AND state = 'ready'")
        .bind(waiting)
        .execute(&streets.world.pool)
        .await
        .unwrap();
    streets.all_ticketed(&[others, vec![waiting]].concat()).await;
    worker.stop().await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dead_letter_is_on_its_topic_once_and_a_replay_does_the_job_again(pool: PgPool) {
    let streets = Streets::new(pool).await;
    let booking = streets.world.paid().await.id;
    // A row that makes no sense: a failure of ours, at every try.
    let spoil = "UPDATE booking_items SET order_id = 'x', order_status = 'nonsense'";
    sqlx::query(spoil).execute(&streets.world.pool).await.unwrap();
    let worker = streets.start(None);
    let dead = until("a dead letter", || async {
        let dead = streets.world.service.dead_letters(10).await.unwrap();
        dead.into_iter().next().ok_or("none".into())
    })
    .await;
    let letter = &streets.read("test.jobs.dead", 1).await[0];
    assert_eq!(letter.payload, dead.job_id.to_string().as_bytes());
    assert_eq!(letter.key, booking.to_string().as_bytes());
    until("the outbox empty", || async {
        let planned: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE announce_at IS NOT NULL")
            .fetch_one(&streets.world.pool)
            .await
            .unwrap();
        (planned == 0).then_some(()).ok_or(format!("{planned}"))
    })
    .await;
    sqlx::query("UPDATE booking_items SET order_id = NULL, order_status = NULL")
        .execute(&streets.world.pool)
        .await
        .unwrap();
    streets.world.service.replay(dead.job_id).await.unwrap();
    streets.all_ticketed(&[booking]).await;
    worker.stop().await;
}

/// Waits until all that was read is committed too.
async fn all_committed(streets: &Streets) {
    until("a lag of nothing", || async {
        match *streets.seen.lag.lock().unwrap() {
            Some(0) => Ok(()),
            seen => Err(format!("{seen:?}")),
        }
    })
    .await;
}

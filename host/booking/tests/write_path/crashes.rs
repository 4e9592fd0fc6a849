//! Killed at any step: whatever future was running is dropped where it stood, as SIGKILL would leave the rows.

use crate::supplier::{Call, Script};
use crate::world::{World, key};
use interline_booking::{BookingConfig, MIGRATOR};
use interline_domain::booking::Status;
use interline_domain::fault::Disposition;
use sqlx::PgPool;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Polls a future so many times, then drops it. Whether it was killed.
async fn killed_after(polls: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        if polled >= polls {
            return Poll::Ready(true);
        }
        polled += 1;
        future.as_mut().poll(context).map(|_| false)
    })
    .await
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_killed_at_any_await_makes_nothing_twice(pool: PgPool) {
    let world = World::new(pool).await;
    let mut polls = 0;
    loop {
        polls += 1;
        let booking = world.paid().await;
        let worker = world.worker();
        let killed = killed_after(polls, worker.drain()).await;
        world.work().await;
        assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed, "killed after {polls} polls");
        if !killed {
            break;
        }
    }
    // How often it has to wait is the machine's business: answers that are there already are no await.
    assert!(polls > 10, "only {polls} steps");
    assert_eq!(world.mails().len(), polls);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_killed_at_any_await_of_compensation_gives_back_once(pool: PgPool) {
    let world = World::new(pool).await;
    let mut polls = 0;
    loop {
        polls += 1;
        let booking = world.paid().await;
        // A refusal that is lost with its process comes again.
        world.supplier.with(|books| books.scripts.clear());
        world.supplier.script(Call::Issue, vec![Script::Refuse(Disposition::SoldOut); 5]);
        let worker = world.worker();
        let killed = killed_after(polls, worker.drain()).await;
        world.work().await;
        assert_eq!(world.assert_at_its_end(booking.id).await, Status::Refunded, "killed after {polls} polls");
        if !killed {
            break;
        }
    }
    assert!(polls > 20, "only {polls} steps");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_payment_whose_request_is_killed_anywhere_is_one_payment(pool: PgPool) {
    let world = World::new(pool).await;
    let mut polls = 0;
    loop {
        polls += 1;
        let booking = world.booking().await;
        let same = key();
        let new = || interline_booking::NewPayment { provider: "pay".into() };
        let first = world.service.create_payment(world.caller, booking.id, new(), same.clone());
        let killed = killed_after(polls, first).await;
        let payment = world.service.create_payment(world.caller, booking.id, new(), same).await.unwrap().body;
        let charges = world.provider.with(|accounts| {
            let id = booking.id.to_string();
            accounts.charges.iter().filter(|charge| charge.told.booking_id.as_deref() == Some(&id)).count()
        });
        assert_eq!(charges, 1, "killed after {polls} polls");
        assert!(payment.client_secret.is_some());
        if !killed {
            break;
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_killed_within_a_call_goes_on_from_what_the_supplier_knows(pool: PgPool) {
    let world = World::new(pool).await;
    for call in [Call::Create, Call::Find, Call::Issue, Call::Retrieve] {
        for script in [Script::Hang, Script::DoAndHang] {
            let booking = world.paid().await;
            // A look-up is made only after something went lost.
            match call {
                Call::Find => world.supplier.script(Call::Create, [Script::LoseAnswer]),
                Call::Retrieve => world.supplier.script(Call::Issue, [Script::LoseAnswer]),
                _ => {}
            }
            world.supplier.script(call, [script.clone()]);
            let worker = world.worker();
            tokio::select! {
                _ = worker.drain() => panic!("{call:?} was never made"),
                () = world.supplier.hung.notified() => {}
            }
            world.work().await;
            assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed, "{call:?} {script:?}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_worker_that_lost_its_lease_writes_nothing_more(pool: PgPool) {
    let config = BookingConfig { call_seconds: 3_600, ..BookingConfig::default() };
    let world = World::with_config(pool, config).await;
    let booking = world.paid().await;
    world.supplier.script(Call::Create, [Script::DoAndHang]);
    let (slow, heir) = (world.worker(), world.worker());
    {
        let mut slow = pin!(slow.drain());
        tokio::select! {
            _ = &mut slow => panic!("the call hangs"),
            () = world.supplier.hung.notified() => {}
        }
        // The slow one still waits when the other takes over.
        world.time_passes().await;
        heir.drain().await.unwrap();
        assert_eq!(world.read(booking.id).await.status, Status::Ticketed);
    }
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.supplier.count(Call::Create), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_goes_wrong_in_whatever_order_every_booking_comes_to_an_end(pool: PgPool) {
    let world = World::new(pool).await;
    // A small generator of our own: the same failures at every run.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut ends = std::collections::BTreeMap::new();
    for _ in 0..60 {
        world.supplier.with(|books| books.scripts.clear());
        world.supplier.with(|books| books.holds = draw(3) > 0);
        for call in
            [Call::Create, Call::Find, Call::Issue, Call::Retrieve, Call::QuoteCancel, Call::Cancel, Call::Price]
        {
            let script: Vec<_> = (0..draw(4))
                .map(|_| match draw(8) {
                    0 => Script::Refuse(Disposition::SoldOut),
                    1 => Script::Refuse(Disposition::Rejected),
                    2 => Script::Refuse(Disposition::RetryAfter { delay: std::time::Duration::from_secs(1) }),
                    3 | 4 => Script::LoseAnswer,
                    5 => Script::LoseRequest,
                    6 => Script::Refuse(Disposition::NotAuthorised),
                    _ => Script::Well,
                })
                .collect();
            if call != Call::Price {
                world.supplier.script(call, script);
            }
        }
        let booking = world.paid().await;
        if draw(2) == 0 {
            let worker = world.worker();
            killed_after(draw(80) as usize, worker.drain()).await;
        }
        world.work().await;
        let end = world.assert_at_its_end(booking.id).await;
        *ends.entry(end).or_insert(0) += 1;
        // Its look-ups would go on for ever, and through all later rounds.
        sqlx::query("UPDATE jobs SET state = 'done' WHERE state = 'ready'").execute(&world.pool).await.unwrap();
    }
    assert!(ends.len() >= 2, "{ends:?}");
}

use crate::rules::{FEE, PENALTY};
use crate::supplier::Call;
use crate::world::{NET, World, key};
use futures::StreamExt;
use interline_booking::{EventStream, MIGRATOR};
use interline_domain::booking::Status;
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_paid_booking_is_ticketed_mailed_and_in_the_books(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    let booking = world.read(booking.id).await;
    assert_eq!(booking.locator.as_deref(), Some("QX7LMN"));
    assert_eq!(booking.total.units, NET + FEE);
    assert_eq!(world.supplier.count(Call::Create), 1);
    assert_eq!(world.supplier.count(Call::Issue), 1);
    assert_eq!(world.mails(), [format!("e-ticket.{}.eml", booking.id)]);
    let mail = std::fs::read_to_string(world.mail.path().join(&world.mails()[0])).unwrap();
    for told in ["QX7LMN", "9990000000001", "9990000000002", "QZ204", "EUR 417.30", "23 kg"] {
        assert!(mail.contains(told), "{told} is not in {mail}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_running_worker_is_woken_and_events_stream_to_the_end(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let mut events = world.service.events(world.caller, booking.id, None).await.unwrap().unwrap();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(world.worker().run(stop.clone()));
    let payment = world.begin_payment(booking.id).await;
    world.pay(payment.id).await;
    let next = async |events: &mut EventStream| {
        tokio::time::timeout(Duration::from_secs(30), events.next()).await.unwrap().map(Result::unwrap)
    };
    let mut seen = Vec::new();
    while let Some(event) = next(&mut events).await {
        seen.push(event);
    }
    let statuses: Vec<_> = seen.iter().map(|event| event.status).collect();
    assert_eq!(statuses, [Status::Init, Status::PendingPayment, Status::PendingTicket, Status::Ticketed]);
    assert!(seen.is_sorted_by_key(|event| event.id));

    let resumed = async |after: i64| world.service.events(world.caller, booking.id, Some(after)).await.unwrap();
    assert_eq!(next(&mut resumed(seen[1].id).await.unwrap()).await.as_ref(), Some(&seen[2]));
    let last = seen[3].id;
    assert!(resumed(last).await.is_none() && resumed(i64::MAX).await.is_none(), "there is nothing to wait for");

    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    world.service.cancel(world.caller, booking.id, quote.id, key()).await.unwrap();
    let mut later = resumed(last).await.unwrap();
    let mut statuses = Vec::new();
    while let Some(event) = next(&mut later).await {
        statuses.push(event.status);
    }
    assert_eq!(statuses, [Status::CancelPending, Status::RefundPending, Status::Refunded]);
    stop.cancel();
    worker.await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_instant_ticket_needs_no_second_step(pool: PgPool) {
    let world = World::new(pool).await;
    world.supplier.with(|books| books.holds = false);
    let booking = world.paid().await;
    world.work().await;
    assert_eq!(world.assert_at_its_end(booking.id).await, Status::Ticketed);
    assert_eq!(world.supplier.count(Call::Issue), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_ticketed_booking_is_cancelled_and_refunded_as_quoted(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    let quote = world.service.quote_cancellation(world.caller, booking.id).await.unwrap();
    assert_eq!((quote.refund.units, quote.penalty.units), (NET + FEE - PENALTY, PENALTY));
    let cancelling = world.service.cancel(world.caller, booking.id, quote.id, key()).await.unwrap().body;
    assert_eq!(cancelling.status, Status::CancelPending);
    world.work().await;
    let booking = world.read(booking.id).await;
    assert_eq!(booking.status, Status::Refunded, "{:?}", world.jobs().await);
    assert_eq!(world.balance(booking.id).await, PENALTY);
    assert!(world.supplier.alive().is_empty());
    assert_eq!(world.mails().len(), 2);
}

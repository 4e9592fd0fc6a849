use crate::world::{World, key};
use futures::future::join_all;
use interline_booking::{
    Answered, ApiKeyId, BookingError, BookingFilter, Caller, Idempotency, MIGRATOR, NewPayment, UserId, VerifyRequest,
};
use interline_domain::booking::Status;
use sqlx::PgPool;
use uuid::Uuid;

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_quote_makes_one_booking_however_many_ask(pool: PgPool) {
    let world = World::new(pool).await;
    let quote = world.quote().await;
    let asking = (0..20).map(|_| world.service.create_booking(world.caller, world.new_booking(quote.id), key()));
    let answers = join_all(asking).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(
        answers.iter().all(|answer| matches!(answer, Ok(_) | Err(BookingError::QuoteUsed | BookingError::Conflict)))
    );
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM bookings").fetch_one(&world.pool).await.unwrap();
    assert_eq!(count, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_request_is_answered_the_same_and_another_is_refused(pool: PgPool) {
    let world = World::new(pool).await;
    let quote = world.quote().await;
    let key = key();
    let asking = (0..20).map(|_| world.service.create_booking(world.caller, world.new_booking(quote.id), key.clone()));
    let answers: Vec<_> = join_all(asking).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1, "one of them made it");
    world.begin_payment(answers[0].body.id).await;
    let again = world.service.create_booking(world.caller, world.new_booking(quote.id), key.clone()).await.unwrap();
    assert_eq!(again, Answered { body: answers[0].body.clone(), replayed: true }, "the answer is the one given then");

    let other = Idempotency { hash: [8; 32], ..key };
    let refused = world.service.create_booking(world.caller, world.new_booking(quote.id), other).await;
    assert!(matches!(refused, Err(BookingError::IdempotencyMismatch)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_payment_asked_for_twenty_times_is_one(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.booking().await;
    let same = key();
    let asking = (0..20).map(|n| {
        // Half of them repeat one request, the others come with keys of their own.
        let key = if n % 2 == 0 { same.clone() } else { key() };
        world.service.create_payment(world.caller, booking.id, NewPayment { provider: "pay".into() }, key)
    });
    let payments: Vec<_> = join_all(asking).await.into_iter().filter_map(Result::ok).collect();
    assert!(payments.len() >= 10);
    assert!(payments.iter().all(|payment| payment.body == payments[0].body));
    assert_eq!(world.provider.with(|accounts| accounts.charges.len()), 1);
    assert_eq!(world.read(booking.id).await.status, Status::PendingPayment);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_quote_that_is_over_or_anothers_makes_no_booking(pool: PgPool) {
    let world = World::new(pool).await;
    let quote = world.quote().await;
    let stranger = Caller { api_key: ApiKeyId(Uuid::new_v4()), user: world.caller.user };
    let refused = world.service.create_booking(stranger, world.new_booking(quote.id), key()).await;
    assert!(matches!(refused, Err(BookingError::NotFound("quote"))));
    sqlx::query("UPDATE quotes SET expires_at = now() - interval '1 second'").execute(&world.pool).await.unwrap();
    let refused = world.service.create_booking(world.caller, world.new_booking(quote.id), key()).await;
    assert!(matches!(refused, Err(BookingError::QuoteExpired)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn passengers_who_break_rules_make_no_booking_and_use_no_quote(pool: PgPool) {
    let world = World::new(pool).await;
    let quote = world.quote().await;
    let mut new = world.new_booking(quote.id);
    new.passengers[1].given_name = "4".into();
    new.contact.phone = "12".into();
    let Err(BookingError::Invalid(fields)) = world.service.create_booking(world.caller, new, key()).await else {
        panic!()
    };
    let fields: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["/passengers/1/given_name", "/contact/phone"]);
    assert!(world.service.create_booking(world.caller, world.new_booking(quote.id), key()).await.is_ok());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_sees_no_booking_but_their_own(pool: PgPool) {
    let world = World::new(pool).await;
    let mut mine = Vec::new();
    for _ in 0..3 {
        mine.insert(0, world.booking().await.id);
    }
    let stranger = Caller { user: UserId(Uuid::new_v4()), ..world.caller };
    assert!(matches!(world.service.booking(stranger, mine[0]).await, Err(BookingError::NotFound(_))));
    assert!(world.service.events(stranger, mine[0], None).await.is_err());
    let none = world.service.bookings(stranger, BookingFilter::default(), None, 10).await.unwrap();
    assert!(none.bookings.is_empty());

    let filter = || BookingFilter { status: Some(Status::Init) };
    let first = world.service.bookings(world.caller, filter(), None, 2).await.unwrap();
    let cursor = first.next_cursor.unwrap();
    let second = world.service.bookings(world.caller, filter(), Some(&cursor), 2).await.unwrap();
    let listed: Vec<_> = first.bookings.iter().chain(&second.bookings).map(|booking| booking.id).collect();
    assert_eq!(listed, mine);
    assert!(second.next_cursor.is_none());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_of_a_passport_stands_readable_in_the_database_and_erasing_ends_the_rest(pool: PgPool) {
    let world = World::new(pool).await;
    let booking = world.paid().await;
    world.work().await;
    let everything = |pool: PgPool| async move {
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT row_to_json(b)::text FROM bookings b UNION ALL SELECT row_to_json(t)::text FROM transactions t
             UNION ALL SELECT row_to_json(i)::text FROM idempotency_keys i
             UNION ALL SELECT row_to_json(p)::text FROM payments p",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        rows.join("\n")
    };
    let text = everything(world.pool.clone()).await;
    assert!(!text.contains("C4417302") && !text.contains("1988-03-04") && !text.contains("-secret"), "{text}");
    assert!(!text.contains("payer"), "raw payloads are sealed");
    world.service.erase(booking.id).await.unwrap();
    let text = everything(world.pool.clone()).await;
    assert!(!text.contains("Sari") && !text.contains("sari@"), "{text}");
    assert_eq!(world.read(booking.id).await.passengers[0].name, "Erased Erased");
    let request = VerifyRequest { offer_id: "offer".into(), api_key: world.caller.api_key, accept: None };
    assert!(world.service.verify(&request).await.is_ok());
}

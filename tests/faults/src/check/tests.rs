//! A checker that can't fail is worth nothing: each kind of difference is made, and must be found.

use super::*;
use crate::books::{Attempt, Booking, Charge, Given, Item, Job, Line, Order, Payment, Refund};
use crate::journal::{Death, Made};
use crate::postbox::Mail;
use crate::schedule::Target;
use jiff::{Timestamp, ToSpan};

const TOTAL: i64 = 10_000;

fn text(text: &str) -> String {
    text.to_owned()
}

fn line(event: &str, amount: i64) -> Line {
    Line { event: text(event), amount, currency: text("USD"), external_id: None }
}

fn attempt(operation: &str, outcome: &str) -> Attempt {
    Attempt { operation: text(operation), outcome: text(outcome) }
}

fn mail(kind: &str, booking: &str) -> Mail {
    Mail { message_id: format!("<{kind}.{booking}@interline.example>"), delivered: vec![Timestamp::UNIX_EPOCH] }
}

/// A paid booking of Duffel's, with its charge.
fn paid(id: &str, status: &str, history: &[&str]) -> (Booking, Charge) {
    let booking = Booking {
        id: text(id),
        status: text(status),
        total: TOTAL,
        currency: text("USD"),
        history: history.iter().map(|status| text(status)).collect(),
        item: Item { supplier: text("duffel"), create_reference: format!("create-{id}"), ..Item::default() },
        payments: vec![Payment { external_id: Some(format!("pi_{id}")), status: text("succeeded") }],
        ledger: vec![line("PAYMENT_INITIATED", TOTAL), line("PAYMENT_SUCCESS", TOTAL)],
        ..Booking::default()
    };
    let charge = Charge {
        id: format!("pi_{id}"),
        status: text("succeeded"),
        currency: text("usd"),
        charged: TOTAL,
        times_charged: 1,
        metadata: [(text("booking_id"), text(id))].into(),
        ..Charge::default()
    };
    (booking, charge)
}

fn give_back(booking: &mut Booking, charge: &mut Charge, amount: i64) {
    let refund = format!("re_{}", booking.id);
    booking.refunds.push(Refund { external_id: Some(refund.clone()), status: text("succeeded"), amount });
    booking.ledger.extend([line("REFUND_REQUESTED", -amount), line("REFUND_COMPLETED", -amount)]);
    charge.refunds.push(Given { id: refund, amount, status: text("succeeded") });
    charge.refunded = amount;
}

fn order(booking: &mut Booking, status: &str) -> Order {
    let (id, locator, ticket) =
        (format!("ord_{}", booking.id), format!("LOC{}", booking.id), format!("997{}", booking.id));
    booking.item.order_id = Some(id.clone());
    booking.item.locator = Some(locator.clone());
    booking.item.tickets = vec![ticket.clone()];
    booking.attempts = vec![attempt("create", "succeeded")];
    Order {
        supplier: booking.item.supplier.clone(),
        id,
        locator,
        status: text(status),
        client_reference: Some(booking.item.create_reference.clone()),
        tickets: vec![ticket],
        times_paid: 1,
    }
}

/// One booking of each kind of end, and books that agree on all of them.
fn healthy() -> Books {
    let on_the_way = ["INIT", "PENDING_PAYMENT", "PENDING_TICKET"];
    let history = |more: &[&'static str]| [&on_the_way[..], more].concat();

    let (mut ticketed, ticketed_charge) = paid("ticketed", "TICKETED", &history(&["TICKETED"]));
    let ticketed_order = order(&mut ticketed, "ticketed");

    let (mut refunded, mut refunded_charge) = paid("refunded", "REFUNDED", &history(&["REFUND_PENDING", "REFUNDED"]));
    give_back(&mut refunded, &mut refunded_charge, TOTAL);

    let cancelling = history(&["TICKETED", "CANCEL_PENDING", "REFUND_PENDING", "REFUNDED"]);
    let (mut cancelled, mut cancelled_charge) = paid("cancelled", "REFUNDED", &cancelling);
    let cancelled_order = order(&mut cancelled, "cancelled");
    give_back(&mut cancelled, &mut cancelled_charge, TOTAL / 2);

    let (mut waiting, waiting_charge) = paid("waiting", "NEEDS_ATTENTION", &history(&["NEEDS_ATTENTION"]));
    waiting.item.supplier = text("ndc");
    waiting.attempts = vec![attempt("create", "unknown")];
    waiting.jobs = vec![Job { kind: text("resolve"), state: text("ready"), last_error: None }];

    let (mut expired, _) = paid("expired", "EXPIRED", &["INIT", "EXPIRED"]);
    (expired.payments, expired.ledger) = (Vec::new(), Vec::new());

    let mut books = Books {
        bookings: vec![ticketed, refunded, cancelled, waiting, expired],
        orders: vec![ticketed_order, cancelled_order],
        charges: vec![ticketed_charge, refunded_charge, cancelled_charge, waiting_charge],
        mails: [
            ("e-ticket", "ticketed"),
            ("refunded", "refunded"),
            ("e-ticket", "cancelled"),
            ("refunded", "cancelled"),
        ]
        .map(|(kind, booking)| mail(kind, booking))
        .into(),
        ..Books::default()
    };
    for booking in &mut books.bookings {
        let about = |mail: &&Mail| mail.message_id.contains(&format!(".{}@", booking.id));
        booking.mails_sent = books.mails.iter().filter(about).map(|mail| mail.message_id.clone()).collect();
        books.notes.made.push(Made { key: format!("key-{}", booking.id), booking: booking.id.clone() });
    }
    books
}

/// What is found once something was changed in healthy books.
fn found(change: impl FnOnce(&mut Books)) -> &'static str {
    let mut books = healthy();
    change(&mut books);
    match check(&books) {
        Ok(()) => "nothing",
        Err(difference) => {
            assert!(!difference.found.is_empty() && !difference.of.is_empty(), "{difference}");
            difference.promise
        }
    }
}

fn of<'a>(books: &'a mut Books, id: &str) -> &'a mut Booking {
    books.bookings.iter_mut().find(|booking| booking.id == id).unwrap()
}

#[test]
fn healthy_books_agree() {
    assert_eq!(check(&healthy()), Ok(()));
}

#[test]
fn a_lost_booking_is_found() {
    let lost = |books: &mut Books| books.bookings.retain(|booking| booking.id != "expired");
    assert_eq!(found(lost), "no booking that was answered is lost");
}

#[test]
fn a_request_that_made_two_bookings_is_found() {
    let twice = |books: &mut Books| books.notes.made.push(Made { key: text("key-expired"), booking: text("ticketed") });
    assert_eq!(found(twice), "a request that is repeated makes one booking");
}

#[test]
fn an_internal_error_is_found() {
    let error = |books: &mut Books| books.notes.internal_errors.push(text("/v1/bookings"));
    assert_eq!(found(error), "what fails is told as what it is, never as an internal error");
}

#[test]
fn a_ticket_bought_twice_is_found() {
    assert_eq!(found(|books| books.orders[0].times_paid = 2), "no ticket is bought twice");
    let same_number = |books: &mut Books| books.orders[1].tickets = books.orders[0].tickets.clone();
    assert_eq!(found(same_number), "a ticket is issued once");
}

#[test]
fn a_second_order_is_found() {
    let second = |books: &mut Books| {
        let first = books.orders[0].clone();
        books.orders.push(Order { id: text("ord_second"), tickets: vec![text("9971")], ..first });
    };
    assert_eq!(found(second), "a booking is never ticketed twice");
}

#[test]
fn an_order_that_nobody_knows_is_found() {
    let stray = |books: &mut Books| books.orders[0].client_reference = None;
    // By its id it is still known.
    assert_eq!(found(stray), "nothing");
    let stray = |books: &mut Books| {
        let first = books.orders[0].clone();
        books.orders.push(Order { id: text("ord_stray"), client_reference: None, tickets: Vec::new(), ..first });
    };
    assert_eq!(found(stray), "every order was made for one booking");
    let shared = |books: &mut Books| {
        let order = of(books, "ticketed").item.order_id.clone();
        of(books, "refunded").item.order_id = order;
    };
    assert_eq!(found(shared), "every order was made for one booking");
}

#[test]
fn a_double_charge_is_found() {
    assert_eq!(found(|books| books.charges[0].times_charged = 2), "a payment is taken once");
    let second = |books: &mut Books| {
        let first = books.charges[0].clone();
        books.charges.push(Charge { id: text("pi_second"), ..first });
    };
    assert_eq!(found(second), "the ledger is what the provider moved");
}

#[test]
fn money_of_nobody_is_found() {
    let stray = |books: &mut Books| {
        books.charges.push(Charge { id: text("pi_x"), charged: 1, times_charged: 1, ..Charge::default() });
    };
    assert_eq!(found(stray), "all money that was taken belongs to one booking");
}

#[test]
fn a_double_refund_is_found() {
    let twice = |books: &mut Books| {
        let charge = &mut books.charges[2];
        charge.refunds.push(Given { id: text("re_again"), amount: TOTAL / 2, status: text("succeeded") });
        charge.refunded = TOTAL;
    };
    assert_eq!(found(twice), "money goes back once for each decision");
    assert_eq!(found(|books| books.charges[1].refunded = 2 * TOTAL), "no more goes back than came");
}

#[test]
fn a_refund_that_failed_counts_for_nothing() {
    let failed = |books: &mut Books| {
        books.charges[1].refunds.push(Given { id: text("re_failed"), amount: TOTAL, status: text("failed") });
    };
    assert_eq!(found(failed), "nothing");
}

#[test]
fn a_ledger_that_is_off_by_one_is_found() {
    let promise = "the ledger is what the provider moved";
    assert_eq!(found(|books| of(books, "ticketed").ledger[1].amount += 1), promise);
    assert_eq!(found(|books| of(books, "refunded").ledger.retain(|line| line.event != "REFUND_COMPLETED")), promise);
    assert_eq!(found(|books| of(books, "ticketed").ledger.push(line("PAYMENT_SUCCESS", TOTAL))), promise);
    assert_eq!(found(|books| of(books, "ticketed").ledger[1].currency = text("EUR")), promise);
}

#[test]
fn a_booking_that_is_stuck_is_found() {
    for status in ["INIT", "PENDING_PAYMENT", "PAID", "PENDING_TICKET", "CANCEL_PENDING", "REFUND_PENDING"] {
        assert_eq!(
            found(|books| of(books, "ticketed").status = text(status)),
            "every booking comes to an end",
            "{status}"
        );
    }
    let job = |state: &str, kind: &str| Job { kind: text(kind), state: text(state), last_error: None };
    for job in [job("ready", "mail"), job("dead", "refund"), job("running", "ticketing"), job("dead", "resolve")] {
        let told = format!("{job:?}");
        assert_eq!(
            found(|books| of(books, "ticketed").jobs.push(job)),
            "every job comes to an end, and no job dies",
            "{told}"
        );
    }
}

#[test]
fn a_person_called_for_nothing_is_found() {
    let promise = "a person is called only where the supplier can't tell";
    assert_eq!(found(|books| of(books, "waiting").attempts[0].outcome = text("failed")), promise);
    assert_eq!(found(|books| of(books, "waiting").attempts = vec![attempt("issue", "unknown")]), promise);
    assert_eq!(found(|books| of(books, "waiting").item.order_id = Some(text("ord"))), promise);
    // Duffel lists orders: the one that it has is found, the one that it lacks proves nothing.
    let with_duffel = |books: &mut Books| of(books, "waiting").item.supplier = text("duffel");
    assert_eq!(found(with_duffel), "nothing");
    let in_its_books = |books: &mut Books| {
        with_duffel(books);
        let made = Order {
            supplier: text("duffel"),
            client_reference: Some(text("create-waiting")),
            status: text("held"),
            ..Order::default()
        };
        books.orders.push(made);
    };
    assert_eq!(found(in_its_books), promise);
}

#[test]
fn tickets_that_the_supplier_does_not_have_are_found() {
    let promise = "a ticketed booking has its supplier's tickets";
    assert_eq!(found(|books| drop(books.orders.remove(0))), promise);
    assert_eq!(found(|books| books.orders[0].status = text("held")), promise);
    assert_eq!(found(|books| books.orders[0].locator = text("OTHER1")), promise);
    assert_eq!(found(|books| books.orders[0].tickets.push(text("9970"))), promise);
    assert_eq!(found(|books| of(books, "ticketed").item.tickets.clear()), promise);
}

#[test]
fn seats_kept_for_whose_money_went_back_are_found() {
    let promise = "whose money went back, or never came, has no seats";
    assert_eq!(found(|books| books.orders[1].status = text("ticketed")), promise);
    assert_eq!(found(|books| books.orders[1].status = text("held")), promise);
}

#[test]
fn money_that_is_not_where_the_status_says_is_found() {
    let promise = "the traveller's money is where the status says";
    let kept = |books: &mut Books| {
        let (booking, charge) = paid("refunded", "REFUNDED", &["REFUNDED"]);
        *of(books, "refunded") = booking;
        books.charges[1] = charge;
    };
    assert_eq!(found(kept), promise);
    let free = |books: &mut Books| {
        let mut charge = books.charges[0].clone();
        give_back(of(books, "ticketed"), &mut charge, TOTAL);
        books.charges[0] = charge;
    };
    assert_eq!(found(free), promise);
    let refunded_blindly = |books: &mut Books| {
        let mut charge = books.charges[3].clone();
        give_back(of(books, "waiting"), &mut charge, TOTAL);
        books.charges[3] = charge;
    };
    assert_eq!(found(refunded_blindly), promise);
    let paid_for_nothing = |books: &mut Books| {
        let (booking, charge) = paid("expired", "EXPIRED", &["EXPIRED"]);
        *of(books, "expired") = booking;
        books.charges.push(charge);
    };
    assert_eq!(found(paid_for_nothing), promise);
}

#[test]
fn a_mail_that_is_missing_is_found() {
    let promise = "the traveller is told what became of the booking";
    assert_eq!(found(|books| drop(books.mails.remove(0))), promise);
    assert_eq!(found(|books| of(books, "refunded").mails_sent.clear()), promise);
}

#[test]
fn a_mail_that_is_not_true_is_found() {
    let promise = "the traveller is told nothing else";
    assert_eq!(found(|books| books.mails.push(mail("e-ticket", "refunded"))), promise);
    assert_eq!(found(|books| books.mails.push(mail("refunded", "nobody"))), promise);
}

#[test]
fn a_mail_sent_twice_is_found_unless_its_sender_died() {
    let promise = "a mail is sent once, but for a death between sending it and noting so";
    let second = Timestamp::UNIX_EPOCH + 10.seconds();
    let twice = |books: &mut Books, target: Option<Target>, at: Timestamp| {
        books.mails[0].delivered.push(second);
        books.notes.deaths.extend(target.map(|target| Death { target, at }));
    };
    let between = Timestamp::UNIX_EPOCH + 5.seconds();
    assert_eq!(found(|books| twice(books, None, between)), promise);
    assert_eq!(found(|books| twice(books, Some(Target::Gateway(0)), between)), promise);
    assert_eq!(found(|books| twice(books, Some(Target::Worker(0)), second + 1.seconds())), promise);
    assert_eq!(found(|books| twice(books, Some(Target::Worker(0)), between)), "nothing");
    let thrice = |books: &mut Books| {
        twice(books, Some(Target::Worker(1)), between);
        books.mails[0].delivered.push(second);
    };
    assert_eq!(found(thrice), promise);
}

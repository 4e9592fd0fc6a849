//! Orders at suppliers, against the bookings that they were made for.

use super::{Difference, ensure};
use crate::books::{Booking, Books, Order};
use std::collections::{BTreeSet, HashMap};

fn name(order: &Order) -> String {
    format!("{}'s order {} ({})", order.supplier, order.id, order.locator)
}

fn live<'a>(books: &'a Books, booking: &Booking) -> Vec<&'a Order> {
    books.orders.iter().filter(|order| order.is_live() && order.is_of(booking)).collect()
}

pub(super) fn none_is_paid_twice(books: &Books) -> Result<(), Difference> {
    books.orders.iter().try_for_each(|order| {
        ensure(order.times_paid <= 1, "no ticket is bought twice", name(order), || {
            format!("its supplier took money {} times", order.times_paid)
        })
    })
}

pub(super) fn each_belongs_to_one_booking(books: &Books) -> Result<(), Difference> {
    let mut numbers: HashMap<&str, &Order> = HashMap::new();
    books.orders.iter().try_for_each(|order| {
        let bookings: Vec<_> =
            books.bookings.iter().filter(|booking| order.is_of(booking)).map(|booking| &booking.id).collect();
        ensure(bookings.len() == 1, "every order was made for one booking", name(order), || {
            format!("{}, for bookings {bookings:?}", order.status)
        })?;
        order.tickets.iter().try_for_each(|ticket| {
            let other = numbers.insert(ticket, order);
            ensure(other.is_none(), "a ticket is issued once", name(order), || {
                format!("ticket {ticket} is another order's too: {other:?}")
            })
        })
    })
}

pub(super) fn a_booking_has_one_at_most(books: &Books) -> Result<(), Difference> {
    books.bookings.iter().try_for_each(|booking| {
        let live = live(books, booking);
        ensure(live.len() <= 1, "a booking is never ticketed twice", format!("booking {}", booking.id), || {
            format!("its supplier keeps {} orders for it: {live:?}", live.len())
        })
    })
}

pub(super) fn tickets_are_the_suppliers(books: &Books) -> Result<(), Difference> {
    let mut ticketed = books.bookings.iter().filter(|booking| booking.status == "TICKETED");
    ticketed.try_for_each(|booking| {
        let (promise, of) = ("a ticketed booking has its supplier's tickets", format!("booking {}", booking.id));
        let orders = live(books, booking);
        let Some(order) = orders.first() else {
            return ensure(false, promise, of, || format!("TICKETED, and {} has no order", booking.item.supplier));
        };
        let ours: BTreeSet<&String> = booking.item.tickets.iter().collect();
        let theirs: BTreeSet<&String> = order.tickets.iter().collect();
        let same = order.status == "ticketed" && !ours.is_empty() && ours == theirs;
        ensure(same && booking.item.locator.as_ref() == Some(&order.locator), promise, of, || {
            format!("TICKETED with {:?} and {ours:?}; its supplier has {order:?}", booking.item.locator)
        })
    })
}

pub(super) fn nothing_is_left_of_what_failed(books: &Books) -> Result<(), Difference> {
    let ends = ["REFUNDED", "CANCELLED", "EXPIRED"];
    let mut over = books.bookings.iter().filter(|booking| ends.contains(&booking.status.as_str()));
    over.try_for_each(|booking| {
        let live = live(books, booking);
        ensure(
            live.is_empty(),
            "whose money went back, or never came, has no seats",
            format!("booking {}", booking.id),
            || format!("{}, and its supplier keeps {live:?}", booking.status),
        )
    })
}

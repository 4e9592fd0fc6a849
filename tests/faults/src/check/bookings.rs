//! Bookings: none lost, none made twice, each at its end.

use super::{Difference, ensure};
use crate::books::{Booking, Books};
use std::collections::HashMap;

/// Where a booking may stay.
const FINAL: [&str; 4] = ["TICKETED", "REFUNDED", "CANCELLED", "EXPIRED"];

pub(super) fn none_is_lost(books: &Books) -> Result<(), Difference> {
    books.notes.made.iter().try_for_each(|made| {
        ensure(
            books.booking(&made.booking).is_some(),
            "no booking that was answered is lost",
            format!("booking {}", made.booking),
            || format!("its frontend was answered it under the key {}, and the database does not have it", made.key),
        )
    })
}

pub(super) fn a_key_makes_one(books: &Books) -> Result<(), Difference> {
    let mut of_key: HashMap<&str, &str> = HashMap::new();
    books.notes.made.iter().try_for_each(|made| {
        let first = of_key.entry(&made.key).or_insert(&made.booking);
        ensure(
            *first == made.booking,
            "a request that is repeated makes one booking",
            format!("key {}", made.key),
            || format!("it was answered booking {first}, then booking {}", made.booking),
        )
    })
}

pub(super) fn no_internal_error_was_answered(books: &Books) -> Result<(), Difference> {
    let errors = &books.notes.internal_errors;
    ensure(errors.is_empty(), "what fails is told as what it is, never as an internal error", "a request", || {
        format!("{} answered 500, the first: {}", errors.len(), errors.first().map_or("", String::as_str))
    })
}

pub(super) fn all_are_final(books: &Books) -> Result<(), Difference> {
    books.bookings.iter().try_for_each(|booking| {
        let name = || format!("booking {}", booking.id);
        let at_end = FINAL.contains(&booking.status.as_str()) || booking.status == "NEEDS_ATTENTION";
        ensure(at_end, "every booking comes to an end", name(), || {
            format!("{} still, after {:?}; jobs {:?}", booking.status, booking.history, booking.jobs)
        })?;
        let open = booking.jobs.iter().find(|job| job.kind != "resolve" || job.state == "dead");
        ensure(open.is_none(), "every job comes to an end, and no job dies", name(), || format!("{open:?}"))
    })
}

pub(super) fn attention_only_where_nobody_can_tell(books: &Books) -> Result<(), Difference> {
    let mut waiting = books.bookings.iter().filter(|booking| booking.status == "NEEDS_ATTENTION");
    waiting.try_for_each(|booking| {
        ensure(
            nobody_can_tell(booking, books),
            "a person is called only where the supplier can't tell",
            format!("booking {}", booking.id),
            || {
                let orders: Vec<_> = books.orders.iter().filter(|order| order.is_of(booking)).collect();
                format!(
                    "NEEDS_ATTENTION ({}) at {}, attempts {:?}, while its books have {orders:?}",
                    booking.attention.as_deref().unwrap_or("no reason"),
                    booking.item.supplier,
                    booking.attempts,
                )
            },
        )
    })
}

/// Whether an order may have been made that the supplier's protocol can't look up.
fn nobody_can_tell(booking: &Booking, books: &Books) -> bool {
    let is_open = |outcome: &str| matches!(outcome, "pending" | "unknown");
    let lost = booking.attempts.iter().any(|attempt| attempt.operation == "create" && is_open(&attempt.outcome));
    if booking.item.order_id.is_some() || !lost {
        return false;
    }
    match booking.item.supplier.as_str() {
        // Lists orders, and by their metadata ours is found; that there is none proves nothing.
        "duffel" => !books.orders.iter().any(|order| order.is_of(booking)),
        // Looks orders up by the id that was in the lost answer.
        "ndc" => true,
        _ => false,
    }
}

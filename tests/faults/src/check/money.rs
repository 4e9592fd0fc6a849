//! Money: the provider's book against the ledger, the ledger against what became of the booking.

use super::{Difference, ensure};
use crate::books::{Booking, Books, Charge};
use std::collections::HashSet;

fn of(charge: &Charge) -> String {
    format!("payment {}", charge.id)
}

fn charges<'a>(books: &'a Books, booking: &'a Booking) -> impl Iterator<Item = &'a Charge> {
    books.charges.iter().filter(move |charge| charge.is_of(booking))
}

pub(super) fn charged_once(books: &Books) -> Result<(), Difference> {
    books.charges.iter().try_for_each(|charge| {
        ensure(charge.times_charged <= 1, "a payment is taken once", of(charge), || {
            format!("the provider took it {} times", charge.times_charged)
        })
    })
}

pub(super) fn every_charge_is_known(books: &Books) -> Result<(), Difference> {
    books.charges.iter().filter(|charge| charge.charged > 0).try_for_each(|charge| {
        let bookings = books.bookings.iter().filter(|booking| charge.is_of(booking)).count();
        ensure(bookings == 1, "all money that was taken belongs to one booking", of(charge), || {
            format!("{} was taken for {:?}, of which the database has {bookings}", charge.charged, charge.metadata)
        })
    })
}

pub(super) fn refunded_once(books: &Books) -> Result<(), Difference> {
    books.charges.iter().try_for_each(|charge| {
        ensure(charge.refunded <= charge.charged, "no more goes back than came", of(charge), || {
            format!("{} was taken, {} went back", charge.charged, charge.refunded)
        })
    })?;
    books.bookings.iter().try_for_each(|booking| {
        let decided: HashSet<&str> =
            booking.refunds.iter().filter_map(|refund| refund.external_id.as_deref()).collect();
        let mut given =
            charges(books, booking).flat_map(|charge| &charge.refunds).filter(|given| given.status != "failed");
        let stray = given.find(|given| !decided.contains(given.id.as_str()));
        ensure(stray.is_none(), "money goes back once for each decision", format!("booking {}", booking.id), || {
            format!("the provider gave back {stray:?}, and the database knows of {:?}", booking.refunds)
        })
    })
}

pub(super) fn the_ledger_is_exact(books: &Books) -> Result<(), Difference> {
    books.bookings.iter().try_for_each(|booking| {
        let (promise, name) = ("the ledger is what the provider moved", format!("booking {}", booking.id));
        let (charged, refunded) = moved(books, booking);
        let (paid, given) = (booking.ledger_sum("PAYMENT_SUCCESS"), booking.ledger_sum("REFUND_COMPLETED"));
        ensure(paid == charged && given == -refunded, promise, &name, || {
            format!(
                "the ledger has {paid} taken and {given} given back, the provider {charged} and {refunded}; {:?}",
                booking.ledger
            )
        })?;
        let foreign = booking.ledger.iter().find(|line| line.currency != booking.currency);
        ensure(foreign.is_none(), promise, name, || {
            format!("in another currency than {}: {foreign:?}", booking.currency)
        })
    })
}

pub(super) fn the_status_says_who_has_it(books: &Books) -> Result<(), Difference> {
    books.bookings.iter().try_for_each(|booking| {
        let (charged, refunded) = moved(books, booking);
        let kept = charged - refunded;
        let (total, cancelled) = (booking.total, booking.was("CANCEL_PENDING"));
        let right = match booking.status.as_str() {
            "TICKETED" | "NEEDS_ATTENTION" => kept == total,
            // What a cancellation keeps is the rules' to say.
            "REFUNDED" if cancelled => charged > 0 && refunded > 0 && (0..total).contains(&kept),
            "REFUNDED" => charged > 0 && kept == 0,
            "CANCELLED" if cancelled => (0..=total).contains(&kept),
            "CANCELLED" | "EXPIRED" => kept == 0,
            _ => false,
        };
        ensure(right, "the traveller's money is where the status says", format!("booking {}", booking.id), || {
            format!("{} at a price of {total}: {charged} was taken, {refunded} went back", booking.status)
        })
    })
}

/// What the provider took for a booking and gave back, in all.
fn moved(books: &Books, booking: &Booking) -> (i64, i64) {
    charges(books, booking)
        .fold((0, 0), |(charged, refunded), charge| (charged + charge.charged, refunded + charge.refunded))
}

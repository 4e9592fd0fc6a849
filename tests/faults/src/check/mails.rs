//! Mail: what became of a booking is told, once.

use super::{Difference, ensure};
use crate::books::{Booking, Books};
use crate::postbox::Mail;
use crate::schedule::Target;

/// The kinds of mail that a booking has earned.
fn earned(booking: &Booking) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    if booking.was("TICKETED") {
        kinds.push("e-ticket");
    }
    match booking.status.as_str() {
        "REFUNDED" => kinds.push("refunded"),
        "CANCELLED" if booking.was("CANCEL_PENDING") => kinds.push("cancelled"),
        _ => {}
    }
    kinds
}

/// Message ids are `<KIND.BOOKING@DOMAIN>`.
fn is_about(mail: &str, kind: &str, booking: &str) -> bool {
    let name = mail.trim_start_matches('<').split('@').next().unwrap_or_default();
    name.split_once('.') == Some((kind, booking))
}

pub(super) fn what_became_of_it_is_told(books: &Books) -> Result<(), Difference> {
    books.bookings.iter().try_for_each(|booking| {
        earned(booking).into_iter().try_for_each(|kind| {
            let delivered = books.mails.iter().filter(|mail| is_about(&mail.message_id, kind, &booking.id)).count();
            let noted = booking.mails_sent.iter().any(|mail| is_about(mail, kind, &booking.id));
            ensure(
                delivered == 1 && noted,
                "the traveller is told what became of the booking",
                format!("booking {}", booking.id),
                || {
                    format!(
                        "{} after {:?}: {delivered} mails of kind {kind} in the postbox, noted as sent: {noted}",
                        booking.status, booking.history
                    )
                },
            )
        })
    })
}

pub(super) fn nothing_else_is_told(books: &Books) -> Result<(), Difference> {
    books.mails.iter().try_for_each(|mail| {
        let right = books
            .bookings
            .iter()
            .any(|booking| earned(booking).into_iter().any(|kind| is_about(&mail.message_id, kind, &booking.id)));
        ensure(right, "the traveller is told nothing else", format!("mail {}", mail.message_id), || {
            "there is no booking that it is true of".to_owned()
        })
    })
}

pub(super) fn once_each(books: &Books) -> Result<(), Difference> {
    books.mails.iter().try_for_each(|mail| {
        let repeats = mail.delivered.len().saturating_sub(1);
        ensure(
            repeats <= deaths_between(mail, books),
            "a mail is sent once, but for a death between sending it and noting so",
            format!("mail {}", mail.message_id),
            || format!("delivered at {:?}; who died: {:?}", mail.delivered, books.notes.deaths),
        )
    })
}

/// How many of those that note what was sent died between the first delivery and the last.
fn deaths_between(mail: &Mail, books: &Books) -> usize {
    let (Some(first), Some(last)) = (mail.delivered.first(), mail.delivered.last()) else { return 0 };
    let notes_it = |target: Target| matches!(target, Target::Worker(_) | Target::Database);
    // A worker may have died just before its delivery was seen here.
    let first = *first - jiff::SignedDuration::from_secs(1);
    books.notes.deaths.iter().filter(|death| notes_it(death.target) && death.at >= first && death.at <= *last).count()
}

//! Compares the books. It reads nothing and changes nothing: what it says of books depends on them alone.

mod bookings;
mod mails;
mod money;
mod orders;
#[cfg(test)]
mod tests;

use crate::books::Books;
use serde::Serialize;
use std::fmt;

/// A difference between the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The promise that is broken.
    pub promise: &'static str,
    /// The booking, order or payment.
    pub of: String,
    /// What the books say.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}\n  of:    {}\n  found: {}", self.promise, self.of, self.found)
    }
}

/// A comparison of one kind.
type Rule = fn(&Books) -> Result<(), Difference>;

/// In the order in which a difference says most: a lost booking first, its mail last.
const RULES: &[Rule] = &[
    bookings::none_is_lost,
    bookings::a_key_makes_one,
    bookings::no_internal_error_was_answered,
    orders::none_is_paid_twice,
    orders::each_belongs_to_one_booking,
    orders::a_booking_has_one_at_most,
    money::charged_once,
    money::every_charge_is_known,
    money::refunded_once,
    money::the_ledger_is_exact,
    bookings::all_are_final,
    bookings::attention_only_where_nobody_can_tell,
    orders::tickets_are_the_suppliers,
    orders::nothing_is_left_of_what_failed,
    money::the_status_says_who_has_it,
    mails::what_became_of_it_is_told,
    mails::nothing_else_is_told,
    mails::once_each,
];

/// The first difference, if there is one.
pub fn check(books: &Books) -> Result<(), Difference> {
    RULES.iter().try_for_each(|rule| rule(books))
}

/// A difference, unless `holds`.
fn ensure(
    holds: bool,
    promise: &'static str,
    of: impl fmt::Display,
    found: impl FnOnce() -> String,
) -> Result<(), Difference> {
    if holds { Ok(()) } else { Err(Difference { promise, of: of.to_string(), found: found() }) }
}

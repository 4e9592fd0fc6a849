//! Faults: what went wrong, and what the host may do next.
//!
//! The one decision that matters is about calls that create or pay: was nothing done ([`retry_after`], [`rejected`], …),
//! or can that not be known ([`outcome_unknown`])? [`Effect`] carries the answer to every place that needs it.

use crate::types::{Disposition, Fault, Money};

/// What a call does at the far side, and so what a lost answer to it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It reads, or repeating it does no harm (an idempotency key that the far side honours): a lost answer is asked for
    /// again.
    Repeatable,
    /// It creates or pays: a lost answer leaves the outcome unknown.
    Once,
}

impl Effect {
    /// The disposition of a call whose answer was lost, or made no sense.
    pub fn lost(self, milliseconds: u32) -> Disposition {
        match self {
            Effect::Repeatable => Disposition::RetryAfter(milliseconds),
            Effect::Once => Disposition::OutcomeUnknown,
        }
    }
}

/// Milliseconds after which a read is worth another try where the far side names no delay.
pub const RETRY_MS: u32 = 1_000;

/// A fault without a code of the far side.
pub fn fault(disposition: Disposition, message: impl Into<String>) -> Fault {
    Fault { disposition, code: None, message: clip(message.into()), field: None }
}

/// A fault with the far side's own code.
pub fn coded(disposition: Disposition, code: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { code: Some(code.into()), ..fault(disposition, message) }
}

/// Nothing was done; try again after this long.
pub fn retry_after(milliseconds: u32, message: impl Into<String>) -> Fault {
    fault(Disposition::RetryAfter(milliseconds), message)
}

/// Nothing was done, and the same call would be refused again.
pub fn rejected(message: impl Into<String>) -> Fault {
    fault(Disposition::Rejected, message)
}

/// As [`rejected`], naming the field of the request (in the contract's names) that is wrong.
pub fn rejected_field(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { field: Some(field.into()), ..rejected(message) }
}

/// Seats or fares are gone.
pub fn sold_out(message: impl Into<String>) -> Fault {
    fault(Disposition::SoldOut, message)
}

/// The price is another now.
pub fn price_changed(now: Option<Money>, message: impl Into<String>) -> Fault {
    fault(Disposition::PriceChanged(now), message)
}

/// The offer is too old; a new search tells.
pub fn offer_expired(message: impl Into<String>) -> Fault {
    fault(Disposition::OfferExpired, message)
}

/// Wrong credentials, or not allowed.
pub fn not_authorised(message: impl Into<String>) -> Fault {
    fault(Disposition::NotAuthorised, message)
}

/// The supplier can't do it at all.
pub fn unsupported(message: impl Into<String>) -> Fault {
    fault(Disposition::Unsupported, message)
}

/// It may or may not have been done.
pub fn outcome_unknown(message: impl Into<String>) -> Fault {
    fault(Disposition::OutcomeUnknown, message)
}

/// An answer came, and can't be read. After a call that creates, that leaves its outcome unknown.
pub fn unreadable(effect: Effect, why: impl std::fmt::Display) -> Fault {
    coded(effect.lost(RETRY_MS), "unreadable", format!("the answer can't be read: {why}"))
}

/// What an HTTP status says by itself, for answers whose body says nothing better: 401 and 403 not authorised, 408 and 5xx
/// lost (by effect), 429 retry after `retry_ms`, other 4xx rejected.
pub fn from_status(status: u16, effect: Effect, retry_ms: Option<u32>, message: impl Into<String>) -> Fault {
    let disposition = match status {
        401 | 403 => Disposition::NotAuthorised,
        429 => Disposition::RetryAfter(retry_ms.unwrap_or(RETRY_MS)),
        408 | 500.. => effect.lost(retry_ms.unwrap_or(RETRY_MS)),
        400..=499 => Disposition::Rejected,
        _ => effect.lost(RETRY_MS),
    };
    coded(disposition, format!("http-{status}"), message)
}

/// Supplier's words can be a page of HTML.
fn clip(mut message: String) -> String {
    const LONGEST: usize = 500;
    if message.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_answer_to_a_creating_call_is_never_retried() {
        for status in [408, 500, 502, 503, 504, 302] {
            assert!(matches!(from_status(status, Effect::Once, None, "").disposition, Disposition::OutcomeUnknown));
            assert!(matches!(
                from_status(status, Effect::Repeatable, None, "").disposition,
                Disposition::RetryAfter(RETRY_MS)
            ));
        }
        assert!(matches!(unreadable(Effect::Once, "eof").disposition, Disposition::OutcomeUnknown));
    }

    #[test]
    fn too_many_requests_says_when() {
        let fault = from_status(429, Effect::Once, Some(7_000), "slow down");
        assert!(matches!(fault.disposition, Disposition::RetryAfter(7_000)));
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        assert!(rejected("é".repeat(900)).message.len() < 520);
    }
}

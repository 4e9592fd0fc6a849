//! The far side's errors.

use super::values::money_in;
use crate::call::Refused;
use crate::contract::errors;
use interline_domain::fault::{Disposition, Fault, Origin};
use std::time::Duration;

/// Bytes of the far side's words that are kept.
const WORDS: usize = 1000;

/// The longest pause that a component may ask for.
const PAUSE: Duration = Duration::from_secs(3600);

pub(crate) fn fault_in(fault: errors::Fault) -> Fault {
    let disposition = match fault.disposition {
        errors::Disposition::RetryAfter(pause) => {
            Disposition::RetryAfter { delay: Duration::from_millis(pause.into()).min(PAUSE) }
        }
        errors::Disposition::Rejected => Disposition::Rejected,
        errors::Disposition::SoldOut => Disposition::SoldOut,
        // A total that can't be read is one that was not told.
        errors::Disposition::PriceChanged(total) => {
            Disposition::PriceChanged { total: total.and_then(|total| money_in(&total).ok()) }
        }
        errors::Disposition::OfferExpired => Disposition::OfferExpired,
        errors::Disposition::NotAuthorised => Disposition::NotAuthorised,
        errors::Disposition::Unsupported => Disposition::Unsupported,
        errors::Disposition::OutcomeUnknown => Disposition::OutcomeUnknown,
    };
    Fault {
        disposition,
        origin: Origin::Component,
        code: fault.code.map(cut),
        message: cut(fault.message),
        field: fault.field.map(cut),
    }
}

pub(crate) fn refused(fault: errors::Fault) -> Refused {
    Refused::Fault(fault_in(fault))
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(WORDS));
    text
}

//! What may follow when the host, and not the far side, ends a call.
//!
//! This is where no order is made twice and no payment lost: after a request that may have changed something has left
//! the host, a call that makes, pays or cancels never ends with less than "outcome unknown" unless the far side itself,
//! through its component, said what became of it.

use crate::gate::Lane;
use interline_domain::fault::{Disposition, Fault, Origin};
use std::time::Duration;
use wasmtime::{PoolConcurrencyLimitError, Trap};

/// A function of the contract, and whether it makes, pays, cancels or gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) commits: bool,
    /// Nothing of a person is in its request or reply, so what the guest prints may be shown.
    pub(crate) impersonal: bool,
}

impl Operation {
    pub(crate) const DESCRIBE: Self = Self { impersonal: true, ..Self::reads("describe") };
    pub(crate) const SEARCH: Self = Self { impersonal: true, ..Self::reads("search") };
    pub(crate) const CHECK_PRICE: Self = Self { impersonal: true, ..Self::reads("check-price") };
    pub(crate) const CREATE: Self = Self::commits("create");
    pub(crate) const RETRIEVE: Self = Self::reads("retrieve");
    pub(crate) const FIND_ORDER: Self = Self::reads("find-order");
    pub(crate) const ISSUE: Self = Self::commits("issue");
    pub(crate) const QUOTE_CANCEL: Self = Self::reads("quote-cancel");
    pub(crate) const CANCEL: Self = Self::commits("cancel");
    pub(crate) const REFUND: Self = Self::commits("refund");
    pub(crate) const RETRIEVE_REFUND: Self = Self::reads("retrieve-refund");
    pub(crate) const INTERPRET_WEBHOOK: Self = Self::reads("interpret-webhook");
    pub(crate) const PRICE: Self = Self { impersonal: true, ..Self::reads("price") };
    pub(crate) const ALLOW: Self = Self { impersonal: true, ..Self::reads("allow") };
    pub(crate) const PENALTIES: Self = Self { impersonal: true, ..Self::reads("penalties") };

    /// In which lane it waits for a place.
    pub(crate) fn lane(self) -> Lane {
        if self == Self::SEARCH { Lane::Search } else { Lane::Booking }
    }

    const fn reads(name: &'static str) -> Self {
        Self { name, commits: false, impersonal: false }
    }

    const fn commits(name: &'static str) -> Self {
        Self { name, commits: true, impersonal: false }
    }
}

/// What left the host during a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Requests of any method.
    pub(crate) requests: u32,
    /// Of them, those by a method that may change something (not GET, HEAD or OPTIONS).
    pub(crate) unsafe_requests: u32,
}

/// Why the host ended a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The call's time is over.
    Deadline(Duration),
    /// Its time was over while it waited for a place.
    QueueDeadline,
    /// No place to wait in.
    QueueFull,
    /// All instances of the host are in use.
    NoInstance,
    /// The guest asked for more memory than it may have.
    Memory,
    /// The guest's answer is larger than the host takes.
    TooLarge,
    /// The guest ran out of stack.
    StackOverflow,
    /// The guest panicked or broke a rule of WebAssembly.
    Trap(String),
    /// The guest answered what the contract does not allow.
    Garbage(String),
    /// A request was refused by policy.
    EgressDenied(String),
    /// The circuit to the far side is open for so long.
    CircuitOpen(Duration),
    /// The component has no such interface.
    Unsupported(&'static str),
}

/// The guest asked for more memory than it may have.
#[derive(Debug, thiserror::Error)]
#[error("memory beyond {limit_mb} MiB asked for")]
pub(crate) struct MemoryExceeded {
    pub(crate) limit_mb: u32,
}

impl Stop {
    /// From what wasmtime says.
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        if error.downcast_ref::<MemoryExceeded>().is_some() {
            return Self::Memory;
        }
        if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
            return Self::NoInstance;
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return match trap {
                Trap::StackOverflow => Self::StackOverflow,
                trap => Self::Trap(trap.to_string()),
            };
        }
        let text = format!("{error:#}");
        if text.contains("fuel allocated for hostcalls") || text.contains("hostcall fuel") {
            return Self::TooLarge;
        }
        // Only wasmtime's own words: the guest has no way to put text here.
        Self::Garbage(text.lines().next().unwrap_or_default().to_owned())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Deadline(_) => "deadline",
            Self::QueueDeadline => "queue_deadline",
            Self::QueueFull => "queue_full",
            Self::NoInstance => "no_instance",
            Self::Memory => "memory",
            Self::TooLarge => "too_large",
            Self::StackOverflow => "stack_overflow",
            Self::Trap(_) => "trap",
            Self::Garbage(_) => "garbage",
            Self::EgressDenied(_) => "egress_denied",
            Self::CircuitOpen(_) => "circuit_open",
            Self::Unsupported(_) => "unsupported",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Deadline(limit) => format!("stopped after {} ms", limit.as_millis()),
            Self::QueueDeadline => "no place came free in time".to_owned(),
            Self::QueueFull => "too many calls wait already".to_owned(),
            Self::NoInstance => "all instances are in use".to_owned(),
            Self::Memory => "it asked for more memory than it may have".to_owned(),
            Self::TooLarge => "its answer is larger than the host takes".to_owned(),
            Self::StackOverflow => "it ran out of stack".to_owned(),
            Self::Trap(what) => format!("it crashed: {what}"),
            Self::Garbage(what) => format!("its answer breaks the contract: {what}"),
            Self::EgressDenied(what) => what.clone(),
            Self::CircuitOpen(_) => "the far side failed too often; no request is made for a while".to_owned(),
            Self::Unsupported(interface) => format!("it does not export {interface}"),
        }
    }

    /// The fault of a call that was stopped.
    pub(crate) fn fault(&self, operation: Operation, sent: Sent) -> Fault {
        let disposition = if operation.commits && sent.unsafe_requests > 0 {
            Disposition::OutcomeUnknown
        } else {
            match self {
                Self::Unsupported(_) => Disposition::Unsupported,
                Self::EgressDenied(_) => Disposition::Rejected,
                Self::CircuitOpen(pause) => Disposition::RetryAfter { delay: *pause },
                Self::QueueFull | Self::QueueDeadline | Self::NoInstance => {
                    Disposition::RetryAfter { delay: Duration::from_millis(200) }
                }
                _ => Disposition::RetryAfter { delay: Duration::from_secs(1) },
            }
        };
        Fault {
            disposition,
            origin: Origin::Host,
            code: Some(self.code().to_owned()),
            message: self.message(),
            field: None,
        }
    }
}

/// The fault of a call that the component itself answered with a fault, after the host's own refusals of its requests.
pub(crate) fn answered(operation: Operation, sent: Sent, refused: Option<Stop>, fault: Fault) -> Fault {
    if let Some(refused) = refused
        && sent.unsafe_requests == 0
    {
        return refused.fault(operation, sent);
    }
    if fault.disposition == Disposition::OutcomeUnknown && sent.requests == 0 {
        // The component can't know whether its request left; the host does, and none did.
        let disposition = Disposition::RetryAfter { delay: Duration::from_secs(1) };
        return Fault { disposition, ..fault };
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMITTING: [Operation; 4] = [Operation::CREATE, Operation::ISSUE, Operation::CANCEL, Operation::REFUND];
    const READING: [Operation; 5] = [
        Operation::SEARCH,
        Operation::CHECK_PRICE,
        Operation::RETRIEVE,
        Operation::FIND_ORDER,
        Operation::QUOTE_CANCEL,
    ];

    fn stops() -> Vec<Stop> {
        vec![
            Stop::Deadline(Duration::from_secs(1)),
            Stop::QueueDeadline,
            Stop::QueueFull,
            Stop::NoInstance,
            Stop::Memory,
            Stop::TooLarge,
            Stop::StackOverflow,
            Stop::Trap("unreachable".to_owned()),
            Stop::Garbage("wrong exponent".to_owned()),
            Stop::EgressDenied("no".to_owned()),
            Stop::CircuitOpen(Duration::from_secs(5)),
            Stop::Unsupported("order"),
        ]
    }

    proptest! {
        #[test]
        fn once_a_request_may_have_changed_something_the_outcome_is_unknown(
            stop in prop::sample::select(stops()),
            operation in prop::sample::select(&COMMITTING[..]),
            unsafe_requests in 1_u32..5,
            reads in 0_u32..5,
        ) {
            let sent = Sent { requests: unsafe_requests + reads, unsafe_requests };
            prop_assert_eq!(stop.fault(operation, sent).disposition, Disposition::OutcomeUnknown);
        }

        #[test]
        fn before_it_or_when_only_reading_the_outcome_is_known(
            stop in prop::sample::select(stops()),
            committing in prop::sample::select(&COMMITTING[..]),
            reading in prop::sample::select(&READING[..]),
            requests in 0_u32..5,
        ) {
            let only_read = stop.fault(committing, Sent { requests, unsafe_requests: 0 });
            prop_assert_ne!(only_read.disposition, Disposition::OutcomeUnknown);
            let sent = Sent { requests, unsafe_requests: requests };
            prop_assert_ne!(stop.fault(reading, sent).disposition, Disposition::OutcomeUnknown);
        }
    }

    fn component_fault(disposition: Disposition) -> Fault {
        Fault { disposition, origin: Origin::Component, code: None, message: String::new(), field: None }
    }

    #[test]
    fn the_far_sides_own_word_stands() {
        let sent = Sent { requests: 2, unsafe_requests: 2 };
        for disposition in [Disposition::SoldOut, Disposition::OutcomeUnknown, Disposition::Rejected] {
            let fault = answered(Operation::CREATE, sent, None, component_fault(disposition.clone()));
            assert_eq!(fault.disposition, disposition);
        }
        let refused = Some(Stop::EgressDenied("second host".to_owned()));
        let fault = answered(Operation::CREATE, sent, refused, component_fault(Disposition::OutcomeUnknown));
        assert_eq!(fault.disposition, Disposition::OutcomeUnknown);
    }

    #[test]
    fn unknown_without_any_request_is_known_to_be_nothing() {
        let fault = answered(Operation::CREATE, Sent::default(), None, component_fault(Disposition::OutcomeUnknown));
        assert!(matches!(fault.disposition, Disposition::RetryAfter { .. }));
    }

    #[test]
    fn a_refused_request_is_told_by_the_host() {
        let refused = Some(Stop::EgressDenied("no".to_owned()));
        let fault = answered(Operation::SEARCH, Sent::default(), refused, component_fault(Disposition::Rejected));
        assert_eq!((fault.origin, fault.code.as_deref()), (Origin::Host, Some("egress_denied")));
    }
}

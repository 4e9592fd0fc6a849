//! A booking's life: its statuses, and the one table of legal moves. The database holds the same table, and a test holds
//! the two together.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Made from a quote; no payment yet.
    Init,
    /// A payment waits for the traveller.
    PendingPayment,
    /// Money is there; held at this step only when the ticketing job can't be made with it.
    Paid,
    /// Ticketing is queued or under way.
    PendingTicket,
    /// Tickets are issued.
    Ticketed,
    /// A person must look: the supplier can't tell what became of the order, or a refund failed for good.
    NeedsAttention,
    /// The traveller asked to cancel; the supplier is being told.
    CancelPending,
    /// Money goes back.
    RefundPending,
    /// Money is back.
    Refunded,
    /// Over, and no money is owed.
    Cancelled,
    /// Not paid in time.
    Expired,
}

use Status::*;

/// All statuses.
pub const ALL: [Status; 11] = [
    Init,
    PendingPayment,
    Paid,
    PendingTicket,
    Ticketed,
    NeedsAttention,
    CancelPending,
    RefundPending,
    Refunded,
    Cancelled,
    Expired,
];

/// Every legal move, from → to. What is not here is refused, by the database too.
pub const MOVES: &[(Status, Status)] = &[
    (Init, PendingPayment),
    (Init, Expired),
    (Init, Cancelled),
    // A payment may succeed before the answer to its creation was stored.
    (Init, PendingTicket),
    // A payment came in that is not what was asked for.
    (Init, NeedsAttention),
    (PendingPayment, Paid),
    (PendingPayment, PendingTicket),
    (PendingPayment, Expired),
    (PendingPayment, Cancelled),
    (PendingPayment, NeedsAttention),
    (Paid, PendingTicket),
    (Paid, RefundPending),
    (PendingTicket, Ticketed),
    (PendingTicket, NeedsAttention),
    (PendingTicket, RefundPending),
    // What became of the order was found out after all, by a later look-up or by a person.
    (NeedsAttention, Ticketed),
    (NeedsAttention, PendingTicket),
    (NeedsAttention, RefundPending),
    (NeedsAttention, Refunded),
    (NeedsAttention, Cancelled),
    (NeedsAttention, CancelPending),
    (Ticketed, CancelPending),
    (CancelPending, RefundPending),
    (CancelPending, Cancelled),
    (CancelPending, Ticketed),
    (CancelPending, NeedsAttention),
    (RefundPending, Refunded),
    (RefundPending, NeedsAttention),
    // Cancelled with nothing to give back to the traveller, and a success that came too late goes back.
    (RefundPending, Cancelled),
    (Expired, RefundPending),
    (Expired, NeedsAttention),
    (Cancelled, RefundPending),
    (Cancelled, NeedsAttention),
    // A second success on a booking already given back.
    (Refunded, RefundPending),
    (Refunded, NeedsAttention),
];

impl Status {
    /// Whether the move is in the table.
    pub fn may_become(self, next: Status) -> bool {
        MOVES.contains(&(self, next))
    }

    /// Nothing more happens by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Ticketed | Refunded | Cancelled | Expired)
    }

    /// As it stands in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Init => "INIT",
            PendingPayment => "PENDING_PAYMENT",
            Paid => "PAID",
            PendingTicket => "PENDING_TICKET",
            Ticketed => "TICKETED",
            NeedsAttention => "NEEDS_ATTENTION",
            CancelPending => "CANCEL_PENDING",
            RefundPending => "REFUND_PENDING",
            Refunded => "REFUNDED",
            Cancelled => "CANCELLED",
            Expired => "EXPIRED",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a booking status")]
pub struct UnknownStatus(pub String);

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_can_be_reached_and_none_moves_to_itself() {
        for status in ALL {
            assert!(status == Init || MOVES.iter().any(|(_, to)| *to == status), "{status} is never reached");
            assert!(!status.may_become(status));
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }

    #[test]
    fn a_ticketed_booking_is_never_refunded_without_being_cancelled() {
        assert!(!Ticketed.may_become(RefundPending));
        assert!(!Ticketed.may_become(Refunded));
    }
}

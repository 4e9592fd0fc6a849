//! Stripe's test payment methods, and what becomes of a payment by them.

/// What a confirmation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Paid.
    Succeeds,
    /// Taken up, and paid a little later.
    SucceedsLater,
    /// Taken up, and declined a little later.
    FailsLater,
    /// Declined: decline code and words.
    Declined(&'static str, &'static str),
    /// The traveller must prove who they are first.
    NeedsAction,
}

/// What becomes of a refund to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefundOutcome {
    /// Done at once.
    Succeeds,
    /// Pending first.
    SucceedsLater,
    /// Pending first, then failed.
    FailsLater,
}

/// The outcome of paying by this method; none if there is no such one.
pub(super) fn outcome(method: &str) -> Option<Outcome> {
    Some(match method {
        "pm_card_visa"
        | "pm_card_mastercard"
        | "pm_card_amex"
        | "pm_card_visa_debit"
        | "pm_card_jcb"
        | "pm_card_refundFail"
        | "pm_card_pendingRefund" => Outcome::Succeeds,
        "pm_card_chargeDeclined" | "pm_card_visa_chargeDeclined" => {
            Outcome::Declined("generic_decline", "Your card was declined.")
        }
        "pm_card_chargeDeclinedInsufficientFunds" | "pm_card_visa_chargeDeclinedInsufficientFunds" => {
            Outcome::Declined("insufficient_funds", "Your card has insufficient funds.")
        }
        "pm_card_chargeDeclinedExpiredCard" => Outcome::Declined("expired_card", "Your card has expired."),
        "pm_card_authenticationRequired" | "pm_card_threeDSecure2Required" => Outcome::NeedsAction,
        "pm_usBankAccount_success" => Outcome::SucceedsLater,
        "pm_usBankAccount_insufficientFunds" => Outcome::FailsLater,
        _ => return None,
    })
}

/// The outcome of refunding to this method.
pub(super) fn refund_outcome(method: &str) -> RefundOutcome {
    match method {
        "pm_card_refundFail" => RefundOutcome::FailsLater,
        "pm_card_pendingRefund" => RefundOutcome::SucceedsLater,
        _ => RefundOutcome::Succeeds,
    }
}

//! Cancellations.

use super::optional_instant;
use crate::token::CancelToken;
use crate::wire::cancellation as wire;
use crate::wire::order::Order;
use interline_plugin_sdk::supplier::{CancelQuote, Cancellation, Fault, Money};
use interline_plugin_sdk::{decimal, fault, token};

/// A pending cancellation is a quote.
pub fn quote(wire: &wire::Cancellation) -> Result<CancelQuote, Fault> {
    Ok(CancelQuote {
        refund: refund(wire)?,
        expires_at: optional_instant(wire.expires_at.as_deref()),
        token: token::encode(&CancelToken { cancellation: wire.id.clone() })?,
    })
}

/// A confirmed one.
pub fn confirmed(wire: &wire::Cancellation) -> Result<Cancellation, Fault> {
    Ok(Cancellation { refund: refund(wire)?, reference: Some(wire.id.clone()) })
}

/// Of an order that is cancelled already, without a cancellation of ours: nothing is known to come back.
pub fn nothing_back(order: &Order) -> Result<CancelQuote, Fault> {
    let unreadable = |why: decimal::AmountError| fault::unreadable(fault::Effect::Repeatable, why);
    let refund = decimal::zero(&order.total_currency).map_err(unreadable)?;
    Ok(CancelQuote { refund, expires_at: None, token: token::encode(&CancelToken::default())? })
}

/// The money that comes back. Vouchers and airline credits are none: of those, nothing can be given back to the traveller.
fn refund(wire: &wire::Cancellation) -> Result<Money, Fault> {
    let (Some(amount), Some(currency)) = (&wire.refund_amount, &wire.refund_currency) else {
        return Err(fault::unsupported("the airline does not tell what cancelling gives back; Duffel's support can"));
    };
    let unreadable = |why: decimal::AmountError| fault::unreadable(fault::Effect::Repeatable, why);
    match wire.refund_to.as_deref() {
        Some("voucher" | "airline_credits") => decimal::zero(currency).map_err(unreadable),
        _ => decimal::money(amount, currency).map_err(unreadable),
    }
}

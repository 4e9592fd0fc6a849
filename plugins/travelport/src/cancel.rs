//! What a cancellation would give back, and the cancellation.

use crate::api::{self, Answer};
use crate::errors;
use crate::order;
use crate::refund;
use crate::token::{self, CancelToken};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{
    CancelQuote, CancelRequest, Cancellation, Disposition, Fault, Money, Order, OrderRef, OrderStatus,
};
use interline_plugin_sdk::token as tokens;
use interline_plugin_sdk::xml::Element;

/// What cancelling now would give back: nothing was paid for what is not ticketed.
pub fn quote(transport: &dyn Transport, order: &OrderRef) -> Result<CancelQuote, Fault> {
    let answer = order::fetch(transport, &order.id)?;
    let refund = refund::quote(transport, &order::mapped(&answer, &order.token)?)?.refund;
    let remembered = CancelToken { refund: format!("{}{}", refund.currency, decimal::to_decimal(&refund)) };
    Ok(CancelQuote { refund, expires_at: None, token: tokens::encode(&remembered)? })
}

/// Cancels: the tickets are refunded as their fares allow, then the seats are released. Whoever comes again goes on from
/// where the record stands.
pub fn cancel(transport: &dyn Transport, request: &CancelRequest) -> Result<Cancellation, Fault> {
    if host::replaying() {
        let answer = api::ask(transport, api::RECORDS, Effect::Once, order::cancel_message(None, None)?)?;
        let quoted: CancelToken = token::decode(&request.quote).unwrap_or_default();
        let refund = decimal::prefixed_money(&quoted.refund).or_else(|_| decimal::zero("USD"));
        return done(&answer.message, refund.map_err(|why| fault::rejected(why.to_string()))?);
    }
    let quoted: CancelToken = token::decode(&request.quote)?;
    let refund = decimal::prefixed_money(&quoted.refund);
    let refund = refund.map_err(|why| fault::offer_expired(format!("no cancellation was quoted: {why}")))?;
    let mut read = order::fetch(transport, &request.order.id)?;
    let now = order::mapped(&read, &request.order.token)?;
    if now.status == OrderStatus::Cancelled {
        return Ok(Cancellation { refund, reference: Some(now.locator) });
    }
    if !refund::is_done(&read.message) {
        let quote = refund::quote(transport, &now)?;
        if quote.refund != refund {
            return Err(fault::offer_expired("the refund is another now"));
        }
        if quote.refund.units > 0 {
            refund::refund(transport, &now, quote)?;
            // It has another version now.
            read = order::fetch(transport, &request.order.id).map_err(half_done)?;
        }
    }
    let released = release(transport, request, &now, &read, refund);
    if refund::is_done(&read.message) { released.map_err(half_done) } else { released }
}

/// The tickets are refunded: to come again later is safe, and anything else is not to be taken for "nothing was done".
fn half_done(fault: Fault) -> Fault {
    match fault.disposition {
        Disposition::RetryAfter(_) | Disposition::OutcomeUnknown => fault,
        _ => {
            fault::outcome_unknown(format!("the tickets are refunded, the record is not cancelled: {}", fault.message))
        }
    }
}

/// Gives the seats back.
fn release(
    transport: &dyn Transport,
    request: &CancelRequest,
    now: &Order,
    read: &Answer,
    refund: Money,
) -> Result<Cancellation, Fault> {
    let universal = read.message.child("UniversalRecord");
    let version = universal.and_then(|record| record.attr("Version"));
    let message = order::cancel_message(Some(&request.order.id), version)?;
    let fault = match api::ask(transport, api::RECORDS, Effect::Once, message) {
        Ok(answer) => return done(&answer.message, refund),
        Err(fault) => fault,
    };
    let already = fault.code.as_deref() == Some(errors::CANCELLED_ALREADY);
    if already {
        return Ok(Cancellation { refund, reference: Some(now.locator.clone()) });
    }
    if fault.disposition != Disposition::OutcomeUnknown {
        return Err(fault);
    }
    // The answer was lost: the record tells.
    match order::retrieve(transport, &request.order) {
        Ok(later) if later.status == OrderStatus::Cancelled => {
            Ok(Cancellation { refund, reference: Some(later.locator) })
        }
        _ => Err(fault),
    }
}

fn done(message: &Element, refund: Money) -> Result<Cancellation, Fault> {
    let statuses: Vec<&Element> = message.children("ProviderReservationStatus").collect();
    let kept = statuses.iter().find(|status| status.attr("Cancelled") != Some("true"));
    match (kept, statuses.first()) {
        (Some(kept), _) if statuses.len() == 1 => {
            let info = kept.child("CancelInfo");
            let words = info.map(Element::text).filter(|words| !words.is_empty()).unwrap_or("it was not cancelled");
            let code = info.and_then(|info| info.attr("Code")).unwrap_or("cancel");
            Err(errors::said(words, code, Effect::Once))
        }
        (Some(_), _) => Err(fault::outcome_unknown("only a part of the record was cancelled")),
        (None, Some(status)) => Ok(Cancellation { refund, reference: status.attr("LocatorCode").map(str::to_owned) }),
        (None, None) => Err(fault::outcome_unknown("the answer tells no status of the reservation")),
    }
}

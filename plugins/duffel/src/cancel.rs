//! `POST /air/order_cancellations`, and `…/{id}/actions/confirm`.

use crate::api;
use crate::mapping::cancellation as map;
use crate::order;
use crate::price::path_segment;
use crate::token::{self, CancelToken};
use crate::wire::cancellation as wire;
use crate::wire::order::Order;
use crate::wire::request as out;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::json;
use interline_plugin_sdk::supplier::{CancelQuote, CancelRequest, Cancellation, Disposition, Fault, OrderRef};

/// What cancelling would give back. A pending cancellation changes nothing. For an order cancelled already, what was given
/// back then.
pub fn quote(transport: &dyn Transport, order: &OrderRef) -> Result<CancelQuote, Fault> {
    let body = out::OrderCancellation { order_id: order.id.clone() };
    match api::post(transport, "order_cancellations", Effect::Repeatable, Some(body)) {
        Ok(response) => map::quote(&settled(transport, &order.id, api::object(&response)?)?),
        Err(fault) if already(&fault) => match confirmed_of(transport, &order.id)? {
            Some(cancellation) => map::quote(&cancellation),
            None => map::nothing_back(&cancelled(transport, &order.id)?),
        },
        Err(fault) => Err(fault),
    }
}

/// Confirms the quoted cancellation.
pub fn cancel(transport: &dyn Transport, request: &CancelRequest) -> Result<Cancellation, Fault> {
    let token: CancelToken = token::decode(&request.quote)?;
    if token.cancellation.is_empty() && !host::replaying() {
        let quote = map::nothing_back(&cancelled(transport, &request.order.id)?)?;
        return Ok(Cancellation { refund: quote.refund, reference: None });
    }
    let path = format!("order_cancellations/{}", path_segment(&token.cancellation));
    let confirm = api::post(transport, &format!("{path}/actions/confirm"), Effect::Once, None::<()>);
    let fault = match confirm {
        Ok(response) => {
            let cancellation = settled(transport, &request.order.id, api::object(&response)?).map_err(done)?;
            return map::confirmed(&cancellation).map_err(done);
        }
        Err(fault) => fault,
    };
    // Refused because it is done already, or the answer was lost: the cancellation itself tells.
    if !already(&fault) && fault.disposition != Disposition::OutcomeUnknown {
        return Err(fault);
    }
    let own = api::get(transport, &path).and_then(|response| api::object::<wire::Cancellation>(&response));
    let unconfirmed = matches!(&own, Ok(cancellation) if cancellation.confirmed_at.is_none());
    let confirmed = match own {
        Ok(cancellation) if cancellation.confirmed_at.is_some() => Some(cancellation),
        // Another cancellation of the same order may have been confirmed before this one.
        _ => confirmed_of(transport, &request.order.id).ok().flatten(),
    };
    match confirmed {
        Some(cancellation) => map::confirmed(&cancellation).map_err(done),
        // Confirming twice is refused by Duffel, and so safe to repeat.
        None if unconfirmed => Err(Fault { disposition: Disposition::RetryAfter(fault::RETRY_MS), ..fault }),
        None => Err(fault),
    }
}

/// Of an order that was not paid Duffel may tell no amount: nothing comes back, in the order's currency.
fn settled(transport: &dyn Transport, id: &str, told: wire::Cancellation) -> Result<wire::Cancellation, Fault> {
    if told.refund_to.as_deref() != Some("awaiting_payment") || told.refund_amount.is_some() {
        return Ok(told);
    }
    let order: Order = api::object(&order::fetch(transport, id)?)?;
    let nothing = Some("0".to_owned());
    Ok(wire::Cancellation { refund_amount: nothing, refund_currency: Some(order.total_currency), ..told })
}

/// The order, if the airline cancelled it, beyond any cancellation of ours.
fn cancelled(transport: &dyn Transport, id: &str) -> Result<Order, Fault> {
    let order: Order = api::object(&order::fetch(transport, id)?)?;
    if order.cancelled_at.is_some() { Ok(order) } else { Err(fault::rejected("no cancellation was quoted")) }
}

/// It is cancelled: a fault about the money must not say that nothing was done.
fn done(fault: Fault) -> Fault {
    fault::outcome_unknown(format!("cancelled, but {}", fault.message))
}

fn already(fault: &Fault) -> bool {
    matches!(
        fault.code.as_deref(),
        Some(
            "already_cancelled"
                | "order_already_cancelled"
                | "already_confirmed"
                | "order_cancellation_already_confirmed"
        )
    )
}

/// The confirmed cancellation of an order, if there is one.
fn confirmed_of(transport: &dyn Transport, order_id: &str) -> Result<Option<wire::Cancellation>, Fault> {
    let response = api::get(transport, &format!("order_cancellations?order_id={}&limit=200", path_segment(order_id)))?;
    let data = api::data(&response)?;
    let list: Vec<wire::Cancellation> = json::parse(data).map_err(|why| fault::unreadable(response.effect, why))?;
    let of_order = |c: &wire::Cancellation| c.order_id.as_deref() == Some(order_id);
    Ok(list.into_iter().find(|c| c.confirmed_at.is_some() && of_order(c)))
}

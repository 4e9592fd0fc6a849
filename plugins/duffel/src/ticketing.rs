//! `POST /air/payments`: pays a held order from the balance, whereupon the airline issues the tickets.

use crate::api;
use crate::mapping::order as map;
use crate::order;
use crate::wire::{order as wire, request as out};
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, Money, Order, OrderStatus, TicketRequest};

/// Pays what is unpaid, and tells the order. An order paid before is told as it is.
pub fn issue(transport: &dyn Transport, request: &TicketRequest) -> Result<Order, Fault> {
    let passengers = order::passengers(&request.order)?;
    let response = order::fetch(transport, &request.order.id)?;
    let wire: wire::Order = api::object(&response)?;
    let now = order::mapped(&response, passengers.clone())?;
    if wire.cancelled_at.is_some() {
        return Err(fault::rejected("the order is cancelled"));
    }
    if !map::unpaid(&wire) {
        return Ok(now);
    }
    let total = order::agreed(now.total, &request.expected_total)?;
    let payment = out::OrderPayment { order_id: now.id, payment: order::balance(&total) };
    match api::post(transport, "payments", Effect::Once, Some(payment)) {
        Ok(_) => {}
        Err(fault) if fault.code.as_deref() == Some("already_paid") => {}
        Err(fault) => return after(transport, request, &total, fault),
    }
    // It is paid: from here on nothing may say that nothing was done.
    order::retrieve(transport, &request.order)
        .map_err(|why| fault::outcome_unknown(format!("paid, and the order could not be read: {}", why.message)))
}

/// The payment failed, or its answer was lost: the order tells more.
fn after(transport: &dyn Transport, request: &TicketRequest, total: &Money, fault: Fault) -> Result<Order, Fault> {
    let telling = matches!(fault.disposition, Disposition::OutcomeUnknown | Disposition::PriceChanged(None));
    let now = telling.then(|| order::retrieve(transport, &request.order).ok()).flatten();
    match (fault.disposition.clone(), now) {
        (Disposition::OutcomeUnknown, Some(now))
            if matches!(now.status, OrderStatus::Ticketed | OrderStatus::Pending) =>
        {
            Ok(now)
        }
        // The price of a held order may rise until it is paid; the contract wants the new one.
        (Disposition::PriceChanged(None), Some(now)) if now.total != *total => {
            Err(Fault { disposition: Disposition::PriceChanged(Some(now.total)), ..fault })
        }
        _ => Err(fault),
    }
}

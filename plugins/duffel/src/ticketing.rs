//! `POST /air/payments`: pays a held order from the balance, whereupon the airline issues the tickets.

use crate::api;
use crate::mapping::order as map;
use crate::order;
use crate::wire::{order as wire, request as out};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Fault, Order, TicketRequest};

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
        Err(mut fault) => {
            // The price of a held order may rise until it is paid; the contract wants the new one.
            if matches!(fault.disposition, interline_plugin_sdk::supplier::Disposition::PriceChanged(None)) {
                let fresh = order::retrieve(transport, &request.order).ok();
                let changed = fresh.map(|o| o.total).filter(|t| decimal_differs(t, &total));
                fault.disposition = interline_plugin_sdk::supplier::Disposition::PriceChanged(changed);
            }
            return Err(fault);
        }
    }
    // It is paid: from here on nothing may say that nothing was done.
    order::retrieve(transport, &request.order)
        .map_err(|why| fault::outcome_unknown(format!("paid, and the order could not be read: {}", why.message)))
}

fn decimal_differs(a: &interline_plugin_sdk::supplier::Money, b: &interline_plugin_sdk::supplier::Money) -> bool {
    a.currency != b.currency || decimal::to_decimal(a) != decimal::to_decimal(b)
}

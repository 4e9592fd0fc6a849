//! `IATA_OrderChangeRQ` with a payment, whereupon the airline issues the tickets.

use crate::api::Message;
use crate::token::{self, OrderToken};
use crate::{order, request};
use interline_plugin_sdk::fault;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, Money, Order, OrderStatus, TicketRequest};
use interline_plugin_sdk::xml::Node;

/// Pays what is unpaid, and tells the order. An order ticketed before is told as it is.
pub fn issue(transport: &dyn Transport, request: &TicketRequest) -> Result<Order, Fault> {
    let token: OrderToken = token::decode(&request.order.token)?;
    let now = order::retrieve(transport, &request.order)?;
    match now.status {
        OrderStatus::Ticketed | OrderStatus::Pending => return Ok(now),
        OrderStatus::Cancelled => return Err(fault::rejected("the order is cancelled")),
        OrderStatus::Held => {}
    }
    let total = order::agreed(now.total, &request.expected_total)?;
    let body = Node::new("Request")
        .child(request::order(&request.order, token.owner.as_deref()))
        .child(request::payment(&total));
    let paid = Message::new("IATA_OrderChangeRQ", body).once(&request.client_reference).send(transport);
    match paid.and_then(|answer| order::mapped(&answer, &token)) {
        // The payment was taken, and the tickets follow.
        Ok(order) if order.status == OrderStatus::Held => Ok(Order { status: OrderStatus::Pending, ..order }),
        Ok(order) => Ok(order),
        Err(fault) => after(transport, request, &total, fault),
    }
}

/// The payment failed, or its answer was lost: the order tells more.
fn after(transport: &dyn Transport, request: &TicketRequest, total: &Money, fault: Fault) -> Result<Order, Fault> {
    let telling = order::unknown(&fault)
        || matches!(fault.disposition, Disposition::PriceChanged(None))
        || matches!(fault.disposition, Disposition::Rejected);
    let Some(now) = telling.then(|| order::retrieve(transport, &request.order).ok()).flatten() else {
        return Err(fault);
    };
    match (&fault.disposition, now.status) {
        // Lost, or refused as paid already.
        (Disposition::OutcomeUnknown | Disposition::Rejected, OrderStatus::Ticketed | OrderStatus::Pending) => Ok(now),
        (Disposition::PriceChanged(None), _) if now.total != *total => {
            Err(Fault { disposition: Disposition::PriceChanged(Some(now.total)), ..fault })
        }
        _ => Err(fault),
    }
}

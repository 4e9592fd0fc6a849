//! Tickets given back. Cancelling a record releases its seats and leaves its tickets as they are: they are refunded first.

use crate::api;
use crate::errors;
use crate::mapping::{fare, record};
use crate::order;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, Money, Order, OrderStatus};
use interline_plugin_sdk::xml::{Element, Node};

/// Attributes of an `AirRefundInfo` that go back as they came.
const KEPT: [&str; 5] = ["RefundAmount", "RetainAmount", "RefundFee", "RefundableTaxes", "FiledCurrency"];

/// What uAPI would give back for an order's tickets.
pub struct Quote {
    /// The sum; nothing for what is not ticketed, or worth nothing any more.
    pub refund: Money,
    bundles: Vec<Node>,
}

/// Asks what the tickets would give back now.
pub fn quote(transport: &dyn Transport, order: &Order) -> Result<Quote, Fault> {
    let zero = decimal::zero(&order.total.currency).map_err(|why| fault::unsupported(why.to_string()))?;
    let nothing = Quote { refund: zero.clone(), bundles: Vec::new() };
    if order.tickets.is_empty() || order.status == OrderStatus::Cancelled {
        return Ok(nothing);
    }
    let message = api::message("air:AirRefundQuoteReq", None)?.children(numbers(order));
    let answer = match api::ask(transport, api::AIR, Effect::Repeatable, message) {
        Ok(answer) => answer,
        Err(fault) if fault.code.as_deref() == Some(errors::NO_REFUND) => return Ok(nothing),
        Err(fault) => return Err(fault),
    };
    let unreadable = |why: String| fault::unreadable(answer.effect, why);
    let (mut refund, mut bundles) = (zero, Vec::new());
    for info in answer.message.descendants("AirRefundInfo") {
        if let Some(amount) = fare::money(info, "RefundAmount").map_err(unreadable)? {
            refund = decimal::add(&refund, &amount).map_err(|why| unreadable(why.to_string()))?;
            let kept =
                KEPT.iter().fold(Node::new("air:AirRefundInfo"), |node, name| node.attr_some(name, info.attr(name)));
            bundles.push(Node::new("air:AirRefundBundle").child(kept));
        }
    }
    if bundles.is_empty() { Err(fault::unsupported("no refund was quoted")) } else { Ok(Quote { refund, bundles }) }
}

/// Has the tickets refunded as they were quoted, once: whoever asks again finds them refunded in the record.
pub fn refund(transport: &dyn Transport, order: &Order, quote: Quote) -> Result<(), Fault> {
    let message = api::message("air:AirRefundReq", None)?.children(quote.bundles).children(numbers(order));
    let fault = match api::ask(transport, api::AIR, Effect::Once, message) {
        Ok(answer) => match answer.message.find("RefundFailureInfo") {
            None => return Ok(()),
            // Of several tickets some may be refunded: the record tells.
            Some(failure) => fault::outcome_unknown(failure.attr("Message").unwrap_or("a ticket was not refunded")),
        },
        Err(fault) => fault,
    };
    if fault.disposition != Disposition::OutcomeUnknown {
        return Err(fault);
    }
    match order::fetch(transport, &order.id) {
        Ok(read) if is_done(&read.message) => Ok(()),
        _ => Err(fault),
    }
}

/// Whether the record in an answer has tickets, and all of them were given back.
pub fn is_done(message: &Element) -> bool {
    message.child("UniversalRecord").is_some_and(record::is_given_back)
}

fn numbers(order: &Order) -> impl Iterator<Item = Node> {
    order.tickets.iter().map(|ticket| Node::new("air:TicketNumber").text(&ticket.number))
}

//! `AirTicketingReq`: by the agency's settlement plan.

use crate::api;
use crate::errors;
use crate::mapping::record;
use crate::order;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, Order, OrderStatus, TicketRequest};
use interline_plugin_sdk::xml::Node;

/// Issues what is not issued, and tells the order. What is ticketed already is told as it is.
pub fn issue(transport: &dyn Transport, request: &TicketRequest) -> Result<Order, Fault> {
    if host::replaying() {
        let answer = api::ask(transport, api::AIR, Effect::Once, message(request, "")?)?;
        return match answer.message.child("TicketFailureInfo") {
            Some(failure) => Err(errors::ticket_failure(failure, answer.effect)),
            None => order::mapped(&answer, &[]),
        };
    }
    let read = order::fetch(transport, &request.order.id)?;
    let now = order::mapped(&read, &request.order.token)?;
    match now.status {
        OrderStatus::Ticketed | OrderStatus::Pending => return Ok(now),
        OrderStatus::Cancelled => return Err(fault::sold_out("the reservation is cancelled")),
        OrderStatus::Held => {}
    }
    let universal = read.message.child("UniversalRecord");
    if let Some(status) = universal.and_then(record::unconfirmed) {
        return Err(fault::coded(Disposition::SoldOut, status, "a flight is not confirmed"));
    }
    if !universal.is_some_and(record::has_price) {
        return Err(fault::rejected("the reservation has no stored fare to ticket"));
    }
    order::agreed(now.total, &request.expected_total)?;
    let air = universal.and_then(record::reservation).unwrap_or_default();
    let answered = api::ask(transport, api::AIR, Effect::Once, message(request, air)?);
    let failed = match answered {
        Ok(answer) => {
            let failure = answer.message.child("TicketFailureInfo");
            let issued = answer.message.child("ETR").is_some();
            match failure.map(|failure| errors::ticket_failure(failure, answer.effect)) {
                None if issued => None,
                None => Some(fault::unreadable(answer.effect, "neither a ticket nor a failure")),
                Some(fault) if issued => {
                    Some(fault::outcome_unknown(format!("issued for some travellers only: {}", fault.message)))
                }
                failed => failed,
            }
        }
        Err(fault) => Some(fault),
    };
    match failed {
        // Tickets are issued: from here on nothing may say that nothing was done.
        None => order::retrieve(transport, &request.order).map_err(|why| {
            fault::outcome_unknown(format!("issued, and the record could not be read: {}", why.message))
        }),
        Some(fault) => after(transport, request, fault),
    }
}

/// The answer was lost, or says that tickets were issued before: the record tells more.
fn after(transport: &dyn Transport, request: &TicketRequest, fault: Fault) -> Result<Order, Fault> {
    let already = fault.message.to_ascii_uppercase().contains("ALREADY");
    if fault.disposition != Disposition::OutcomeUnknown && !already {
        return Err(fault);
    }
    match order::retrieve(transport, &request.order) {
        Ok(now) if matches!(now.status, OrderStatus::Ticketed | OrderStatus::Pending) => Ok(now),
        _ if already => Err(Fault { disposition: Disposition::OutcomeUnknown, ..fault }),
        _ => Err(fault),
    }
}

fn message(request: &TicketRequest, air: &str) -> Result<Node, Fault> {
    let payment = Node::new("com:FormOfPayment").attr("Type", "Cash");
    Ok(api::message("air:AirTicketingReq", Some(&request.client_reference))?
        .attr("ReturnInfoOnFail", "true")
        .leaf("air:AirReservationLocatorCode", air)
        .child(Node::new("air:AirTicketingModifiers").child(payment)))
}

//! Orders, tickets, cancellations.

use super::flights::{kind_out, segment_in};
use super::values::{amount_in, date_out, instant_in, instant_out, milliseconds, money_out};
use super::{Broken, bounded};
use crate::contract::{describe, order, order_cancel, ticketing};
use crate::supplier::{CancelRequest, FindRequest, Lookup, OrderRef, OrderRequest, SupplierDescription, TicketRequest};
use interline_domain::order::{
    CancelQuote, Cancellation, Document, DocumentKind, FindOutcome, Gender, OrderStatus, SupplierOrder, Ticket,
    Traveller,
};
use std::time::Duration;

/// Bytes that an adapter may keep with an order.
const TOKEN: usize = 64 * 1024;

pub(crate) fn description_in(description: describe::Description) -> Result<SupplierDescription, Broken> {
    let lookup = |lookup: describe::Lookup| match lookup {
        describe::Lookup::ClientReference => Lookup::ClientReference,
        describe::Lookup::Locator => Lookup::Locator,
        describe::Lookup::TravellerAndDate => Lookup::TravellerAndDate,
    };
    Ok(SupplierDescription {
        name: bounded(description.name, 64, "a name")?,
        protocol: bounded(description.protocol, 256, "a protocol")?,
        lookups: description.lookups.into_iter().map(lookup).collect(),
        absence_is_proof: description.absence_is_proof.into_iter().map(lookup).collect(),
    })
}

pub(crate) fn create_out(request: &OrderRequest, timeout: Duration) -> order::OrderRequest {
    order::OrderRequest {
        client_reference: request.client_reference.clone(),
        offer_id: request.offer_id.clone(),
        token: request.token.to_vec(),
        expected_total: money_out(request.expected_total),
        travellers: request.travellers.iter().map(traveller_out).collect(),
        contact: order::Contact { email: request.contact.email.clone(), phone: request.contact.phone.clone() },
        timeout_ms: milliseconds(timeout),
    }
}

fn traveller_out(traveller: &Traveller) -> order::Traveller {
    order::Traveller {
        kind: kind_out(traveller.kind),
        title: traveller.title.clone(),
        given_name: traveller.given_name.clone(),
        family_name: traveller.family_name.clone(),
        born_on: date_out(traveller.born_on),
        gender: match traveller.gender {
            Gender::Female => order::Gender::Female,
            Gender::Male => order::Gender::Male,
            Gender::Unspecified => order::Gender::Unspecified,
        },
        document: traveller.document.as_ref().map(document_out),
        lap_of: traveller.lap_of,
    }
}

fn document_out(document: &Document) -> order::Document {
    order::Document {
        kind: match document.kind {
            DocumentKind::Passport => order::DocumentKind::Passport,
            DocumentKind::IdentityCard => order::DocumentKind::IdentityCard,
        },
        number: document.number.clone(),
        issuing_country: document.issuing_country.clone(),
        nationality: document.nationality.clone(),
        expires_on: date_out(document.expires_on),
    }
}

pub(crate) fn order_ref_out(order: &OrderRef, timeout: Duration) -> order::OrderRef {
    order::OrderRef { id: order.id.clone(), token: order.token.clone(), timeout_ms: milliseconds(timeout) }
}

pub(crate) fn find_out(request: &FindRequest, timeout: Duration) -> order::FindRequest {
    order::FindRequest {
        client_reference: request.client_reference.clone(),
        order_id: request.order_id.clone(),
        family_name: request.family_name.clone(),
        given_name: request.given_name.clone(),
        origin: request.origin.clone(),
        departure_date: date_out(request.departure_date),
        first_tried_at: instant_out(request.first_tried_at),
        timeout_ms: milliseconds(timeout),
    }
}

pub(crate) fn issue_out(request: &TicketRequest, timeout: Duration) -> ticketing::TicketRequest {
    ticketing::TicketRequest {
        client_reference: request.client_reference.clone(),
        order: order_ref_out(&request.order, timeout),
        travellers: request.travellers,
        expected_total: money_out(request.expected_total),
    }
}

pub(crate) fn cancel_out(request: &CancelRequest, timeout: Duration) -> order_cancel::CancelRequest {
    order_cancel::CancelRequest {
        client_reference: request.client_reference.clone(),
        order: order_ref_out(&request.order, timeout),
        quote: request.quote.clone(),
    }
}

/// An order that was made stands, whatever else is wrong with what is told of it: only what booking needs is refused.
pub(crate) fn order_in(order: order::Order) -> Result<SupplierOrder, Broken> {
    if order.id.is_empty() {
        return Err(Broken("an order without an id".to_owned()));
    }
    if order.token.len() > TOKEN {
        return Err(Broken(format!("a token of {} bytes", order.token.len())));
    }
    Ok(SupplierOrder {
        id: bounded(order.id, 1024, "an order's id")?,
        locator: bounded(order.locator, 64, "a locator")?,
        carrier_locators: order.carrier_locators.into_iter().map(|of| (of.carrier, of.locator)).collect(),
        status: match order.status {
            order::OrderStatus::Held => OrderStatus::Held,
            order::OrderStatus::Pending => OrderStatus::Pending,
            order::OrderStatus::Ticketed => OrderStatus::Ticketed,
            order::OrderStatus::Cancelled => OrderStatus::Cancelled,
        },
        total: amount_in(&order.total, "the order's total")?,
        tickets: order.tickets.into_iter().map(ticket_in).collect::<Result<_, _>>()?,
        ticketing_deadline: order.ticketing_deadline.map(instant_in).transpose()?,
        // A segment that can't be read is one that is not told: what was sold is known from the offer.
        segments: order.segments.into_iter().filter_map(|segment| segment_in(segment).ok()).collect(),
        token: order.token,
    })
}

fn ticket_in(ticket: order::Ticket) -> Result<Ticket, Broken> {
    if ticket.number.is_empty() {
        return Err(Broken("a ticket without a number".to_owned()));
    }
    Ok(Ticket { traveller: ticket.traveller, number: bounded(ticket.number, 64, "a ticket's number")? })
}

pub(crate) fn found_in(outcome: order::FindOutcome) -> Result<FindOutcome, Broken> {
    Ok(match outcome {
        order::FindOutcome::Found(order) => FindOutcome::Found(order_in(order)?),
        order::FindOutcome::Absent => FindOutcome::Absent,
        order::FindOutcome::CannotTell(why) => FindOutcome::CannotTell(bounded(why, 1000, "a reason")?),
    })
}

pub(crate) fn quote_in(quote: order_cancel::CancelQuote) -> Result<CancelQuote, Broken> {
    if quote.token.len() > TOKEN {
        return Err(Broken(format!("a token of {} bytes", quote.token.len())));
    }
    Ok(CancelQuote {
        refund: amount_in(&quote.refund, "the refund")?,
        expires_at: quote.expires_at.map(instant_in).transpose()?,
        token: quote.token,
    })
}

pub(crate) fn cancellation_in(cancellation: order_cancel::Cancellation) -> Result<Cancellation, Broken> {
    let reference = cancellation.reference.map(|reference| bounded(reference, 1024, "a reference")).transpose()?;
    Ok(Cancellation { refund: amount_in(&cancellation.refund, "the refund")?, reference })
}

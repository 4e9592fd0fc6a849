//! Orders.

use super::optional_instant;
use super::party::Party;
use super::trip::{self, Reason};
use crate::token::OrderToken;
use crate::wire::order as wire;
use interline_plugin_sdk::supplier::{CarrierLocator, Order, OrderStatus, Segment, Ticket};
use interline_plugin_sdk::{decimal, token};

/// An order. `party` has the travellers in the contract's order; without one, Duffel's own order is taken.
pub fn order(wire: &wire::Order, party: Option<Party>) -> Result<Order, Reason> {
    let own = || Party::of_ids(wire.passengers.iter().flatten().map(|p| p.id.clone()).collect());
    let party = party.unwrap_or_else(own);
    let tickets = tickets(wire, &party);
    let flights = wire.slices.iter().flatten().flat_map(|slice| &slice.segments);
    // A flight that can't be read is not told: the order stands.
    let segments: Vec<Segment> = flights.filter_map(|flight| trip::segment(flight).ok()).collect();
    let token = token::encode(&OrderToken { passengers: party.ids().to_vec() }).map_err(|fault| fault.message)?;
    let payment = wire.payment_status.as_ref();
    let deadline = payment.and_then(|p| p.payment_required_by.as_deref().or(p.price_guarantee_expires_at.as_deref()));
    let total = decimal::money(&wire.total_amount, &wire.total_currency).map_err(|why| why.to_string())?;
    if total.units < 0 {
        return Err("a total below zero".to_owned());
    }
    Ok(Order {
        id: wire.id.clone(),
        locator: wire.booking_reference.clone().unwrap_or_default(),
        carrier_locators: locators(wire),
        status: status(wire, &party, &tickets),
        total,
        tickets,
        ticketing_deadline: optional_instant(deadline),
        segments,
        token,
    })
}

/// Whether Duffel still waits for the agency's money.
pub fn unpaid(wire: &wire::Order) -> bool {
    wire.payment_status.as_ref().is_some_and(|p| p.awaiting_payment == Some(true))
}

/// Paid, and not everybody with a seat ticketed yet, is pending: tickets come with a later look.
fn status(wire: &wire::Order, party: &Party, tickets: &[Ticket]) -> OrderStatus {
    let passengers = wire.passengers.iter().flatten();
    let seated = passengers.filter(|p| !p.kind.as_deref().unwrap_or_default().starts_with("infant"));
    let mut indexes = seated.enumerate().filter_map(|(place, p)| party.index(Some(&p.id), place));
    let all = !tickets.is_empty() && indexes.all(|index| tickets.iter().any(|t| t.traveller == index));
    if wire.cancelled_at.is_some() {
        OrderStatus::Cancelled
    } else if unpaid(wire) {
        OrderStatus::Held
    } else if all {
        OrderStatus::Ticketed
    } else {
        OrderStatus::Pending
    }
}

/// Documents for seats and bags are none. A document that names no passenger belongs to the one at its place.
fn tickets(wire: &wire::Order, party: &Party) -> Vec<Ticket> {
    let is_ticket = |d: &&wire::Document| d.kind.as_deref().is_none_or(|kind| kind == "electronic_ticket");
    let mut tickets = Vec::new();
    for (place, document) in wire.documents.iter().flatten().filter(is_ticket).enumerate() {
        let told = document.unique_identifier.as_deref().unwrap_or_default();
        let number: String = told.chars().filter(char::is_ascii_alphanumeric).collect();
        if number.is_empty() {
            continue;
        }
        let place = place.min(party.ids().len().saturating_sub(1));
        let named = document.passenger_ids.as_deref().unwrap_or_default();
        let travellers: Vec<Option<u8>> = match named {
            [] => vec![party.index(None, place)],
            ids => ids.iter().map(|id| party.index(Some(id), place)).collect(),
        };
        let known = travellers.into_iter().flatten();
        tickets.extend(known.map(|traveller| Ticket { traveller, number: number.clone() }));
    }
    tickets
}

fn locators(wire: &wire::Order) -> Vec<CarrierLocator> {
    let each = wire.booking_references.iter().flatten().filter_map(|reference| {
        let carrier = reference.carrier.as_ref().and_then(|c| c.iata_code.clone())?;
        Some(CarrierLocator { carrier, locator: reference.booking_reference.clone()? })
    });
    let mut locators: Vec<CarrierLocator> = each.collect();
    let owner = wire.owner.as_ref().and_then(|owner| owner.iata_code.clone());
    if let (true, Some(carrier), Some(locator)) = (locators.is_empty(), owner, wire.booking_reference.clone()) {
        locators.push(CarrierLocator { carrier, locator });
    }
    locators
}

//! `POST /air/orders`, `GET /air/orders/{id}`.

use crate::api;
use crate::mapping::party::Party;
use crate::mapping::{order as map, travellers};
use crate::price::{self, path_segment};
use crate::token::{self, OfferToken, OrderToken};
use crate::wire::{offer, order, request as out};
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::http::{Response, Transport};
use interline_plugin_sdk::supplier::{Disposition, Fault, Money, Order, OrderRef, OrderRequest};
use interline_plugin_sdk::{decimal, host};

/// Under this key the client reference stands in the order's metadata.
pub const REFERENCE: &str = "client_reference";

/// Makes the order: held where the offer can be held, else paid from the balance at once.
pub fn create(transport: &dyn Transport, request: &OrderRequest) -> Result<Order, Fault> {
    let token: OfferToken = token::decode(&request.token)?;
    // Everything that can be refused here is, before anything is asked of the airline.
    let passengers = if host::replaying() && token.passengers.is_empty() {
        Vec::new()
    } else {
        travellers::travellers(&request.travellers, &request.contact, &token)?
    };
    let total = if host::replaying() { request.expected_total.clone() } else { affordable(transport, request)? };
    let mut body = out::Order {
        kind: if token.hold { "hold" } else { "instant" },
        selected_offers: vec![request.offer_id.clone()],
        passengers,
        payments: (!token.hold).then(|| vec![balance(&total)]),
        metadata: [(REFERENCE, request.client_reference.clone())].into(),
    };
    let mut answered = api::post(transport, "orders", Effect::Once, Some(&body));
    // Duffel's own libraries have another name for it.
    if token.hold && answered.as_ref().is_err_and(is_about_the_type) {
        body.kind = "pay_later";
        answered = api::post(transport, "orders", Effect::Once, Some(&body));
    }
    let response = answered.map_err(|fault| refused(transport, &request.offer_id, fault))?;
    mapped(&response, Some(token.passengers))
}

/// Refused, with nothing made, for the order's type.
fn is_about_the_type(fault: &Fault) -> bool {
    fault.disposition == Disposition::Rejected && fault.field.as_deref() == Some("type")
}

/// An offer that Duffel has no more has expired; of a price that changed the host wants the new one.
fn refused(transport: &dyn Transport, offer_id: &str, fault: Fault) -> Fault {
    let disposition = match fault.disposition {
        _ if fault.code.as_deref() == Some("linked_record_not_found") => Disposition::OfferExpired,
        Disposition::PriceChanged(None) => Disposition::PriceChanged(total(transport, offer_id).ok()),
        other => other,
    };
    Fault { disposition, ..fault }
}

/// The offer's price of now, if it is no more than agreed.
fn affordable(transport: &dyn Transport, request: &OrderRequest) -> Result<Money, Fault> {
    agreed(total(transport, &request.offer_id)?, &request.expected_total)
}

/// The offer's price of now.
fn total(transport: &dyn Transport, offer_id: &str) -> Result<Money, Fault> {
    let response = price::fetch(transport, offer_id)?;
    let offer: offer::Offer = api::object(&response)?;
    decimal::money(&offer.total_amount, &offer.total_currency).map_err(|why| fault::unreadable(response.effect, why))
}

/// Dearer, or in another currency, is not what was agreed. A replayed reply was agreed by others.
pub fn agreed(total: Money, expected: &Money) -> Result<Money, Fault> {
    if host::replaying() || (total.currency == expected.currency && total.units <= expected.units) {
        return Ok(total);
    }
    let message = format!("{} {} now", decimal::to_decimal(&total), total.currency);
    Err(fault::price_changed(Some(total), message))
}

/// A payment from the agency's balance.
pub fn balance(total: &Money) -> out::Payment {
    out::Payment { kind: "balance", amount: decimal::to_decimal(total), currency: total.currency.clone() }
}

/// The order as Duffel has it now.
pub fn retrieve(transport: &dyn Transport, order: &OrderRef) -> Result<Order, Fault> {
    let response = fetch(transport, &order.id)?;
    mapped(&response, passengers(order)?)
}

/// Duffel's answer about an order.
pub fn fetch(transport: &dyn Transport, id: &str) -> Result<Response, Fault> {
    api::get(transport, &format!("orders/{}", path_segment(id)))
}

/// Duffel's ids of the travellers, where the token has them.
pub fn passengers(order: &OrderRef) -> Result<Option<Vec<String>>, Fault> {
    token::decode::<OrderToken>(&order.token).map(|token| Some(token.passengers))
}

/// The order in an answer.
pub fn mapped(response: &Response, passengers: Option<Vec<String>>) -> Result<Order, Fault> {
    let wire: order::Order = api::object(response)?;
    map::order(&wire, party(passengers)).map_err(|why| fault::unreadable(response.effect, why))
}

/// No ids are no party.
pub fn party(passengers: Option<Vec<String>>) -> Option<Party> {
    passengers.filter(|ids| !ids.is_empty()).map(Party::of_ids)
}

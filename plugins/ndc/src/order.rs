//! `IATA_OrderCreateRQ` and `IATA_OrderRetrieveRQ`.

use crate::api::{Answer, Message};
use crate::mapping::{offer, order as map};
use crate::token::{self, OfferToken, OrderToken};
use crate::{check, request};
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, Money, Order, OrderRef, OrderRequest, Passenger};
use interline_plugin_sdk::xml::Node;
use interline_plugin_sdk::{decimal, fault, host};

/// Makes the order, without paying where orders can be held. The offer is priced once more before, since nothing in the
/// message says what may be paid.
pub fn create(transport: &dyn Transport, request: &OrderRequest) -> Result<Order, Fault> {
    let mut token: OfferToken = token::decode(&request.token)?;
    let mut offer_id = request.offer_id.clone();
    let mut total = request.expected_total.clone();
    if !host::replaying() {
        if token.pax.len() != request.travellers.len() {
            let words = format!("{} travellers for an offer for {}", request.travellers.len(), token.pax.len());
            return Err(fault::rejected_field("travellers", words));
        }
        let passengers: Vec<Passenger> =
            request.travellers.iter().map(|t| Passenger { kind: t.kind, age: None }).collect();
        let priced = check::priced(transport, &offer_id, &token, &passengers)?.offer;
        total = agreed(priced.total, &request.expected_total)?;
        token = token::decode(&priced.token)?;
        offer_id = priced.id;
    }
    let selected = request::selected("SelectedPricedOffer", &offer_id, &token);
    let accepted = Node::new("AcceptSelectedQuotedOfferList").child(selected);
    let body = Node::new("Request")
        .child(Node::new("CreateOrder").child(accepted))
        .child(request::data_lists(request, &token)?)
        .child_some((!offer::held()).then(|| request::payment(&total)));
    let answer = Message::new("IATA_OrderCreateRQ", body).once(&request.client_reference).send(transport)?;
    mapped(&answer, &OrderToken { owner: Some(token.owner), pax: token.pax })
}

/// Dearer, or in another currency, is not what was agreed. A replayed reply was agreed by others.
pub fn agreed(total: Money, expected: &Money) -> Result<Money, Fault> {
    if host::replaying() || (total.currency == expected.currency && total.units <= expected.units) {
        return Ok(total);
    }
    let message = format!("{} {} now", decimal::to_decimal(&total), total.currency);
    Err(fault::price_changed(Some(total), message))
}

/// The order as the supplier has it now.
pub fn retrieve(transport: &dyn Transport, order: &OrderRef) -> Result<Order, Fault> {
    let token: OrderToken = token::decode(&order.token)?;
    let filter =
        Node::new("OrderFilterCriteria").leaf("OrderID", &order.id).leaf_some("OwnerCode", token.owner.as_deref());
    let body = Node::new("Request").child(Node::new("OrderValidationFilterCriteria").child(filter));
    let answer = Message::new("IATA_OrderRetrieveRQ", body).send(transport)?;
    mapped(&answer, &token)
}

/// The order in an answer.
pub fn mapped(answer: &Answer, known: &OrderToken) -> Result<Order, Fault> {
    let replayed = OrderToken::default();
    let known = if host::replaying() { &replayed } else { known };
    map::order(&answer.response, known).map_err(|why| answer.unreadable(why))
}

/// Whether the fault leaves open what was done.
pub fn unknown(fault: &Fault) -> bool {
    fault.disposition == Disposition::OutcomeUnknown
}

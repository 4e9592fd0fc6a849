//! Elements that several requests share.

use crate::api::config;
use crate::mapping::party::code;
use crate::token::OfferToken;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::fault;
use interline_plugin_sdk::supplier::{
    Contact, Document, DocumentKind, Fault, Gender, Money, OrderRef, OrderRequest, Traveller,
};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::Node;

/// The content of a selected offer: itself and its items.
pub fn selected(name: &'static str, offer_id: &str, token: &OfferToken) -> Node {
    let item = |item: &crate::token::Item| {
        Node::new("SelectedOfferItem")
            .leaf("OfferItemRefID", &item.id)
            .children(item.pax.iter().map(|pax| Node::new("PaxRefID").text(pax)))
    };
    Node::new(name).leaf("OfferRefID", offer_id).leaf("OwnerCode", &token.owner).children(token.items.iter().map(item))
}

/// A payment from the agency's account with the airline.
pub fn payment(amount: &Money) -> Node {
    let kind = config("payment-type").unwrap_or_else(|| "CA".to_owned());
    let method = Node::new("PaymentMethod").child(Node::new("OfflinePayment").leaf("PaymentTypeCode", kind));
    let amount = Node::new("Amount").attr("CurCode", &amount.currency).text(decimal::to_decimal(amount));
    Node::new("PaymentFunctions").child(Node::new("PaymentProcessingDetails").child(amount).child(method))
}

/// `Order`, by its id.
pub fn order(order: &OrderRef, owner: Option<&str>) -> Node {
    Node::new("Order").leaf("OrderID", &order.id).leaf_some("OwnerCode", owner)
}

/// Travellers and contact of an order.
pub fn data_lists(request: &OrderRequest, token: &OfferToken) -> Result<Node, Fault> {
    let mut people = Vec::with_capacity(request.travellers.len());
    for (index, (traveller, id)) in request.travellers.iter().zip(&token.pax).enumerate() {
        let lap = traveller.lap_of.map(|adult| {
            let field = format!("travellers.{index}.lap-of");
            token.pax.get(usize::from(adult)).ok_or_else(|| fault::rejected_field(field, "no such traveller"))
        });
        people.push(pax(traveller, id, lap.transpose()?));
    }
    Ok(Node::new("DataLists").child(contact(&request.contact)).child(Node::new("PaxList").children(people)))
}

fn contact(contact: &Contact) -> Node {
    let phone: String = contact.phone.chars().filter(char::is_ascii_digit).collect();
    let info = Node::new("ContactInfo")
        .leaf("ContactInfoID", "CTC1")
        .child(Node::new("EmailAddress").leaf("EmailAddressText", &contact.email))
        .child(Node::new("Phone").leaf("PhoneNumber", phone));
    Node::new("ContactInfoList").child(info)
}

fn pax(traveller: &Traveller, id: &str, lap: Option<&String>) -> Node {
    let gender = match traveller.gender {
        Gender::Female => "F",
        Gender::Male => "M",
        Gender::Unspecified => "X",
    };
    let individual = Node::new("Individual")
        .leaf("Birthdate", time::format_date(&traveller.born_on))
        .leaf("GenderCode", gender)
        .leaf("GivenName", &traveller.given_name)
        .leaf("Surname", &traveller.family_name)
        .leaf_some("TitleName", traveller.title.as_ref());
    Node::new("Pax")
        .child_some(traveller.document.as_ref().map(|document| identity(document, traveller)))
        .child(individual)
        .leaf("PaxID", id)
        .leaf_some("PaxRefID", lap)
        .leaf("PTC", code(traveller.kind))
}

fn identity(document: &Document, traveller: &Traveller) -> Node {
    let kind = match document.kind {
        DocumentKind::Passport => "PT",
        DocumentKind::IdentityCard => "NI",
    };
    Node::new("IdentityDoc")
        .leaf("CitizenshipCountryCode", &document.nationality)
        .leaf("ExpiryDate", time::format_date(&document.expires_on))
        .leaf("IdentityDocID", &document.number)
        .leaf("IdentityDocTypeCode", kind)
        .leaf("IssuingCountryCode", &document.issuing_country)
        .leaf("Surname", &traveller.family_name)
}

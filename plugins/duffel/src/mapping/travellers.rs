//! The contract's travellers → Duffel's passengers of an order.

use crate::token::OfferToken;
use crate::wire::request::{IdentityDocument, OrderPassenger};
use interline_plugin_sdk::supplier::{Contact, DocumentKind, Fault, Gender, PassengerType, Traveller};
use interline_plugin_sdk::{fault, time};

/// All travellers, with the ids that the offer has for them.
pub fn travellers(list: &[Traveller], contact: &Contact, token: &OfferToken) -> Result<Vec<OrderPassenger>, Fault> {
    if list.len() != token.passengers.len() {
        return Err(fault::rejected_field(
            "travellers",
            format!("the offer is for {} passengers, not {}", token.passengers.len(), list.len()),
        ));
    }
    (0..).zip(list).zip(&token.passengers).map(|((at, t), id)| traveller(at, t, id, list, contact, token)).collect()
}

fn traveller(
    at: u8,
    traveller: &Traveller,
    id: &str,
    all: &[Traveller],
    contact: &Contact,
    token: &OfferToken,
) -> Result<OrderPassenger, Fault> {
    let gender = match traveller.gender {
        Gender::Female => "f",
        Gender::Male => "m",
        Gender::Unspecified => {
            return Err(fault::rejected_field(format!("travellers.{at}.gender"), "Duffel takes female or male only"));
        }
    };
    let lap = (traveller.kind == PassengerType::Adult)
        .then(|| all.iter().position(|t| t.kind == PassengerType::Infant && t.lap_of == Some(at)))
        .flatten();
    Ok(OrderPassenger {
        id: id.to_owned(),
        title: title(traveller),
        given_name: traveller.given_name.clone(),
        family_name: traveller.family_name.clone(),
        born_on: time::format_date(&traveller.born_on),
        gender,
        email: contact.email.clone(),
        phone_number: contact.phone.clone(),
        infant_passenger_id: lap.and_then(|infant| token.passengers.get(infant).cloned()),
        identity_documents: document(at, traveller, token)?,
    })
}

/// Duffel knows mr, ms, mrs, miss and dr, and wants one.
fn title(traveller: &Traveller) -> String {
    let given = traveller.title.as_deref().map(|t| t.trim().trim_end_matches('.').to_ascii_lowercase());
    match given.as_deref() {
        Some(known @ ("mr" | "ms" | "mrs" | "miss" | "dr")) => known.to_owned(),
        _ if traveller.gender == Gender::Female => "ms".to_owned(),
        _ => "mr".to_owned(),
    }
}

/// The document, if the airline takes its kind: Duffel refuses others.
fn document(at: u8, traveller: &Traveller, token: &OfferToken) -> Result<Vec<IdentityDocument>, Fault> {
    let taken = traveller.document.as_ref().and_then(|document| {
        let kind = match document.kind {
            DocumentKind::Passport => "passport",
            DocumentKind::IdentityCard => "identity_card",
        };
        token.documents.iter().any(|d| d == kind).then(|| IdentityDocument {
            kind,
            unique_identifier: document.number.clone(),
            issuing_country_code: document.issuing_country.clone(),
            expires_on: time::format_date(&document.expires_on),
        })
    });
    if taken.is_none() && token.document_required {
        let wanted = token.documents.join(" or ");
        return Err(fault::rejected_field(
            format!("travellers.{at}.document"),
            format!("the airline wants a document: {wanted}"),
        ));
    }
    Ok(taken.into_iter().collect())
}

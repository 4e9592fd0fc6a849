//! Amounts, fares and offer items.

use super::lists;
use super::request::cabin_code;
use crate::inventory::{Fare, PassengerKind, Product};
use crate::xml::Element;

/// An amount with its currency.
pub(super) fn amount(name: &str, product: &Product, minor: i64) -> Element {
    Element::new(name).with("CurCode", product.currency.code).text(product.currency.decimal(minor))
}

/// A `Price` or `TotalPrice`.
pub(super) fn price(name: &str, product: &Product, base: i64, taxes: &[(&'static str, i64)]) -> Element {
    let sum: i64 = taxes.iter().map(|(_, minor)| minor).sum();
    let tax = |(code, minor): &(&'static str, i64)| {
        Element::new("Tax").child(amount("Amount", product, *minor)).leaf("TaxCode", code)
    };
    Element::new(name)
        .child(amount("BaseAmount", product, base))
        .child(Element::new("TaxSummary").children(taxes.iter().map(tax)).child(amount("TotalTaxAmount", product, sum)))
        .child(amount("TotalAmount", product, base + sum))
}

/// The price of everyone together.
pub(super) fn total(name: &str, product: &Product) -> Element {
    let mut taxes: Vec<(&'static str, i64)> = Vec::new();
    for fare in &product.fares {
        let people = i64::try_from(fare.passengers.len()).unwrap_or(0);
        for (code, minor) in &fare.taxes {
            match taxes.iter_mut().find(|(known, _)| known == code) {
                Some((_, sum)) => *sum += minor * people,
                None => taxes.push((code, minor * people)),
            }
        }
    }
    price(name, product, product.base(), &taxes)
}

fn fare_basis(product: &Product, slice: usize, kind: PassengerKind) -> String {
    let class = product.classes.get(slice).and_then(|classes| classes.first()).copied().unwrap_or("Y");
    let suffix = match kind {
        PassengerKind::Adult => "",
        PassengerKind::Child => "CH",
        PassengerKind::Infant => "IN",
    };
    format!("{class}{}{suffix}", product.family.code)
}

/// The fare of one passenger: a component for every segment.
pub(super) fn fare_detail(product: &Product, fare: &Fare, pax: &str) -> Element {
    let (code, name) = cabin_code(product.cabin);
    let mut detail = Element::new("FareDetail");
    for (slice, journey) in product.journeys.iter().enumerate() {
        for (at, segment) in journey.segments.iter().enumerate() {
            let class = product.classes[slice][at];
            detail = detail.child(
                Element::new("FareComponent")
                    .child(Element::new("CabinType").leaf("CabinTypeCode", code).leaf("CabinTypeName", name))
                    .leaf("FareBasisCode", fare_basis(product, slice, fare.kind))
                    .leaf("PaxSegmentRefID", lists::pax_segment_id(segment, class))
                    .leaf("PriceClassRefID", lists::price_class_id(product))
                    .child(Element::new("RBD").leaf("RBD_Code", class).leaf("RBD_AvailQty", product.seats[slice][at])),
            );
        }
    }
    detail.leaf("PaxRefID", pax)
}

/// An `OfferItem` for every passenger, each under the offer's id and a number.
pub(super) fn offer_items(product: &Product, offer: &str, people: &[(String, PassengerKind)]) -> Vec<Element> {
    let one = |(number, (pax, kind)): (usize, &(String, PassengerKind))| {
        let fare = product.fares.iter().find(|fare| fare.kind == *kind)?;
        let association = Element::new("OfferServiceAssociation").children(lists::journey_refs(product));
        let service = Element::new("Service").leaf("PaxRefID", pax).leaf("ServiceID", number + 1).child(association);
        Some(
            Element::new("OfferItem")
                .child(fare_detail(product, fare, pax))
                .leaf("MandatoryInd", "true")
                .leaf("OfferItemID", format!("{offer}-{}", number + 1))
                .child(price("Price", product, fare.base, &fare.taxes))
                .child(service),
        )
    };
    people.iter().enumerate().filter_map(one).collect()
}

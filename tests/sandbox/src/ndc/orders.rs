//! Orders: made, paid, retrieved, cancelled.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::errors::{self, Error};
use super::{lists, offers, prices, request};
use crate::books::{Order, Status, Traveller};
use crate::faults::Kind;
use crate::inventory::PassengerKind;
use crate::money::{self, Currency};
use crate::shelf::{Gone, Offer};
use crate::supplier::Supplier;
use crate::wire::Call;
use crate::world::World;
use crate::xml::Element;

/// `IATA_OrderCreateRQ`: held, or paid at once where a payment comes with it.
pub(super) fn create(world: &World, call: &Call, request: &Element) -> Result<Vec<Element>, Error> {
    let selected = request.at("Request/CreateOrder/AcceptSelectedQuotedOfferList/SelectedPricedOffer");
    let offer = offers::selected(world, selected)?;
    let travellers = travellers(request, &offer)?;
    let payment = request.at("Request/PaymentFunctions");
    let gone = |kind: &Kind| call.faults.has(kind);
    if gone(&Kind::SoldOutAtOrder {}) || (payment.is_some() && gone(&Kind::SoldOutAtTicketing {})) {
        world.ndc_shelf.sell_out(&offer.id);
    }
    world.ndc_shelf.check(world, &offer).map_err(|gone| errors::gone(&gone))?;
    if let Some(percent) = call.faults.price_change() {
        world.ndc_shelf.change_price(&offer.id, percent);
        return Err(errors::price_changed());
    }
    if let Some(payment) = payment {
        check_payment(payment, offer.product.total(), offer.product.currency)?;
    }
    let now = Timestamp::now();
    let hold = SignedDuration::try_from(world.config.hold).unwrap_or(SignedDuration::from_hours(24));
    let reference = request.text_at("PayloadAttributes/CorrelationID").map(str::to_owned);
    let mut order = Order {
        supplier: Supplier::Ndc,
        id: format!("{}{}", offer.product.owner.code, world.id("", 14)),
        locator: world.locator(),
        offer: offer.id,
        product: offer.product,
        travellers,
        status: Status::Held,
        client_reference: reference,
        metadata: BTreeMap::new(),
        tickets: Vec::new(),
        made_at: now,
        pay_by: Some(now + hold),
        ticketed_at: None,
        cancelled_at: None,
        refunded: None,
        times_paid: 0,
    };
    if payment.is_some() {
        order.issue(now);
    }
    let response = view(&order);
    if world.books.add_unless(order.clone(), |other| other.offer == order.offer) {
        Ok(response)
    } else {
        Err(errors::gone(&Gone::SoldOut))
    }
}

fn travellers(request: &Element, offer: &Offer) -> Result<Vec<Traveller>, Error> {
    let lists = request.at("Request/CreateOrder/DataLists").or_else(|| request.at("Request/DataLists"));
    let people = lists.and_then(|lists| lists.at("PaxList"));
    let asked = request::people(people)?;
    let expected = &offer.search.passengers;
    let same = |one: &crate::shelf::Asked| expected.iter().any(|known| known.id == one.id && known.kind == one.kind);
    if asked.len() != expected.len() || !asked.iter().all(same) {
        return Err(errors::invalid("PaxList", "Must be the passengers of the offer."));
    }
    let contact = lists.and_then(|lists| lists.at("ContactInfoList/ContactInfo"));
    let email = contact.and_then(|contact| contact.text_at("EmailAddress/EmailAddressText")).map(str::to_owned);
    let phone = contact.and_then(|contact| contact.text_at("Phone/PhoneNumber")).map(str::to_owned);
    if email.is_none() && phone.is_none() {
        return Err(errors::invalid("ContactInfo", "An e-mail address or phone number must be present."));
    }
    let mut travellers = Vec::new();
    for (pax, asked) in people.into_iter().flat_map(|list| list.each("Pax")).zip(&asked) {
        let individual = |name: &str| pax.text_at(&format!("Individual/{name}")).map(str::to_owned);
        let required = |name: &'static str| individual(name).ok_or_else(|| errors::invalid(name, "Must be present."));
        let lap = pax.text_at("PaxRefID").map(str::to_owned);
        if asked.kind == PassengerKind::Infant && lap.is_none() {
            return Err(errors::invalid("PaxRefID", "An infant must refer to its adult."));
        }
        travellers.push(Traveller {
            id: asked.id.clone(),
            kind: asked.kind,
            title: individual("TitleName"),
            given_name: required("GivenName")?,
            family_name: required("Surname")?,
            born_on: Some(required("Birthdate")?),
            gender: individual("GenderCode"),
            email: email.clone(),
            phone: phone.clone(),
            infant: lap,
        });
    }
    Ok(travellers)
}

fn check_payment(payment: &Element, due: i64, currency: Currency) -> Result<(), Error> {
    let amount = payment.at("PaymentProcessingDetails/Amount");
    let amount = amount.ok_or_else(|| errors::invalid("Amount", "Must be present."))?;
    if payment.at("PaymentProcessingDetails/PaymentMethod").is_none() {
        return Err(errors::invalid("PaymentMethod", "Must be present."));
    }
    let paid = amount.own_text().and_then(|text| money::parse(text, currency.exponent));
    if amount.get("CurCode") != Some(currency.code) || paid != Some(due) {
        return Err(errors::wrong_amount(&format!("{} {}", currency.decimal(due), currency.code)));
    }
    Ok(())
}

fn pax(order: &Order) -> Vec<Element> {
    let one = |traveller: &Traveller| {
        let individual = Element::new("Individual")
            .children(traveller.born_on.as_ref().map(|born| Element::new("Birthdate").text(born)))
            .children(traveller.gender.as_ref().map(|gender| Element::new("GenderCode").text(gender)))
            .leaf("GivenName", &traveller.given_name)
            .leaf("Surname", &traveller.family_name)
            .children(traveller.title.as_ref().map(|title| Element::new("TitleName").text(title)));
        Element::new("Pax")
            .child(individual)
            .leaf("PaxID", &traveller.id)
            .children(traveller.infant.as_ref().map(|lap| Element::new("PaxRefID").text(lap)))
            .leaf("PTC", request::code(traveller.kind))
    };
    order.travellers.iter().map(one).collect()
}

/// The content of an `IATA_OrderViewRS`.
fn view(order: &Order) -> Vec<Element> {
    let product = &order.product;
    let item_status = match order.status {
        Status::Held => "CONFIRMED",
        Status::Ticketed => "TICKETED",
        Status::Cancelled => "CANCELLED",
    };
    let segments: Vec<String> = product
        .journeys
        .iter()
        .zip(&product.classes)
        .flat_map(|(journey, letters)| journey.segments.iter().zip(letters))
        .map(|(segment, class)| lists::pax_segment_id(segment, class))
        .collect();
    let booking = Element::new("BookingRef")
        .child(
            Element::new("BookingEntity").child(Element::new("Carrier").leaf("AirlineDesigCode", product.owner.code)),
        )
        .leaf("BookingID", &order.locator);
    let item = |(number, traveller): (usize, &Traveller)| {
        let fare = product.fares.iter().find(|fare| fare.kind == traveller.kind)?;
        let associations =
            segments.iter().map(|segment| Element::new("PaxSegmentRef").leaf("PaxSegmentRefID", segment));
        let service = Element::new("Service")
            .child(booking.clone())
            .child(Element::new("OrderServiceAssociation").children(associations))
            .leaf("PaxRefID", &traveller.id)
            .leaf("ServiceID", number + 1);
        let deadline = order.pay_by.map(|by| by.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        Some(
            Element::new("OrderItem")
                .child(prices::fare_detail(product, fare, &traveller.id))
                .child(prices::amount("GrandTotalAmount", product, fare.total()))
                .leaf("OrderItemID", format!("{}-{}", order.id, number + 1))
                .leaf("OwnerCode", product.owner.code)
                .children(deadline.map(|by| Element::new("PaymentTimeLimitDateTime").text(by)))
                .child(prices::price("Price", product, fare.base, &fare.taxes))
                .child(service)
                .leaf("StatusCode", item_status),
        )
    };
    let element = Element::new("Order")
        .child(booking.clone())
        .leaf("OrderID", &order.id)
        .children(order.travellers.iter().enumerate().filter_map(item))
        .leaf("OwnerCode", product.owner.code)
        .leaf("StatusCode", if order.status == Status::Cancelled { "CLOSED" } else { "OPENED" })
        .child(prices::total("TotalPrice", product));
    let document = |(traveller, number): &(usize, String)| {
        Element::new("TicketDocInfo")
            .leaf("BookletQty", 1)
            .leaf("PaxRefID", &order.travellers[*traveller].id)
            .child(Element::new("Ticket").leaf("TicketNumber", number).leaf("TicketDocTypeCode", "T"))
    };
    let response = Element::new("Response")
        .child(lists::data_lists(&[product], pax(order)))
        .child(element)
        .children(order.tickets.iter().map(document));
    vec![response]
}

fn find(world: &World, id: Option<&str>, booking: Option<&str>) -> Result<Order, Error> {
    if id.is_none() && booking.is_none() {
        return Err(errors::invalid("OrderID", "Must be present."));
    }
    let fits =
        |order: &Order| id.is_none_or(|id| order.id == id) && booking.is_none_or(|booking| order.locator == booking);
    world.books.find(Supplier::Ndc, fits).ok_or_else(errors::unknown_order)
}

/// `IATA_OrderRetrieveRQ`: by order id or booking reference.
pub(super) fn retrieve(world: &World, request: &Element) -> Result<Vec<Element>, Error> {
    let text = |name: &str| request.below(name).into_iter().find_map(Element::own_text);
    Ok(view(&find(world, text("OrderID"), text("BookingID"))?))
}

/// `IATA_OrderChangeRQ` with a payment: the tickets are issued.
pub(super) fn pay(world: &World, call: &Call, request: &Element) -> Result<Vec<Element>, Error> {
    let order = find(world, request.text_at("Request/Order/OrderID"), None)?;
    let payment = request.at("Request/PaymentFunctions");
    let payment = payment.ok_or_else(|| errors::invalid("PaymentFunctions", "Only payments are served here."))?;
    if call.faults.has(&Kind::PnrBusy {}) {
        return Err(errors::busy());
    }
    let now = Timestamp::now();
    let gone = call.faults.has(&Kind::SoldOutAtTicketing {});
    let paid = world.books.change(Supplier::Ndc, &order.id, |order| match order.status {
        Status::Ticketed => Err(errors::state("The order has been paid for already.")),
        Status::Cancelled => Err(errors::state("The order has been cancelled.")),
        Status::Held if gone || order.pay_by.is_some_and(|by| by <= now) => {
            order.cancel(now);
            Err(errors::gone(if gone { &Gone::SoldOut } else { &Gone::Expired }))
        }
        Status::Held => {
            check_payment(payment, order.product.total(), order.product.currency)?;
            order.issue(now);
            Ok(view(order))
        }
    });
    paid.unwrap_or_else(|| Err(errors::unknown_order()))
}

/// What a cancellation gives back and keeps.
fn settlement(order: &Order) -> (i64, i64) {
    match order.status {
        Status::Ticketed => {
            let refund = order.product.refundable();
            (refund, order.product.total() - refund)
        }
        _ => (order.refunded.unwrap_or(0), 0),
    }
}

/// `IATA_OrderReshopRQ` with a `CancelOrderRef`: what cancelling would give back.
pub(super) fn reshop(world: &World, request: &Element) -> Result<Vec<Element>, Error> {
    let cancel = request.at("Request/UpdateOrder/CancelOrderRef/OrderRefID");
    let cancel = cancel.ok_or_else(|| errors::invalid("CancelOrderRef", "Only cancellations are quoted here."))?;
    let order = find(world, cancel.own_text(), None)?;
    if order.status == Status::Cancelled {
        return Err(errors::state("The order has been cancelled already."));
    }
    let product = &order.product;
    let (refund, kept) = settlement(&order);
    let deleted = (1..=order.travellers.len())
        .map(|number| Element::new("DeletedOrderItem").leaf("OrderItemRefID", format!("{}-{number}", order.id)));
    let difference = Element::new("PriceDifferential")
        .leaf("DifferentialTypeCode", "Refund")
        .child(total("DiffPrice", product, refund))
        .child(total("NewPrice", product, kept))
        .child(total("OldPrice", product, product.total()));
    let fee = Element::new("Fee").child(prices::amount("Amount", product, kept)).leaf("DesigText", "CancelPenalty");
    let offer = Element::new("Offer")
        .children(deleted)
        .leaf("OfferID", format!("CXL{}", order.id))
        .child(Element::new("ReshopPrice").child(difference))
        .child(Element::new("TotalPrice").child(prices::amount("TotalAmount", product, refund)).child(fee));
    let results = Element::new("ReshopResults").child(Element::new("ReshopOffers").child(offer));
    let response = Element::new("Response").child(Element::new("Order").leaf("OrderID", &order.id)).child(results);
    Ok(vec![response])
}

fn total(name: &str, product: &crate::inventory::Product, minor: i64) -> Element {
    Element::new(name).child(Element::new("Price").child(prices::amount("TotalAmount", product, minor)))
}

/// `IATA_OrderCancelRQ`
pub(super) fn cancel(world: &World, call: &Call, request: &Element) -> Result<Vec<Element>, Error> {
    let id = ["OrderID", "OrderRefID"].into_iter().find_map(|name| request.below(name).into_iter().next());
    let order = find(world, id.and_then(Element::own_text), None)?;
    if call.faults.has(&Kind::PnrBusy {}) {
        return Err(errors::busy());
    }
    let now = Timestamp::now();
    let settled = world.books.change(Supplier::Ndc, &order.id, |order| {
        if order.status == Status::Cancelled {
            return Err(errors::state("The order has been cancelled already."));
        }
        let settled = settlement(order);
        order.cancel(now);
        Ok(settled)
    });
    let (refund, kept) = settled.ok_or_else(errors::unknown_order)??;
    let response = Element::new("Response")
        .leaf("OrderRefID", &order.id)
        .child(prices::amount("PenaltyAmount", &order.product, kept))
        .child(prices::amount("RefundAmount", &order.product, refund))
        .leaf("StatusCode", "CANCELLED");
    Ok(vec![response])
}

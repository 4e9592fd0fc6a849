//! Tickets issued, voided and refunded; reservations cancelled.

use jiff::Timestamp;

use super::fault::{self, Fault};
use super::{record, render};
use crate::books::{Order, Status};
use crate::faults::Kind;
use crate::supplier::Supplier;
use crate::wire::Call;
use crate::world::World;
use crate::xml::Element;

/// The host's refusal to issue, told within a good answer.
fn failure(order: &Order, message: &str) -> Vec<Element> {
    let one = |traveller: &crate::books::Traveller| {
        let name =
            Element::new("common_v52_0:Name").with("First", &traveller.given_name).with("Last", &traveller.family_name);
        Element::new("air:TicketFailureInfo")
            .with("Code", "12008")
            .with("Message", format!("Host error during ticket issue. {message}"))
            .with("BookingTravelerRef", &traveller.id)
            .child(name)
    };
    order.travellers.iter().map(one).collect()
}

/// `AirTicketingReq`
pub(super) fn issue(world: &World, call: &Call, request: &Element) -> Result<Element, Fault> {
    let locator = request.text_at("AirReservationLocatorCode");
    let message = "Element 'AirReservationLocatorCode' must appear.";
    let locator = locator.ok_or_else(|| fault::validation(message, "AirReservationLocatorCode"))?;
    let found = world.books.find(Supplier::Travelport, |order| record::detail(order, "air") == locator);
    let order = found.ok_or_else(fault::unable_to_retrieve)?;
    if request.at("AirTicketingModifiers/FormOfPayment").is_none() {
        return Err(fault::validation("Element 'FormOfPayment' must appear.", "FormOfPayment"));
    }
    let answer = super::response(world, "air:AirTicketingRsp", request);
    if call.faults.has(&Kind::PnrBusy {}) {
        return Ok(answer.children(failure(&order, "SIMULTANEOUS CHANGES TO PNR - IGNORE AND RETRY")));
    }
    let now = Timestamp::now();
    let gone = call.faults.has(&Kind::SoldOutAtTicketing {});
    let refused = world.books.change(Supplier::Travelport, &order.id, |order| match order.status {
        Status::Ticketed => Some("TICKETS ALREADY ISSUED FOR THIS FARE"),
        Status::Cancelled => Some("NO ITINERARY - BOOKING CANCELLED"),
        Status::Held if gone => {
            order.cancel(now);
            Some("SEGMENT STATUS UC - UNABLE, CLASS NOT AVAILABLE")
        }
        Status::Held if order.pay_by.is_some_and(|pay_by| pay_by <= now) => {
            order.cancel(now);
            Some("TICKETING TIME LIMIT EXPIRED - BOOKING CANCELLED")
        }
        Status::Held => {
            order.issue(now);
            bump(order);
            None
        }
    });
    if let Some(Some(message)) = refused {
        return Ok(answer.children(failure(&order, message)));
    }
    let order = world.books.find(Supplier::Travelport, |known| known.id == order.id);
    let order = order.ok_or_else(fault::unable_to_retrieve)?;
    let said =
        Element::new("common_v52_0:ResponseMessage").with("Code", "0").with("Type", "Info").text("OK:Ticket issued");
    let etrs = order.tickets.iter().filter_map(|(traveller, number)| record::etr(&order, *traveller, number));
    Ok(answer.child(said).children(etrs))
}

fn bump(order: &mut Order) {
    let version: u64 = record::detail(order, "version").parse().unwrap_or(0);
    order.metadata.insert("version".to_owned(), (version + 1).to_string());
}

/// `AirCancelReq` and `UniversalRecordCancelReq`: the segments are released. Tickets stay what they are: whoever has not
/// refunded or voided them before gets nothing back.
pub(super) fn cancel(world: &World, call: &Call, request: &Element) -> Result<Element, Fault> {
    let record_locator = request.get("UniversalRecordLocatorCode");
    let air = request.text_at("AirReservationLocatorCode");
    if record_locator.is_none() && air.is_none() {
        return Err(fault::validation("A locator must appear.", "UniversalRecordLocatorCode"));
    }
    if call.faults.has(&Kind::PnrBusy {}) {
        return Err(fault::busy());
    }
    let fits = |order: &Order| record_locator == Some(&order.id) || air == Some(record::detail(order, "air"));
    let order = world.books.find(Supplier::Travelport, fits).ok_or_else(fault::unable_to_retrieve)?;
    if order.status == Status::Cancelled {
        return Err(Fault::new("Business", "1507", "Business", "Universal Record has been canceled already."));
    }
    if request.get("Version") != Some(record::detail(&order, "version")) {
        return Err(fault::stale_version());
    }
    let now = Timestamp::now();
    world.books.change(Supplier::Travelport, &order.id, |order| {
        let refunded = order.refunded;
        order.cancel(now);
        order.refunded = Some(refunded.unwrap_or(0));
        bump(order);
    });
    let name =
        if request.local() == "AirCancelReq" { "universal:AirCancelRsp" } else { "universal:UniversalRecordCancelRsp" };
    let status = Element::new("universal:ProviderReservationStatus")
        .with("CreateDate", super::utc(order.made_at))
        .with("ModifiedDate", super::utc(now))
        .with("ProviderCode", "1G")
        .with("LocatorCode", &order.locator)
        .with("Cancelled", "true")
        .child(Element::new("universal:CancelInfo").with("Code", "0").with("Type", "Warning"));
    Ok(super::response(world, name, request).child(status))
}

fn of_tickets(world: &World, request: &Element) -> Result<Order, Fault> {
    let mut numbers: Vec<String> = Vec::new();
    for name in ["TicketNumber", "AirReservationLocatorCode"] {
        numbers.extend(request.below(name).into_iter().filter_map(|one| one.own_text()).map(str::to_owned));
    }
    let tickets = request.below("VoidDocumentInfo").into_iter().filter_map(|info| info.get("DocumentNumber"));
    numbers.extend(tickets.map(str::to_owned));
    let fits = |order: &Order| {
        let known = |number: &String| {
            order.tickets.iter().any(|(_, ticket)| ticket == number) || record::detail(order, "air") == number
        };
        numbers.iter().any(known)
    };
    world.books.find(Supplier::Travelport, fits).ok_or_else(fault::unable_to_retrieve)
}

/// `AirRefundQuoteReq`: what the tickets would give back now.
pub(super) fn quote_refund(world: &World, request: &Element) -> Result<Element, Fault> {
    let order = of_tickets(world, request)?;
    if order.status != Status::Ticketed || order.refunded.is_some() {
        return Err(Fault::new("Business", "4454", "Business", "No refundable value remains on the tickets."));
    }
    let product = &order.product;
    let refund = product.refundable();
    let info = Element::new("air:AirRefundInfo")
        .with("RefundAmount", render::amount(product, refund))
        .with("RetainAmount", render::amount(product, product.total() - refund))
        .with("RefundFee", render::amount(product, 0));
    let bundle = Element::new("air:AirRefundBundle").child(info);
    let total = super::response(world, "air:AirRefundQuoteRsp", request)
        .child(Element::new("air:AirRefundQuoteResult").child(bundle));
    Ok(total)
}

/// `AirRefundReq`: the money comes back as it was quoted, and the tickets are worth nothing any more.
pub(super) fn refund(world: &World, request: &Element) -> Result<Element, Fault> {
    let order = of_tickets(world, request)?;
    let refund = order.product.refundable();
    let quoted = request.below("AirRefundInfo").into_iter().find_map(|info| info.get("RefundAmount"));
    if quoted != Some(render::amount(&order.product, refund).as_str()) {
        return Err(fault::validation("The refund was not quoted so.", "AirRefundInfo"));
    }
    let refused = world.books.change(Supplier::Travelport, &order.id, |order| {
        let refused = order.status != Status::Ticketed || order.refunded.is_some();
        if !refused {
            order.refunded = Some(refund);
            bump(order);
        }
        refused
    });
    if refused != Some(false) {
        return Err(Fault::new("Business", "4454", "Business", "No refundable value remains on the tickets."));
    }
    let etrs = order.tickets.iter().filter_map(|(traveller, number)| record::etr(&order, *traveller, number));
    Ok(super::response(world, "air:AirRefundRsp", request).children(etrs))
}

/// `AirVoidDocumentReq`: on the day of issue, all of the money comes back.
pub(super) fn void(world: &World, request: &Element) -> Result<Element, Fault> {
    let order = of_tickets(world, request)?;
    let same_day = order.ticketed_at.is_some_and(|at| Timestamp::now() - jiff::SignedDuration::from_hours(24) < at);
    if order.status != Status::Ticketed || !same_day {
        return Err(Fault::new("Business", "3273", "Business", "UNABLE TO VOID - TICKET NOT ISSUED TODAY"));
    }
    let total = order.product.total();
    world.books.change(Supplier::Travelport, &order.id, |order| order.refunded = Some(total));
    let one = |(_, number): &(usize, String)| {
        Element::new("air:VoidResultInfo")
            .with("DocumentNumber", number)
            .with("DocumentType", "E-Ticket")
            .with("ResultType", "Success")
    };
    Ok(super::response(world, "air:AirVoidDocumentRsp", request).children(order.tickets.iter().map(one)))
}

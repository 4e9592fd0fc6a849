//! IATA NDC 21.3: XML by POST to one address; the root element tells what is asked.
//!
//! An order is found by its id or its booking reference and by nothing else: what became of an order whose answer was
//! lost cannot be told.

mod errors;
mod lists;
mod offers;
mod orders;
mod prices;
mod request;

use crate::NDC_KEY;
use crate::faults::{Operation, Stage};
use crate::wire::{Call, Reply};
use crate::world::World;
use crate::xml::{self, Element};
use errors::Error;
pub(crate) use errors::refusal;

const MESSAGES: &str = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersMessage";

const fn op(name: &'static str, stages: &'static [Stage]) -> Operation {
    Operation { name, stages }
}

/// Every operation that is counted and can be struck.
pub const OPERATIONS: &[Operation] = &[
    op("AirShopping", &[Stage::Search]),
    op("OfferPrice", &[Stage::Price]),
    op("OrderCreate", &[Stage::Order]),
    op("OrderChange", &[Stage::Ticketing]),
    op("OrderRetrieve", &[Stage::Retrieve]),
    op("OrderReshop", &[Stage::Retrieve]),
    op("OrderCancel", &[Stage::Cancel]),
    op("other", &[]),
];

fn named(request: Option<&Element>) -> &'static str {
    let name = request.and_then(|request| request.local().strip_prefix("IATA_")?.strip_suffix("RQ"));
    OPERATIONS.iter().map(|operation| operation.name).find(|known| Some(*known) == name).unwrap_or("other")
}

/// What a call asks for.
pub(crate) fn operation(call: &Call) -> Operation {
    let request = xml::parse(&call.body).ok();
    let name = named(request.as_ref());
    if name == "OrderCreate" && request.is_some_and(|request| request.at("Request/PaymentFunctions").is_some()) {
        return Operation { name, stages: &[Stage::Order, Stage::Ticketing] };
    }
    let stages = OPERATIONS.iter().find(|operation| operation.name == name).map_or(&[][..], |known| known.stages);
    Operation { name, stages }
}

/// Answers a call: business errors come with 200 and an `Error` in the response message.
pub(crate) fn answer(world: &World, call: &Call) -> Reply {
    if call.bearer() != Some(NDC_KEY) {
        return errors::plain(401, "The key is missing or not known.");
    }
    if call.method != http::Method::POST {
        return errors::plain(405, "Messages are posted.");
    }
    let request = match xml::parse(&call.body) {
        Ok(request) => request,
        Err(error) => return errors::plain(400, &format!("The body is not XML: {error}.")),
    };
    let name = named(Some(&request));
    let (response, answered) = match name {
        "AirShopping" => ("IATA_AirShoppingRS", offers::shop(world, &request)),
        "OfferPrice" => ("IATA_OfferPriceRS", offers::price(world, call, &request)),
        "OrderCreate" => ("IATA_OrderViewRS", orders::create(world, call, &request)),
        "OrderChange" => ("IATA_OrderViewRS", orders::pay(world, call, &request)),
        "OrderRetrieve" => ("IATA_OrderViewRS", orders::retrieve(world, &request)),
        "OrderReshop" => ("IATA_OrderReshopRS", orders::reshop(world, &request)),
        "OrderCancel" => ("IATA_OrderCancelRS", orders::cancel(world, call, &request)),
        _ => return errors::plain(400, &format!("{} is not served here.", request.local())),
    };
    let content = answered.unwrap_or_else(|error| vec![Error::element(&error)]);
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    let payload = Element::new("PayloadAttributes")
        .leaf("CorrelationID", request.text_at("PayloadAttributes/CorrelationID").unwrap_or_default())
        .leaf("Timestamp", now)
        .leaf("TrxID", world.id("", 20))
        .leaf("VersionNumber", "21.3");
    document(Element::new(response).with("xmlns", MESSAGES).children(content).child(payload), 200)
}

fn document(root: Element, status: u16) -> Reply {
    Reply { status, headers: Vec::new(), content_type: "application/xml;charset=utf-8", body: root.document().into() }
}

#[cfg(test)]
mod tests;

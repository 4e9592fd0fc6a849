//! Travelport's uAPI, schema v52: SOAP over POST to `…/AirService` and `…/UniversalRecordService`.
//!
//! A reservation is found by its universal record locator or its provider's locator, or searched for by traveller and
//! date. Nothing finds it by the client's trace id: a second create makes a second reservation.

mod fault;
mod price;
mod record;
mod render;
mod request;
mod reservation;
mod search;
mod ticketing;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::faults::{Operation, Stage};
use crate::inventory::Product;
use crate::wire::{Call, Reply};
use crate::world::World;
use crate::xml::{self, Element};
use crate::{TRAVELPORT_BRANCH, TRAVELPORT_PASSWORD, TRAVELPORT_USER};
use fault::Fault;

pub(crate) const AIR: &str = "http://www.travelport.com/schema/air_v52_0";
pub(crate) const COMMON: &str = "http://www.travelport.com/schema/common_v52_0";
pub(crate) const UNIVERSAL: &str = "http://www.travelport.com/schema/universal_v52_0";
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

const fn op(name: &'static str, stages: &'static [Stage]) -> Operation {
    Operation { name, stages }
}

/// Every operation that is counted and can be struck.
pub const OPERATIONS: &[Operation] = &[
    op("LowFareSearch", &[Stage::Search]),
    op("AirPrice", &[Stage::Price]),
    op("AirCreateReservation", &[Stage::Order]),
    op("AirTicketing", &[Stage::Ticketing]),
    op("UniversalRecordRetrieve", &[Stage::Retrieve]),
    op("UniversalRecordSearch", &[Stage::Retrieve]),
    op("AirCancel", &[Stage::Cancel]),
    op("UniversalRecordCancel", &[Stage::Cancel]),
    op("AirRefundQuote", &[Stage::Retrieve]),
    op("AirRefund", &[Stage::Cancel]),
    op("AirVoidDocument", &[Stage::Cancel]),
    op("other", &[]),
];

/// What this side keeps beside the books.
#[derive(Debug, Default)]
pub struct Store {
    /// Percent by product.
    price_changes: HashMap<String, i64>,
    sold_out: HashSet<String>,
}

impl Store {
    /// The product at the price of now.
    fn now(&self, product: Product) -> Product {
        match self.price_changes.get(&product.key) {
            Some(percent) => product.dearer_by(*percent),
            None => product,
        }
    }
}

/// The body's one child: the request proper.
fn body(call: &Call) -> Option<Element> {
    let envelope = xml::parse(&call.body).ok()?;
    (envelope.local() == "Envelope").then(|| envelope.at("Body")?.all().first().cloned()).flatten()
}

fn named(request: Option<&Element>) -> &'static str {
    let name = request.and_then(|request| request.local().strip_suffix("Req")).unwrap_or_default();
    OPERATIONS.iter().map(|operation| operation.name).find(|known| *known == name).unwrap_or("other")
}

/// What a call asks for.
pub(crate) fn operation(call: &Call) -> Operation {
    let name = named(body(call).as_ref());
    let stages = OPERATIONS.iter().find(|operation| operation.name == name).map_or(&[][..], |known| known.stages);
    Operation { name, stages }
}

/// An error of the server or of its gateway: uAPI has no 429 of its own, its front answers one.
pub(crate) fn refusal(world: &World, status: u16) -> Reply {
    let fault = Fault::new("Server", "6119", "System", "Host system error. Please try again later.");
    Reply { status, ..fault.reply(world) }
}

/// Answers a call.
pub(crate) fn answer(world: &World, call: &Call) -> Reply {
    match checked(world, call) {
        Ok(response) => envelope(200, response),
        Err(Refusal::Fault(fault)) => fault.reply(world),
        Err(Refusal::Unauthorised) => {
            Reply { content_type: "text/html", body: "Authorization Required".into(), ..Reply::empty(401) }
                .with("www-authenticate", "Basic realm=\"Travelport uAPI\"")
        }
    }
}

enum Refusal {
    Unauthorised,
    Fault(Box<Fault>),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Refusal::Fault(Box::new(fault))
    }
}

fn envelope(status: u16, body: Element) -> Reply {
    let envelope = Element::new("SOAP:Envelope").with("xmlns:SOAP", SOAP).child(Element::new("SOAP:Body").child(body));
    Reply { status, headers: Vec::new(), content_type: "text/xml;charset=utf-8", body: envelope.document().into() }
}

/// The root of a response, with what every one carries.
fn response(world: &World, name: &str, request: &Element) -> Element {
    Element::new(name)
        .with("xmlns:air", AIR)
        .with("xmlns:common_v52_0", COMMON)
        .with("xmlns:universal", UNIVERSAL)
        .with_some("TraceId", request.get("TraceId"))
        .with("TransactionId", world.dice().with_number(world.number().cast_signed()).word(b"0123456789ABCDEF", 32))
        .with("ResponseTime", "214")
}

fn checked(world: &World, call: &Call) -> Result<Element, Refusal> {
    let right = |(user, password): (String, String)| user == TRAVELPORT_USER && password == TRAVELPORT_PASSWORD;
    if !call.basic().is_some_and(right) {
        return Err(Refusal::Unauthorised);
    }
    if call.method != http::Method::POST {
        return Err(fault::validation("Only POST is served here.", "method").into());
    }
    let Some(request) = body(call) else {
        return Err(fault::validation("The body is not a SOAP envelope with a request in it.", "Body").into());
    };
    let service = if request.local().starts_with("UniversalRecord") { "UniversalRecordService" } else { "AirService" };
    if !call.path.trim_end_matches('/').ends_with(service) {
        let message = format!("{} is served by {service}.", request.local());
        return Err(fault::validation(&message, "service").into());
    }
    match request.get("TargetBranch") {
        None => return Err(fault::validation("Attribute 'TargetBranch' must appear.", "TargetBranch").into()),
        Some(TRAVELPORT_BRANCH) => {}
        Some(_) => return Err(fault::wrong_branch().into()),
    }
    if request.at("BillingPointOfSaleInfo").and_then(|info| info.get("OriginApplication")).is_none() {
        let message = "Element 'BillingPointOfSaleInfo' with 'OriginApplication' must appear.";
        return Err(fault::validation(message, "BillingPointOfSaleInfo").into());
    }
    let answered = match named(Some(&request)) {
        "LowFareSearch" => search::search(world, &request),
        "AirPrice" => price::price(world, call, &request),
        "AirCreateReservation" => reservation::create(world, call, &request),
        "AirTicketing" => ticketing::issue(world, call, &request),
        "UniversalRecordRetrieve" => record::retrieve(world, &request),
        "UniversalRecordSearch" => record::search(world, &request),
        "AirCancel" | "UniversalRecordCancel" => ticketing::cancel(world, call, &request),
        "AirRefundQuote" => ticketing::quote_refund(world, &request),
        "AirRefund" => ticketing::refund(world, &request),
        "AirVoidDocument" => ticketing::void(world, &request),
        _ => Err(fault::validation(&format!("{} is not served here.", request.local()), "Body")),
    };
    Ok(answered?)
}

/// `2027-01-20T07:35:00.000+00:00`, as uAPI writes its own times.
fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string()
}

#[cfg(test)]
mod tests;

//! `IATA_AirShoppingRQ`.

use crate::api::{Answer, Message};
use crate::errors::NOTHING_SOLD;
use crate::lists::Lists;
use crate::mapping::offer;
use crate::mapping::party::{self, Party};
use crate::mapping::trip::{Asked, cabin_code};
use crate::read;
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{Disposition, Fault, SearchReply, SearchRequest, SkippedOffer, SliceQuery};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::{Element, Node};

/// All offers for a search.
pub fn search(transport: &dyn Transport, request: &SearchRequest) -> Result<SearchReply, Fault> {
    let currency = request.currency.as_deref();
    let mut answer = ask(transport, request, currency);
    // A currency is asked for, and not always granted.
    if currency.is_some() && answer.as_ref().is_err_and(|fault| fault.field.as_deref() == Some("currency")) {
        answer = ask(transport, request, None);
    }
    match answer {
        Ok(answer) => reply(&answer, request, host::replaying()),
        Err(fault) if fault.disposition == Disposition::SoldOut || fault.code.as_deref() == Some(NOTHING_SOLD) => {
            Ok(SearchReply { segments: Vec::new(), offers: Vec::new(), skipped: Vec::new() })
        }
        Err(fault) => Err(fault),
    }
}

fn ask(transport: &dyn Transport, request: &SearchRequest, currency: Option<&str>) -> Result<Answer, Fault> {
    let message = Message::new("IATA_AirShoppingRQ", body(request, currency));
    Message { country: request.point_of_sale.as_deref(), ..message }.send(transport)
}

fn body(request: &SearchRequest, currency: Option<&str>) -> Node {
    let criteria = |slice: &SliceQuery| {
        let end = |name: &'static str, date: Option<String>, code: &str| {
            Node::new(name).leaf_some("Date", date).leaf("IATA_LocationCode", code)
        };
        Node::new("OriginDestCriteria")
            .child(Node::new("CabinType").leaf("CabinTypeCode", cabin_code(request.cabin)))
            .child(end("DestArrivalCriteria", None, &slice.destination))
            .child(end("OriginDepCriteria", Some(time::format_date(&slice.departure_date)), &slice.origin))
    };
    let pax = |(index, passenger): (usize, &interline_plugin_sdk::supplier::Passenger)| {
        let age = passenger.age.map(|age| Node::new("AgeMeasure").attr("UnitCode", "ANN").text(age));
        Node::new("Pax").child_some(age).leaf("PaxID", party::own_id(index)).leaf("PTC", party::code(passenger.kind))
    };
    let criteria = Node::new("FlightRequestOriginDestinationsCriteria").children(request.slices.iter().map(criteria));
    let parameters =
        |code| Node::new("ResponseParameters").child(Node::new("CurParameter").leaf("RequestedCurCode", code));
    Node::new("Request")
        .child(Node::new("FlightRequest").child(criteria))
        .child(Node::new("PaxList").children(request.passengers.iter().enumerate().map(pax)))
        .child_some(currency.map(parameters))
}

/// The reply's offers.
fn reply(answer: &Answer, request: &SearchRequest, replaying: bool) -> Result<SearchReply, Fault> {
    let response = &answer.response;
    let lists = Lists::of(response);
    let party = match Party::of(&request.passengers, &[], &lists.pax) {
        Ok(party) => party,
        Err(_) if replaying => Party::as_told(&lists.pax),
        Err(why) => return Err(answer.unreadable(why)),
    };
    let party = if replaying && !lists.pax.is_empty() { Party::as_told(&lists.pax) } else { party };
    let asked = Asked {
        slices: if replaying { &[] } else { &request.slices },
        count: (!replaying).then_some(request.slices.len()),
        cabin: request.cabin,
    };
    let carriers = response.all("OffersGroup/CarrierOffers");
    let offers: Vec<&Element> = carriers.iter().flat_map(|carrier| carrier.children("Offer")).collect();
    let mut segments = Segments::default();
    let mut reply = SearchReply { segments: Vec::new(), offers: Vec::with_capacity(offers.len()), skipped: Vec::new() };
    for element in offers {
        match offer::offer(element, &lists, &party, asked, &mut segments) {
            Ok(offer) => reply.offers.push(offer),
            Err(reason) => {
                let id = read::text(element, "OfferID").map(str::to_owned);
                reply.skipped.push(SkippedOffer { id, reason });
            }
        }
    }
    reply.segments = segments.into_vec();
    Ok(reply)
}

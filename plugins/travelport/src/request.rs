//! Parts of requests that several operations send.

use crate::api;
use crate::mapping::party;
use crate::token::OfferToken;
use interline_plugin_sdk::supplier::{Fault, Passenger, PassengerType};
use interline_plugin_sdk::xml::Node;

/// A passenger as code and age.
pub fn typed(passenger: &Passenger) -> (String, Option<u8>) {
    (party::code(passenger.kind).to_owned(), passenger.age.filter(|_| passenger.kind != PassengerType::Adult))
}

/// The passengers of a search or price.
pub fn passengers(party: &[(String, Option<u8>)]) -> impl Iterator<Item = Node> {
    party.iter().enumerate().map(|(at, (code, age))| {
        Node::new("com:SearchPassenger").attr("Key", format!("P{at}")).attr("Code", code).attr_some("Age", *age)
    })
}

/// An `AirPriceReq` for what the token remembers.
pub fn price(token: &OfferToken) -> Result<Node, Fault> {
    let provider = api::provider();
    let flights = token.flights.iter().zip(0..).map(|(flight, at)| {
        let connects = token.flights.get(at + 1).is_some_and(|next| next.group == flight.group);
        Node::new("air:AirSegment")
            .attr("Key", at)
            .attr("Group", flight.group)
            .attr("Carrier", &flight.carrier)
            .attr("FlightNumber", &flight.number)
            .attr("Origin", &flight.origin)
            .attr("Destination", &flight.destination)
            .attr("DepartureTime", &flight.departure)
            .attr("ArrivalTime", &flight.arrival)
            .attr_some("ClassOfService", Some(&flight.class).filter(|class| !class.is_empty()))
            .attr("CabinClass", &flight.cabin)
            .attr("ProviderCode", &provider)
            .child_some(connects.then(|| Node::new("air:Connection")))
    });
    let modifiers = token.flights.iter().enumerate().map(|(at, flight)| {
        let codes =
            Node::new("air:PermittedBookingCodes").child(Node::new("air:BookingCode").attr("Code", &flight.class));
        Node::new("air:AirSegmentPricingModifiers")
            .attr("AirSegmentRef", at)
            .attr_some("FareBasisCode", Some(&flight.basis).filter(|basis| !basis.is_empty()))
            .child_some((!flight.class.is_empty()).then_some(codes))
    });
    let pricing = Node::new("air:AirPricingModifiers")
        .attr("InventoryRequestType", "DirectAccess")
        .attr_some("PlatingCarrier", Some(&token.plating).filter(|carrier| !carrier.is_empty()))
        .attr_some("CurrencyType", Some(&token.currency).filter(|currency| !currency.is_empty()));
    Ok(api::message("air:AirPriceReq", None)?
        .attr("CheckFlightDetails", "true")
        .child(Node::new("air:AirItinerary").children(flights))
        .child(pricing)
        .children(passengers(&token.party))
        .child(Node::new("air:AirPricingCommand").children(modifiers)))
}

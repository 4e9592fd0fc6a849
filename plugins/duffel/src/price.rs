//! `GET /air/offers/{id}`: Duffel asks the airline, and answers with the price of now.

use crate::api;
use crate::mapping::offer::{self, Context};
use crate::wire::offer as wire;
use interline_plugin_sdk::fault;
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::{Response, Transport};
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{Disposition, Fault, Passenger, PriceReply, PriceRequest};

/// The offer as it can be bought now.
pub fn check(transport: &dyn Transport, request: &PriceRequest) -> Result<PriceReply, Fault> {
    let response = fetch(transport, &request.offer_id)?;
    reply(&response, &request.passengers, host::replaying())
}

/// The offer as Duffel has it now. One that it no longer knows has expired.
pub fn fetch(transport: &dyn Transport, offer_id: &str) -> Result<Response, Fault> {
    api::get(transport, &format!("offers/{}", path_segment(offer_id))).map_err(|mut fault| {
        if fault.code.as_deref() == Some("not_found") {
            fault.disposition = Disposition::OfferExpired;
        }
        fault
    })
}

fn reply(response: &Response, passengers: &[Passenger], replaying: bool) -> Result<PriceReply, Fault> {
    let wire: wire::Offer = api::object(response)?;
    let mut segments = Segments::default();
    let context = Context { passengers, cabin: None, replaying };
    let offer = offer::offer(&wire, context, &mut segments).map_err(|why| fault::unreadable(response.effect, why))?;
    Ok(PriceReply { segments: segments.into_vec(), offer })
}

/// An id within a path.
pub fn path_segment(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

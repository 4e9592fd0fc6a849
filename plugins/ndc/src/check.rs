//! `IATA_OfferPriceRQ`.

use crate::api::{Answer, Message};
use crate::lists::Lists;
use crate::mapping::offer;
use crate::mapping::party::Party;
use crate::mapping::trip::Asked;
use crate::request;
use crate::token::{self, OfferToken};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{Fault, Passenger, PriceReply, PriceRequest};
use interline_plugin_sdk::xml::Node;

/// The offer as it can be bought now.
pub fn check(transport: &dyn Transport, request: &PriceRequest) -> Result<PriceReply, Fault> {
    let token: OfferToken = token::decode(&request.token)?;
    priced(transport, &request.offer_id, &token, &request.passengers)
}

/// As [`check`], with the token read.
pub fn priced(
    transport: &dyn Transport,
    offer_id: &str,
    token: &OfferToken,
    passengers: &[Passenger],
) -> Result<PriceReply, Fault> {
    let list = Node::new("SelectedOfferList").child(request::selected("SelectedOffer", offer_id, token));
    let body = Node::new("Request").child(Node::new("PricedOffer").child(list));
    let answer = Message::new("IATA_OfferPriceRQ", body).send(transport)?;
    reply(&answer, token, passengers, host::replaying())
}

fn reply(answer: &Answer, token: &OfferToken, passengers: &[Passenger], replaying: bool) -> Result<PriceReply, Fault> {
    let response = &answer.response;
    let element = response.child("PricedOffer").ok_or_else(|| answer.unreadable("no priced offer"))?;
    // Some nest the offer within.
    let element = element.child("Offer").unwrap_or(element);
    let lists = Lists::of(response);
    let party = match replaying && !lists.pax.is_empty() {
        true => Party::as_told(&lists.pax),
        false => Party::of(passengers, &token.pax, &lists.pax).map_err(|why| answer.unreadable(why))?,
    };
    let count = (!replaying && token.slices > 0).then_some(token.slices);
    let asked = Asked { slices: &[], count, cabin: offer::cabin_at(token.cabin) };
    let mut segments = Segments::default();
    let offer = offer::offer(element, &lists, &party, asked, &mut segments).map_err(|why| answer.unreadable(why))?;
    Ok(PriceReply { segments: segments.into_vec(), offer })
}

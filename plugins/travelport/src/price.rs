//! `AirPriceReq`.

use crate::api::{self, Answer};
use crate::errors;
use crate::mapping::fare;
use crate::mapping::flights::Index;
use crate::mapping::offer::{self, Context};
use crate::request;
use crate::token::{self, OfferToken};
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, PriceReply, PriceRequest};
use interline_plugin_sdk::xml::Element;
use std::collections::HashMap;

/// The offer as it can be bought now.
pub fn check(transport: &dyn Transport, request: &PriceRequest) -> Result<PriceReply, Fault> {
    let mut token = read(&request.token)?;
    token.party = request.passengers.iter().map(request::typed).collect();
    let answer = fetch(transport, &token)?;
    let groups: Vec<usize> = token.flights.iter().map(|flight| flight.group).collect();
    let cabin = token.flights.first().and_then(|flight| offer::cabin(&flight.cabin));
    let context = Context { passengers: &request.passengers, cabin, groups: &groups, replaying: host::replaying() };
    let solution = fitting(&answer, &token)?;
    let mut index = Index::of(&answer.message);
    let mut offer =
        offer::solution(solution, context, &mut index).map_err(|(_, why)| fault::unreadable(answer.effect, why))?;
    // Keys of a price live as long as its message.
    if !request.offer_id.is_empty() {
        offer.id.clone_from(&request.offer_id);
    }
    Ok(PriceReply { segments: index.into_segments(), offer })
}

/// The itinerary in a token. One without flights can't be priced, but stands for a replayed reply's.
pub fn read(token: &[u8]) -> Result<OfferToken, Fault> {
    if host::replaying() {
        return Ok(token::decode(token).unwrap_or_default());
    }
    let token: OfferToken = token::decode(token)?;
    if token.flights.is_empty() { Err(fault::offer_expired("the token has no itinerary")) } else { Ok(token) }
}

/// uAPI's prices for the itinerary.
pub fn fetch(transport: &dyn Transport, token: &OfferToken) -> Result<Answer, Fault> {
    api::ask(transport, api::AIR, Effect::Repeatable, request::price(token)?)
}

/// Of several solutions the one of the fares asked for, else the cheapest.
pub fn fitting<'a>(answer: &'a Answer, token: &OfferToken) -> Result<&'a Element, Fault> {
    let mut solutions = answer.message.all("AirPriceResult/AirPricingSolution");
    let units = |solution: &&Element| fare::total(solution).map_or(i64::MAX, |total| total.units);
    solutions.sort_by_key(units);
    let asked: Vec<&str> = token.flights.iter().map(|flight| flight.basis.as_str()).collect();
    let matching = solutions.iter().find(|solution| fares(solution) == asked);
    matching.or(solutions.first()).copied().ok_or_else(|| {
        let results = answer.message.all("AirPriceResult/AirPriceError");
        if let Some(error) = results.first() {
            let words = error.child_text("Description").unwrap_or_else(|| error.text());
            return unpriced(words, error.child_text("Code").unwrap_or("no-price"));
        }
        let words = answer.message.children("ResponseMessage").map(Element::text).collect::<Vec<_>>().join("; ");
        unpriced(if words.is_empty() { "no price was found" } else { &words }, "no-price")
    })
}

/// An itinerary without a price can't be had, unless the words say otherwise.
fn unpriced(words: &str, code: &str) -> Fault {
    let disposition = errors::by_words(words, Effect::Repeatable).unwrap_or(Disposition::SoldOut);
    fault::coded(disposition, code, words)
}

/// The fare basis of each flight, for the first passenger type.
fn fares(solution: &Element) -> Vec<&str> {
    let Some(info) = solution.child("AirPricingInfo") else { return Vec::new() };
    let by_key: HashMap<_, _> =
        info.children("FareInfo").filter_map(|fare| Some((fare.attr("Key")?, fare.attr("FareBasis")?))).collect();
    let of = |booking: &'_ Element| booking.attr("FareInfoRef").and_then(|key| by_key.get(key).copied());
    info.children("BookingInfo").map(|booking| of(booking).unwrap_or_default()).collect()
}

//! `POST /air/offer_requests`.

use crate::api;
use crate::mapping::offer::{self, Context};
use crate::wire::offer as wire;
use crate::wire::request as out;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::http::{Response, Transport};
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{
    Cabin, Fault, Passenger, PassengerType, SearchReply, SearchRequest, SkippedOffer,
};
use interline_plugin_sdk::{host, json, time};
use serde_json::value::RawValue;
use std::ops::Deref;

/// All offers for a search.
pub fn search(transport: &dyn Transport, request: &SearchRequest) -> Result<SearchReply, Fault> {
    // Duffel stops waiting for airlines then, and answers with what it has; it takes 2 to 60 seconds.
    let airlines_ms = (request.timeout_ms / 10 * 9).clamp(2_000, 60_000);
    let path = format!("offer_requests?return_offers=true&supplier_timeout={airlines_ms}");
    let response = api::post(transport, &path, Effect::Repeatable, Some(body(request)))?;
    reply(&response, request, host::replaying())
}

fn body(request: &SearchRequest) -> out::OfferRequest {
    let slice = |slice: &interline_plugin_sdk::supplier::SliceQuery| out::Slice {
        origin: slice.origin.clone(),
        destination: slice.destination.clone(),
        departure_date: time::format_date(&slice.departure_date),
    };
    out::OfferRequest {
        slices: request.slices.iter().map(slice).collect(),
        passengers: request.passengers.iter().map(passenger).collect(),
        cabin_class: match request.cabin {
            Cabin::Economy => "economy",
            Cabin::PremiumEconomy => "premium_economy",
            Cabin::Business => "business",
            Cabin::First => "first",
        },
        max_connections: host::config("max-connections").and_then(|n| n.parse().ok()).unwrap_or(2),
    }
}

/// Children go by their age, which some airlines price by; Duffel finds the type.
fn passenger(passenger: &Passenger) -> out::Passenger {
    match (passenger.kind, passenger.age) {
        (PassengerType::Child, Some(age)) => out::Passenger::Age { age },
        (PassengerType::Child, None) => out::Passenger::Type { kind: "child" },
        (PassengerType::Infant, _) => out::Passenger::Type { kind: "infant_without_seat" },
        (PassengerType::Adult, _) => out::Passenger::Type { kind: "adult" },
    }
}

/// The reply's offers: an offer request with its offers, a list of offers, or a single one.
pub fn reply(response: &Response, request: &SearchRequest, replaying: bool) -> Result<SearchReply, Fault> {
    let context = Context { passengers: &request.passengers, cabin: Some(request.cabin), replaying };
    at_once(response, context).map_or_else(|| one_by_one(response, context), Ok)
}

/// An offer request whose offers can all be read, as it nearly always is.
pub(crate) fn at_once(response: &Response, context: Context<'_>) -> Option<SearchReply> {
    let wire::Answer { data: wire::Offers { offers } } = response.json().ok()?;
    Some(mapped(offers.into_iter().map(Ok), context))
}

/// A single offer that can't be read would cost all of them: here each is looked for first, and read by itself.
pub(crate) fn one_by_one(response: &Response, context: Context<'_>) -> Result<SearchReply, Fault> {
    let data = api::data(response)?;
    let unreadable = |why: serde_json::Error| fault::unreadable(response.effect, why);
    let offers: Vec<&RawValue> = if data.starts_with('[') {
        serde_json::from_str(data).map_err(unreadable)?
    } else {
        let whole: wire::OfferRequest<'_> = serde_json::from_str(data).map_err(unreadable)?;
        match whole.offers {
            Some(offers) => offers,
            None => {
                let itself: wire::Identified = serde_json::from_str(data).map_err(unreadable)?;
                if itself.total_amount.is_none() {
                    return Err(fault::unreadable(response.effect, "neither offers nor an offer"));
                }
                vec![serde_json::from_str(data).map_err(unreadable)?]
            }
        }
    };
    Ok(mapped(
        offers.into_iter().map(|raw| json::parse::<wire::Offer>(raw.get()).map_err(|why| skipped(raw, &why))),
        context,
    ))
}

/// Offers that were read, mapped; those that can't be are told among the skipped ones.
fn mapped<T: Deref<Target = str>>(
    offers: impl Iterator<Item = Result<wire::Offer<T>, SkippedOffer>>,
    context: Context<'_>,
) -> SearchReply {
    let mut segments = Segments::default();
    let mut reply = SearchReply { segments: Vec::new(), offers: Vec::new(), skipped: Vec::new() };
    for read in offers {
        let map = |wire: wire::Offer<T>| {
            let mapped = offer::offer(&wire, context, &mut segments);
            mapped.map_err(|reason| SkippedOffer { id: Some(wire.id.to_owned()), reason })
        };
        match read.and_then(map) {
            Ok(offer) => reply.offers.push(offer),
            Err(skipped) => reply.skipped.push(skipped),
        }
    }
    reply.segments = segments.into_vec();
    reply
}

/// What can be told of an offer that can't be read.
fn skipped(raw: &RawValue, why: &serde_json::Error) -> SkippedOffer {
    let id = serde_json::from_str::<wire::Identified>(raw.get()).unwrap_or_default().id;
    let request = id.as_deref().is_some_and(|id| id.starts_with("orq_"));
    let reason = if request { "an offer request without its offers".to_owned() } else { why.to_string() };
    SkippedOffer { id, reason }
}

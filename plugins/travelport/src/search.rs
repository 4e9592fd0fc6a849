//! `LowFareSearchReq`.

use crate::api::{self, Answer};
use crate::errors;
use crate::mapping::flights::Index;
use crate::mapping::offer::{self, Context};
use crate::request;
use interline_plugin_sdk::fault::{Effect, RETRY_MS};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, SearchReply, SearchRequest, SkippedOffer};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::Node;

/// All offers for a search.
pub fn search(transport: &dyn Transport, request: &SearchRequest) -> Result<SearchReply, Fault> {
    let ask = |currency: Option<&str>| api::ask(transport, api::AIR, Effect::Repeatable, body(request, currency)?);
    let answered = match ask(request.currency.as_deref()) {
        // A currency is asked for, and not always granted.
        Err(fault) if fault.field.as_deref() == Some("currency") => ask(None),
        other => other,
    };
    match answered {
        Ok(answer) => {
            let reply = reply(&answer, request, host::replaying());
            let nothing = reply.offers.is_empty() && reply.skipped.is_empty();
            match failure(&answer).filter(|fault| nothing && !nothing_sold(fault)) {
                Some(fault) => Err(fault),
                None => Ok(reply),
            }
        }
        Err(fault) if nothing_sold(&fault) => {
            Ok(SearchReply { segments: Vec::new(), offers: Vec::new(), skipped: Vec::new() })
        }
        Err(fault) => Err(fault),
    }
}

fn nothing_sold(fault: &Fault) -> bool {
    fault.disposition == Disposition::SoldOut || fault.code.as_deref() == Some(errors::NO_SOLUTIONS)
}

/// What a provider behind uAPI says went wrong, in an answer that is none of uAPI's own faults.
fn failure(answer: &Answer) -> Option<Fault> {
    let told = answer.message.children("ResponseMessage").find(|one| one.attr("Type") == Some("Error"))?;
    let fault = errors::said(told.text(), told.attr("Code").unwrap_or("error"), answer.effect);
    let unknown = fault.disposition == Disposition::Rejected && fault.code.as_deref() != Some(errors::NO_SOLUTIONS);
    Some(if unknown { Fault { disposition: answer.effect.lost(RETRY_MS), ..fault } } else { fault })
}

fn body(request: &SearchRequest, currency: Option<&str>) -> Result<Node, Fault> {
    let place = |name: &'static str, code: &str| {
        Node::new(name).child(Node::new("com:CityOrAirport").attr("Code", code).attr("PreferCity", "true"))
    };
    let cabin = Node::new("com:CabinClass").attr("Type", offer::cabin_name(request.cabin));
    let legs = request.slices.iter().map(|slice| {
        Node::new("air:SearchAirLeg")
            .child(place("air:SearchOrigin", &slice.origin))
            .child(place("air:SearchDestination", &slice.destination))
            .child(Node::new("air:SearchDepTime").attr("PreferredTime", time::format_date(&slice.departure_date)))
            .child(Node::new("air:AirLegModifiers").child(Node::new("air:PermittedCabins").child(cabin.clone())))
    });
    let providers = Node::new("com:Provider").attr("Code", api::provider());
    let modifiers = Node::new("air:AirSearchModifiers")
        .attr("MaxSolutions", request.max_offers.clamp(1, 300))
        .child(Node::new("air:PreferredProviders").child(providers));
    let party: Vec<_> = request.passengers.iter().map(request::typed).collect();
    let pricing = currency.map(|currency| Node::new("air:AirPricingModifiers").attr("CurrencyType", currency));
    Ok(api::message("air:LowFareSearchReq", None)?
        .children(legs)
        .child(modifiers)
        .children(request::passengers(&party))
        .child_some(pricing))
}

/// The reply's offers, from price points or solutions.
pub fn reply(answer: &Answer, request: &SearchRequest, replaying: bool) -> SearchReply {
    let context = Context { passengers: &request.passengers, cabin: Some(request.cabin), groups: &[], replaying };
    let message = &answer.message;
    let mut index = Index::of(message);
    let mut reply = SearchReply { segments: Vec::new(), offers: Vec::new(), skipped: Vec::new() };
    let solutions = message.children("AirPricingSolution").map(|one| offer::solution(one, context, &mut index));
    let mut mapped: Vec<_> = solutions.collect();
    for point in message.all("AirPricePointList/AirPricePoint") {
        mapped.extend(offer::point(point, context, &mut index));
    }
    for one in mapped {
        match one {
            Ok(offer) => reply.offers.push(offer),
            Err((id, reason)) => reply.skipped.push(SkippedOffer { id: Some(id).filter(|id| !id.is_empty()), reason }),
        }
    }
    reply.segments = index.into_segments();
    reply
}

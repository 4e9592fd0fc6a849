//! Talking to uAPI: the envelope, and telling answers from faults.

use crate::errors;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::{Method, Request, Response, Transport};
use interline_plugin_sdk::supplier::Fault;
use interline_plugin_sdk::xml::{self, Node, Tree};

/// The host that the manifest names.
const BASE: &str = "https://americas.universal-api.travelport.com/B2BGateway/connect/uAPI/";
/// The secret that the manifest names: `user:password`.
const CREDENTIAL: &str = "credential";
/// In this service records are looked up and cancelled; the rest is in [`AIR`].
pub const RECORDS: &str = "UniversalRecordService";
/// Shopping, reserving, ticketing.
pub const AIR: &str = "AirService";

/// An answer that is none of uAPI's faults.
#[derive(Debug)]
pub struct Answer {
    /// The message within the envelope.
    pub message: Tree,
    /// What its loss would have meant.
    pub effect: Effect,
}

/// A message of this name, with what every one has to have.
pub fn message(name: &'static str, trace: Option<&str>) -> Result<Node, Fault> {
    let branch = match host::config("branch") {
        Some(branch) => branch,
        None if host::replaying() || cfg!(test) => String::new(),
        None => return Err(fault::not_authorised("`branch` is not configured")),
    };
    Ok(Node::new(name)
        .attr("xmlns:air", "http://www.travelport.com/schema/air_v52_0")
        .attr("xmlns:com", "http://www.travelport.com/schema/common_v52_0")
        .attr("xmlns:univ", "http://www.travelport.com/schema/universal_v52_0")
        .attr("AuthorizedBy", "interline")
        .attr("TargetBranch", branch)
        .attr_some("TraceId", trace)
        .child(Node::new("com:BillingPointOfSaleInfo").attr("OriginApplication", "uAPI")))
}

/// The GDS behind uAPI.
pub fn provider() -> String {
    host::config("provider").unwrap_or_else(|| "1G".to_owned())
}

/// Sends a message; `effect` says what a lost answer means.
pub fn ask(transport: &dyn Transport, service: &str, effect: Effect, message: Node) -> Result<Answer, Fault> {
    let envelope = Node::new("soap:Envelope")
        .attr("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/")
        .child(Node::new("soap:Body").child(message));
    let request = Request::new(Method::Post, format!("{BASE}{service}"))
        .header("accept", "text/xml")
        .header("soapaction", "\"\"")
        .basic(CREDENTIAL)
        .body("text/xml; charset=utf-8", envelope.document())
        .effect(effect);
    open(transport.send(request)?)
}

/// The message in an answer, if it is no fault. A page of some front in between is none, whatever its status.
pub fn open(response: Response) -> Result<Answer, Fault> {
    let envelope = match xml::parse(&response.text()) {
        Ok(envelope) => envelope,
        Err(_) if !response.is_success() => return Err(response.status_fault("an answer without uAPI's fault in it")),
        Err(why) => return Err(fault::unreadable(response.effect, why)),
    };
    let message = if envelope.is("Envelope") {
        envelope.into_child("Body").and_then(Tree::into_first_child)
    } else {
        Some(envelope)
    };
    match message {
        Some(message) if message.is("Fault") => Err(errors::fault(&message, &response)),
        _ if !response.is_success() => Err(response.status_fault("an answer without uAPI's fault in it")),
        Some(message) if message.name().ends_with("Rsp") => Ok(Answer { effect: response.effect, message }),
        _ => Err(fault::unreadable(response.effect, "no message of uAPI in it")),
    }
}

//! Talking to an NDC endpoint: the frame of every message, and telling answers from errors.

use crate::errors;
use interline_plugin_sdk::fault::{self, Effect};
use interline_plugin_sdk::http::{Method, Request, Transport};
use interline_plugin_sdk::supplier::Fault;
use interline_plugin_sdk::xml::{self, Element, Node, Tree};
use interline_plugin_sdk::{host, time};

/// The host that the manifest names; operators route it to their airline or aggregator.
const BASE: &str = "https://ndc.example.com/";
const NAMESPACE: &str = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersMessage";
/// The secret that the manifest names.
const KEY: &str = "api-key";

/// A configured value, if it is not empty.
pub fn config(key: &str) -> Option<String> {
    host::config(key).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// An answer: the content of `Response`, and what a lost answer would have meant.
#[derive(Debug)]
pub struct Answer {
    /// The message's `Response`.
    pub response: Tree,
    /// Of the request.
    pub effect: Effect,
}

impl Answer {
    /// An answer that does not hold what it must.
    pub fn unreadable(&self, why: impl std::fmt::Display) -> Fault {
        fault::unreadable(self.effect, why)
    }
}

/// A message to be sent.
#[derive(Debug)]
pub struct Message<'a> {
    /// `IATA_…RQ`.
    pub name: &'static str,
    /// The content of `Request`.
    pub request: Node,
    /// Ties the message to what it is about.
    pub reference: Option<&'a str>,
    /// ISO 3166 alpha-2, where the call names it.
    pub country: Option<&'a str>,
    /// What a lost answer means.
    pub effect: Effect,
}

impl<'a> Message<'a> {
    /// A message that reads.
    pub fn new(name: &'static str, request: Node) -> Self {
        Self { name, request, reference: None, country: None, effect: Effect::Repeatable }
    }

    /// A message that creates or pays, under the client's reference.
    pub fn once(self, reference: &'a str) -> Self {
        Self { reference: Some(reference), effect: Effect::Once, ..self }
    }

    /// Sends it. An answer whose message holds errors and no content is a fault.
    pub fn send(self, transport: &dyn Transport) -> Result<Answer, Fault> {
        let effect = self.effect;
        let path = config("path").unwrap_or_default();
        let request = Request::new(Method::Post, format!("{BASE}{}", path.trim_start_matches('/')))
            .header("accept", "application/xml")
            .bearer(KEY)
            .effect(effect)
            .body("application/xml; charset=utf-8", self.document());
        let response = transport.send(request)?;
        let parsed = xml::read(&response);
        let root = match (parsed, response.is_success()) {
            (Ok(root), _) => root,
            (Err(fault), true) => return Err(fault),
            (Err(_), false) => return Err(response.status_fault("an answer without an NDC error in it")),
        };
        // Some endpoints wrap the message in SOAP.
        let message = if root.is("Envelope") {
            root.into_child("Body").and_then(Tree::into_first_child).unwrap_or_default()
        } else {
            root
        };
        if !response.is_success() || !answers(&message) {
            return Err(errors::fault(&message, &response));
        }
        let content = message.into_child("Response");
        content.map(|response| Answer { response, effect }).ok_or_else(|| fault::unreadable(effect, "no response"))
    }

    fn document(self) -> String {
        let country = self.country.map(str::to_owned).or_else(|| config("country"));
        let pos = country.map(|code| Node::new("POS").child(Node::new("Country").leaf("CountryCode", code)));
        Node::new(self.name)
            .attr("xmlns", NAMESPACE)
            .child_some(chain())
            .child(
                Node::new("PayloadAttributes")
                    .leaf_some("CorrelationID", self.reference)
                    .leaf("Timestamp", time::format_instant(time::now()))
                    .leaf_some("TrxID", self.reference)
                    .leaf("VersionNumber", "21.3"),
            )
            .child_some(pos)
            .child(self.request)
            .document()
    }
}

/// Whether a message answers what was asked: warnings beside an answer are none of its errors, lists beside an error are no
/// answer.
fn answers(message: &Element) -> bool {
    let Some(response) = message.child("Response") else { return false };
    let beside = ["Error", "Errors", "Warning", "DataLists", "Metadata"];
    let answered = response.elements().any(|part| !beside.iter().any(|name| part.is(name)));
    answered || (response.elements().next().is_some() && errors::of(message).is_empty())
}

/// Who sells, and whose offers.
fn chain() -> Option<Node> {
    let link = |ordinal: u8, role: &str, name: Option<String>, id: String| {
        Node::new("DistributionChainLink")
            .leaf("Ordinal", ordinal)
            .leaf("OrgRole", role)
            .child(Node::new("ParticipatingOrg").leaf_some("Name", name).leaf("OrgID", id))
    };
    let seller = link(1, "Seller", config("agency-name"), config("agency-id")?);
    let carrier = config("owner").map(|owner| link(2, "Carrier", None, owner));
    Some(Node::new("DistributionChain").child(seller).child_some(carrier))
}

//! XML for adapters of SOAP and NDC: a small tree to read from, a small tree to write.
//!
//! **Reading.** [`parse`] gives a [`Tree`] of [`Element`]s. Names are local names: `air:AirSegment`, `ns3:AirSegment` and
//! `AirSegment` read alike, so that another prefix or namespace version breaks nothing. Unknown elements are simply not asked
//! for.
//!
//! ```
//! use interline_plugin_sdk::xml;
//!
//! let reply = xml::parse(r#"<air:Rsp xmlns:air="urn:x"><air:Segment Carrier="XY" Origin="CGK">
//!     <air:Terminal>3</air:Terminal></air:Segment><air:Segment Carrier="ZZ"/></air:Rsp>"#)?;
//! assert_eq!(reply.name(), "Rsp");
//! assert_eq!(reply.children("Segment").filter_map(|s| s.attr("Carrier")).collect::<Vec<_>>(), ["XY", "ZZ"]);
//! assert_eq!(reply.child("Segment").and_then(|s| s.child_text("Terminal")), Some("3"));
//! assert_eq!(reply.path("Segment/Terminal").map(|t| t.text()), Some("3"));
//! assert_eq!(reply.descendants("Terminal").count(), 1);
//! # Ok::<(), xml::XmlError>(())
//! ```
//!
//! In an adapter a reply is read by `xml::read(&response)?`: what can't be read becomes a fault that heeds the request's
//! effect.
//!
//! **Writing.** A [`Node`] is built up and rendered; text and attributes are escaped, characters that XML forbids left out.
//!
//! ```
//! use interline_plugin_sdk::xml::Node;
//!
//! let request = Node::new("air:Req").attr("xmlns:air", "urn:x").attr_some("Code", None::<&str>)
//!     .child(Node::new("air:Name").text("Müller & Søn"))
//!     .children(["CGK", "NRT"].map(|code| Node::new("air:Stop").attr("Code", code)));
//! assert_eq!(request.render(), r#"<air:Req xmlns:air="urn:x"><air:Name>Müller &amp; Søn</air:Name>
//! <air:Stop Code="CGK"/><air:Stop Code="NRT"/></air:Req>"#.replace('\n', ""));
//! ```

mod read;
mod text;
mod tree;
mod write;

pub use read::{XmlError, parse};
pub use tree::{Element, Tree};
pub use write::Node;

use crate::fault;
use crate::http::Response;
use crate::types::Fault;

/// The body of an answer as a tree.
pub fn read(response: &Response) -> Result<Tree, Fault> {
    parse(&response.text()).map_err(|why| fault::unreadable(response.effect, why))
}

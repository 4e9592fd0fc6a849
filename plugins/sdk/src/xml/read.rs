//! The tree that is read.

use super::text::{Span, Text};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

/// Deeper nesting than any protocol has.
const DEEPEST: usize = 128;
/// More elements than the largest reply within the size cap.
const MOST_ELEMENTS: usize = 2_000_000;

/// Text that is not a well-formed document, or a hostile one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Not well-formed.
    #[error("not well-formed XML at byte {at}: {why}")]
    Malformed {
        /// Where.
        at: u64,
        /// What the parser says.
        why: String,
    },
    /// It ends before its root element does, or has none.
    #[error("the document is cut off")]
    CutOff,
    /// A document type, which can define entities that explode.
    #[error("a document type is not allowed")]
    DocumentType,
    /// Nested too deeply, or too many elements.
    #[error("the document is too large")]
    TooLarge,
}

/// An element: local name, attributes by local name, children, text.
///
/// Names and texts are places in the document, which all its elements share: reading a reply copies none of them.
#[derive(Clone, Default)]
pub struct Element {
    document: Rc<str>,
    name: Span,
    attributes: Box<[(Span, Text)]>,
    elements: Vec<Element>,
    text: Text,
}

impl Element {
    /// Local name.
    pub fn name(&self) -> &str {
        self.name.of(&self.document)
    }

    /// Whether this is its local name.
    pub fn is(&self, name: &str) -> bool {
        self.name.is(&self.document, name)
    }

    /// Whether its local name is this one but for the casing.
    #[inline]
    pub fn is_like(&self, name: &str) -> bool {
        self.name.len() == name.len() && self.name().eq_ignore_ascii_case(name)
    }

    /// An attribute's value, by local name.
    pub fn attr(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key.is(&self.document, name));
        found.map(|(_, value)| value.of(&self.document))
    }

    /// All attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (name.of(&self.document), value.of(&self.document)))
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|e| e.is(name))
    }

    /// The children of this name, in document order.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |e| e.is(name))
    }

    /// All children.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.elements.iter()
    }

    /// All children, taken out of it: a large reply is not copied to get at its content.
    pub fn into_elements(self) -> impl Iterator<Item = Element> {
        self.elements.into_iter()
    }

    /// The element at `a/b/c` below this one, taking the first at each step.
    pub fn path(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// All elements at `a/b/c` below this one, taking every one at each step.
    pub fn all<'a>(&'a self, path: &'a str) -> Vec<&'a Element> {
        path.split('/').fold(vec![self], |level, name| level.iter().flat_map(|e| e.children(name)).collect())
    }

    /// All elements of this name anywhere below, in document order.
    pub fn descendants<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        let mut stack: Vec<&Element> = self.elements.iter().rev().collect();
        std::iter::from_fn(move || {
            while let Some(element) = stack.pop() {
                stack.extend(element.elements.iter().rev());
                if element.is(name) {
                    return Some(element);
                }
            }
            None
        })
    }

    /// The first of this name anywhere below.
    pub fn find<'a>(&'a self, name: &'a str) -> Option<&'a Element> {
        self.descendants(name).next()
    }

    /// Its own text, without that of its children, trimmed.
    pub fn text(&self) -> &str {
        self.text.of(&self.document)
    }

    /// The text of the first child of this name; none if it is missing or empty.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(Element::text).filter(|text| !text.is_empty())
    }

    /// The text at `a/b/c`; none if it is missing or empty.
    pub fn path_text(&self, path: &str) -> Option<&str> {
        self.path(path).map(Element::text).filter(|text| !text.is_empty())
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        let own = self.name() == other.name() && self.text() == other.text();
        own && self.attributes().eq(other.attributes()) && self.elements == other.elements
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.name());
        for (name, value) in self.attributes() {
            shown.field(name, &value);
        }
        shown.field("text", &self.text()).field("elements", &self.elements).finish()
    }
}

/// An element that is not closed yet.
struct Open {
    element: Element,
    /// Where its children begin among those that are closed.
    children: usize,
}

/// Text → root element. Comments and processing instructions are dropped; a document type is refused.
pub fn parse(text: &str) -> Result<Element, XmlError> {
    if u32::try_from(text.len()).is_err() {
        return Err(XmlError::TooLarge);
    }
    let document: Rc<str> = text.trim_start_matches('\u{feff}').into();
    let mut reader = Reader::from_str(&document);
    let mut open: Vec<Open> = Vec::new();
    // Elements that are closed, whose parents are not.
    let mut closed: Vec<Element> = Vec::new();
    let mut attributes = Vec::new();
    let mut count = 0usize;
    loop {
        let at = reader.buffer_position();
        let malformed = |why: String| XmlError::Malformed { at, why };
        let ended = match reader.read_event().map_err(|why| malformed(why.to_string()))? {
            Event::Start(start) => {
                let element = element(&start, &document, &mut attributes).map_err(malformed)?;
                open.push(Open { element, children: closed.len() });
                count += 1;
                None
            }
            Event::Empty(start) => {
                count += 1;
                Some(element(&start, &document, &mut attributes).map_err(malformed)?)
            }
            // All its children at once, in memory that fits them.
            Event::End(_) => open.pop().map(|Open { element, children }| Element {
                elements: closed.split_off(children.min(closed.len())),
                ..element
            }),
            Event::Text(part) => {
                append(&mut open, part.xml_content(XmlVersion::Implicit1_0));
                None
            }
            Event::CData(part) => {
                append(&mut open, part.into_inner());
                None
            }
            Event::GeneralRef(name) => {
                let character = match name.resolve_char_ref().map_err(|why| malformed(why.to_string()))? {
                    Some(character) => character,
                    None => predefined(&name).ok_or_else(|| malformed("unknown entity".to_owned()))?,
                };
                append(&mut open, Cow::Borrowed(character.encode_utf8(&mut [0; 4])));
                None
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => None,
            Event::Eof => return Err(XmlError::CutOff),
        };
        if open.len() > DEEPEST || count > MOST_ELEMENTS {
            return Err(XmlError::TooLarge);
        }
        if let Some(mut element) = ended {
            element.text.trim(&document);
            if open.is_empty() {
                return Ok(element);
            }
            closed.push(element);
        }
    }
}

/// An element's beginning; `room` is for its attributes, until it is known how many there are.
fn element(start: &BytesStart<'_>, document: &Rc<str>, room: &mut Vec<(Span, Text)>) -> Result<Element, String> {
    let span = |part: &str| Span::within(document, part).ok_or("a name from elsewhere");
    let name = span(start.local_name().into_inner())?;
    room.clear();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|why| why.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|why| why.to_string())?;
        let name = span(attribute.key.local_name().into_inner())?;
        room.push((name, Text::new(document, value)));
    }
    let attributes = room.drain(..).collect();
    Ok(Element { document: document.clone(), name, attributes, elements: Vec::new(), text: Text::default() })
}

fn append(open: &mut [Open], piece: Cow<'_, str>) {
    if let Some(Open { element, .. }) = open.last_mut() {
        element.text.push(&element.document, piece);
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Node;
    use proptest::prelude::*;

    #[test]
    fn prefixes_do_not_matter() {
        let a = parse(r#"<?xml version="1.0"?><s:E xmlns:s="u"><s:B x="1"/></s:E>"#).expect("parses");
        let b = parse(r#"<E><q:B xmlns:q="v" q:x="1"></q:B></E>"#).expect("parses");
        assert_eq!(a, b);
    }

    #[test]
    fn text_is_unescaped_and_trimmed() {
        let e = parse("<a q='&quot;&#65;'> x &amp; y<!-- no -->&#x21; <![CDATA[<z>]]> </a>").expect("parses");
        assert_eq!((e.text(), e.attr("q")), ("x & y! <z>", Some("\"A")));
    }

    #[test]
    fn every_step_of_a_path_is_taken() {
        let e = parse("<a><b><c>1</c></b><b><c>2</c><c>3</c></b><d><e><c>4</c></e></d></a>").expect("parses");
        assert_eq!(e.all("b/c").iter().map(|c| c.text()).collect::<String>(), "123");
        assert_eq!(e.descendants("c").map(Element::text).collect::<String>(), "1234");
        assert_eq!(e.path_text("d/e/c"), Some("4"));
        assert_eq!(e.path_text("d/e"), None);
    }

    #[test]
    fn hostile_documents_are_refused() {
        assert_eq!(parse("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), Err(XmlError::DocumentType));
        assert_eq!(parse(&"<a>".repeat(1000)), Err(XmlError::TooLarge));
        assert_eq!(parse("<a><b></b>"), Err(XmlError::CutOff));
        assert_eq!(parse(""), Err(XmlError::CutOff));
        for bad in ["<a></b>", "<a>&nope;</a>", "<a x=1/>", "<a x='1' x='2'/>", "<a", "{}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_of_many_references_is_put_together_once() {
        let text = parse(&format!("<a>{}</a>", "&amp;".repeat(1_000_000))).expect("parses");
        assert_eq!(text.text().len(), 1_000_000);
    }

    #[test]
    fn names_may_differ_in_casing_where_that_is_asked_for() {
        let e = parse("<a><OrderId>1</OrderId></a>").expect("parses");
        let child = e.elements().next().expect("a child");
        assert!(child.is_like("OrderID") && !child.is("OrderID") && !child.is_like("OrderI"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[ -~äß€日]{0,40}", attribute in "[ -~äß€日]{0,40}") {
            let written = Node::new("p:a").attr("x", &attribute).child(Node::new("b").text(&text)).render();
            let read = parse(&written).expect("well-formed");
            prop_assert_eq!(read.attr("x"), Some(attribute.as_str()));
            prop_assert_eq!(read.path("b").map(|b| b.text()), Some(text.trim()));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = parse(&text);
        }
    }
}

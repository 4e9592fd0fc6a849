//! From text to tree.

use super::text::{Span, Text};
use super::tree::{Item, Shared, Tree};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;
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

/// Text → root element. Comments and processing instructions are dropped; a document type is refused.
pub fn parse(text: &str) -> Result<Tree, XmlError> {
    if u32::try_from(text.len()).is_err() {
        return Err(XmlError::TooLarge);
    }
    let mut reading = Reading::new(text.trim_start_matches('\u{feff}'));
    let shared = Rc::clone(&reading.shared);
    let mut reader = Reader::from_str(shared.text());
    loop {
        let at = reader.buffer_position();
        let malformed = |why: String| XmlError::Malformed { at, why };
        match reader.read_event().map_err(|why| malformed(why.to_string()))? {
            Event::Start(start) => reading.open(&start).map_err(malformed)?,
            Event::Empty(start) => {
                reading.open(&start).map_err(malformed)?;
                reading.close();
            }
            Event::End(_) => reading.close(),
            Event::Text(part) => reading.append(part.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(part) => reading.append(part.into_inner()),
            Event::GeneralRef(name) => {
                let character = match name.resolve_char_ref().map_err(|why| malformed(why.to_string()))? {
                    Some(character) => character,
                    None => predefined(&name).ok_or_else(|| malformed("unknown entity".to_owned()))?,
                };
                reading.append(Cow::Borrowed(character.encode_utf8(&mut [0; 4])));
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return Err(XmlError::CutOff),
        }
        if reading.open.len() > DEEPEST || reading.items.len() > MOST_ELEMENTS {
            return Err(XmlError::TooLarge);
        }
        if reading.is_complete() {
            return Ok(reading.tree());
        }
    }
}

/// What was read so far.
struct Reading {
    shared: Rc<Shared>,
    items: Vec<Item>,
    attributes: Vec<(Span, Text)>,
    /// Places of the elements that are not closed yet.
    open: Vec<usize>,
}

impl Reading {
    fn new(text: &str) -> Self {
        // Elements have some forty bytes, or a hundred where they have attributes; what is too little grows.
        let (items, attributes) = (Vec::with_capacity(text.len() / 64), Vec::with_capacity(text.len() / 64));
        Self { shared: Rc::new(Shared::new(text)), items, attributes, open: Vec::new() }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let text = self.shared.text();
        let span = |part: &str| Span::within(text, part).ok_or("a name from elsewhere");
        let name = span(start.local_name().into_inner())?;
        let first = self.attributes.len();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|why| why.to_string())?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|why| why.to_string())?;
            let name = span(attribute.key.local_name().into_inner())?;
            self.attributes.push((name, Text::new(text, value)));
        }
        self.open.push(self.items.len());
        self.items.push(Item::new(Rc::clone(&self.shared), name, first..self.attributes.len()));
        Ok(())
    }

    fn append(&mut self, piece: Cow<'_, str>) {
        if let Some(item) = self.open.last().and_then(|at| self.items.get_mut(*at)) {
            item.text.push(self.shared.text(), piece);
        }
    }

    fn close(&mut self) {
        let Some(at) = self.open.pop() else { return };
        let size = self.items.len() - at;
        if let Some(item) = self.items.get_mut(at) {
            item.text.trim(self.shared.text());
            item.size = size;
        }
    }

    fn is_complete(&self) -> bool {
        self.open.is_empty() && !self.items.is_empty()
    }

    fn tree(self) -> Tree {
        self.shared.complete(self.attributes);
        Tree::new(self.items)
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
    use crate::xml::{Element, Node};
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

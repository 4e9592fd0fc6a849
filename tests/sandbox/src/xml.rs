//! XML as a small tree: read without namespaces, written with the prefixes given.

use std::fmt::Write;

use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// An element, its attributes in order, and either children or text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl Element {
    pub fn new(name: &str) -> Self {
        Element { name: name.to_owned(), ..Element::default() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.attributes.push((name.to_owned(), value.to_string()));
        self
    }

    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    #[must_use]
    pub fn text(mut self, text: impl ToString) -> Self {
        self.text = text.to_string();
        self
    }

    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// A child that holds nothing but text.
    #[must_use]
    pub fn leaf(self, name: &str, text: impl ToString) -> Self {
        self.child(Element::new(name).text(text))
    }

    /// The name without its prefix.
    pub fn local(&self) -> &str {
        local(&self.name)
    }

    /// An attribute by its name without prefix; empty ones count as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| local(known) == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Every child.
    pub fn all(&self) -> &[Element] {
        &self.children
    }

    /// Children of this name.
    pub fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.local() == name)
    }

    /// The first child of this name, and of its children the first of the next…
    pub fn at(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.children.iter().find(|child| child.local() == name))
    }

    /// The text there.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Element::own_text)
    }

    /// Its own text.
    pub fn own_text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// Every element of this name below this one, in the order of the document.
    pub fn below(&self, name: &str) -> Vec<&Element> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.local() == name {
                found.push(child);
            }
            found.extend(child.below(name));
        }
        found
    }

    /// The document.
    pub fn document(&self) -> String {
        let mut into = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut into);
        into
    }

    fn write(&self, into: &mut String) {
        into.push('<');
        into.push_str(&self.name);
        for (name, value) in &self.attributes {
            // Writing to a string cannot fail.
            let _ = write!(into, " {name}=\"{}\"", escape(value.as_str()));
        }
        if self.children.is_empty() && self.text.is_empty() {
            into.push_str("/>");
            return;
        }
        into.push('>');
        into.push_str(&escape(self.text.as_str()));
        for child in &self.children {
            child.write(into);
        }
        into.push_str("</");
        into.push_str(&self.name);
        into.push('>');
    }
}

fn start(tag: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element::new(tag.name().as_ref());
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(element)
}

/// The root of a document, or why it isn't one.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let Some(top) = open.last_mut() else { return Err("an element was closed twice".to_owned()) };
        match event {
            Event::Start(tag) => open.push(start(&tag)?),
            Event::Empty(tag) => top.children.push(start(&tag)?),
            Event::End(_) => {
                let closed = open.pop().unwrap_or_default();
                open.last_mut().ok_or("an element was closed twice")?.children.push(closed);
            }
            Event::Text(text) => top.text.push_str(&text.xml10_content()),
            Event::CData(text) => top.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                let name = entity.xml10_content();
                match entity.resolve_char_ref().map_err(|error| error.to_string())? {
                    Some(letter) => top.text.push(letter),
                    None => top.text.push(match name.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        other => return Err(format!("unknown entity &{other};")),
                    }),
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match open.as_mut_slice() {
        [document] => document.children.pop().ok_or_else(|| "there is no root element".to_owned()),
        _ => Err("an element was left open".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let written = Element::new("a:Root")
            .with("xmlns:a", "urn:a")
            .with("Name", "Ö & \"co\" <1>")
            .leaf("a:Leaf", "x < y & z")
            .child(Element::new("Empty"));
        assert_eq!(parse(written.document().as_bytes()).unwrap(), written);
    }

    #[test]
    fn names_are_found_whatever_their_prefix() {
        let root = parse(b"<s:A xmlns:s='urn:s'><t:B Key='1'/><B><C>x &#x41;</C></B></s:A>").unwrap();
        assert_eq!(root.each("B").count(), 2);
        assert_eq!(root.at("B").and_then(|b| b.get("Key")), Some("1"));
        assert_eq!(root.below("C")[0].text, "x A");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for wrong in ["", "<a>", "<a></b>", "plain"] {
            assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}

//! The tree that is read: a flat list of elements, in the order of the document.
//!
//! An element stands before all that is in it, so that a part of the list is an element with everything below it. Names and
//! texts are places in the document's text: reading a reply copies none of them.

use super::text::{Span, Text};
use ref_cast::RefCast;
use std::cell::OnceCell;
use std::fmt;
use std::ops::{Deref, Range};
use std::rc::Rc;

/// What all elements of a document refer to.
#[derive(Debug)]
pub(super) struct Shared {
    text: Box<str>,
    /// Of all elements, in their order; put here when all are read.
    attributes: OnceCell<Vec<(Span, Text)>>,
}

impl Shared {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), attributes: OnceCell::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn complete(&self, attributes: Vec<(Span, Text)>) {
        // It is done once, at the document's end.
        let _ = self.attributes.set(attributes);
    }
}

/// An element of the list.
pub struct Item {
    shared: Rc<Shared>,
    name: Span,
    /// Among those of the document.
    attributes: Range<usize>,
    pub(super) text: Text,
    /// It and everything below it.
    pub(super) size: usize,
}

impl Item {
    pub(super) fn new(shared: Rc<Shared>, name: Span, attributes: Range<usize>) -> Self {
        Self { shared, name, attributes, text: Text::default(), size: 1 }
    }

    fn attributes(&self) -> &[(Span, Text)] {
        let all = self.shared.attributes.get().map_or(&[][..], Vec::as_slice);
        all.get(self.attributes.clone()).unwrap_or_default()
    }
}

/// A document, or a part of one: an element of its own.
#[derive(Default)]
pub struct Tree {
    items: Vec<Item>,
    part: Range<usize>,
}

impl Tree {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self { part: 0..items.len(), items }
    }

    /// Its first child of this name, with all that is in it; nothing is copied.
    pub fn into_child(self, name: &str) -> Option<Self> {
        self.into_first(|child| child.is(name))
    }

    /// Its first child, likewise.
    pub fn into_first_child(self) -> Option<Self> {
        self.into_first(|_| true)
    }

    fn into_first(mut self, fits: impl Fn(&Element) -> bool) -> Option<Self> {
        let mut start = self.part.start + 1;
        let size = loop {
            let rest = self.items.get(start..self.part.end)?;
            let size = rest.first()?.size;
            if fits(Element::ref_cast(rest)) {
                break size;
            }
            start += size;
        };
        self.part = start..start + size;
        Some(self)
    }
}

impl Deref for Tree {
    type Target = Element;

    fn deref(&self) -> &Element {
        Element::ref_cast(self.items.get(self.part.clone()).unwrap_or_default())
    }
}

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Tree {}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// An element: local name, attributes by local name, children, text.
#[derive(RefCast)]
#[repr(transparent)]
pub struct Element([Item]);

impl Element {
    /// Local name.
    pub fn name(&self) -> &str {
        self.0.first().map_or("", |item| item.name.of(item.shared.text()))
    }

    /// Whether this is its local name.
    #[inline]
    pub fn is(&self, name: &str) -> bool {
        self.0.first().is_some_and(|item| item.name.is(item.shared.text(), name))
    }

    /// Whether its local name is this one but for the casing.
    #[inline]
    pub fn is_like(&self, name: &str) -> bool {
        let as_long = self.0.first().is_some_and(|item| item.name.len() == name.len());
        as_long && self.name().eq_ignore_ascii_case(name)
    }

    /// An attribute's value, by local name.
    pub fn attr(&self, name: &str) -> Option<&str> {
        let item = self.0.first()?;
        let text = item.shared.text();
        let (_, value) = item.attributes().iter().find(|(key, _)| key.is(text, name))?;
        Some(value.of(text))
    }

    /// All attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let item = self.0.first();
        let text = item.map_or("", |item| item.shared.text());
        let all = item.map(Item::attributes).unwrap_or_default();
        all.iter().map(move |(name, value)| (name.of(text), value.of(text)))
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|child| child.is(name))
    }

    /// The children of this name, in document order.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |child| child.is(name))
    }

    /// All children.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        let mut rest = self.0.get(1..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (child, others) = rest.split_at_checked(rest.first()?.size)?;
            rest = others;
            Some(Element::ref_cast(child))
        })
    }

    /// The element at `a/b/c` below this one, taking the first at each step.
    pub fn path(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// All elements at `a/b/c` below this one, taking every one at each step.
    pub fn all<'a>(&'a self, path: &'a str) -> Vec<&'a Element> {
        path.split('/').fold(vec![self], |level, name| level.iter().flat_map(|e| e.children(name)).collect())
    }

    /// All elements anywhere below, in document order.
    pub fn everything(&self) -> impl Iterator<Item = &Element> {
        let within = |(at, item): (usize, &Item)| self.0.get(at..at + item.size);
        self.0.iter().enumerate().skip(1).filter_map(within).map(Element::ref_cast)
    }

    /// All elements of this name anywhere below, in document order.
    pub fn descendants<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.everything().filter(move |element| element.is(name))
    }

    /// The first of this name anywhere below.
    pub fn find<'a>(&'a self, name: &'a str) -> Option<&'a Element> {
        self.descendants(name).next()
    }

    /// Its own text, without that of its children, trimmed.
    pub fn text(&self) -> &str {
        self.0.first().map_or("", |item| item.text.of(item.shared.text()))
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
        own && self.attributes().eq(other.attributes()) && self.elements().eq(other.elements())
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(self.name());
        for (name, value) in self.attributes() {
            shown.field(name, &value);
        }
        shown.field("text", &self.text()).field("elements", &self.elements().collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::parse;

    #[test]
    fn a_part_is_the_first_child_of_its_name_and_what_is_in_it() {
        let text = r#"<E><H><Body x="no"/></H><Body k="1"><m a="2"><n/></m><z/></Body><Body/><t/></E>"#;
        let names = |tree: &Tree| tree.everything().map(|one| one.name().to_owned()).collect::<String>();
        let body = parse(text).expect("parses").into_child("Body").expect("a body");
        assert_eq!((body.attr("k"), names(&body).as_str()), (Some("1"), "mnz"));
        let first = body.into_first_child().expect("a child");
        assert_eq!((first.name(), first.attr("a"), names(&first).as_str()), ("m", Some("2"), "n"));
        let leaf = first.into_first_child().expect("a child");
        assert_eq!((leaf.name(), leaf.elements().count()), ("n", 0));
        assert_eq!(leaf.into_first_child(), None);
        assert_eq!(parse(text).expect("parses").into_child("nope"), None);
    }

    #[test]
    fn no_tree_at_all_is_an_element_of_which_nothing_is_known() {
        let nothing = Tree::default();
        assert_eq!((nothing.name(), nothing.text(), nothing.attr("a")), ("", "", None));
        assert!(nothing.child("a").is_none() && nothing.everything().next().is_none());
        assert_eq!(nothing.into_first_child(), None);
    }
}

//! XML, as text: elements and attributes are found by their brackets and quotes.

use crate::{Change, Kind};
use std::ops::Range;

/// An element or an attribute of a text.
enum Part {
    /// The whole of it, and what is between its tags.
    Element(Range<usize>, Range<usize>),
    /// With the space before it, and its value.
    Attribute(Range<usize>, Range<usize>),
}

/// The text with one element or attribute changed; which, is counted in the order of their ends.
pub fn xml(text: &str, change: &Change) -> Vec<u8> {
    let parts = parts(text);
    if parts.is_empty() {
        return text.as_bytes().to_vec();
    }
    let at = change.at % parts.len();
    let (whole, inner, is_element) = match &parts[at] {
        Part::Element(whole, inner) => (whole.clone(), inner.clone(), true),
        Part::Attribute(whole, inner) => (whole.clone(), inner.clone(), false),
    };
    let (before, part, after) = (&text[..whole.start], &text[whole.clone()], &text[whole.end..]);
    let with = |content: &str| format!("{}{content}{}", &text[..inner.start], &text[inner.end..]);
    let changed = match (change.kind, is_element) {
        (Kind::Drop, _) => format!("{before}{after}"),
        (Kind::Empty, _) => with(""),
        (Kind::Twice, true) => format!("{before}{part}{part}{after}"),
        (Kind::Later, true) => match parts[at + 1..].iter().find_map(|next| following(next, whole.end)) {
            Some(next) => {
                format!("{before}{}{}{part}{}", &text[whole.end..next.start], &text[next.clone()], &text[next.end..])
            }
            None => text.to_owned(),
        },
        (Kind::Unknown, true) => format!("{before}<UnheardOf Key=\"?\"><Of>1</Of></UnheardOf>{part}{after}"),
        (Kind::Unknown | Kind::Twice | Kind::Later, false) => format!("{before} UnheardOf=\"1\"{part}{after}"),
        (Kind::Deep, true) => with(&format!("{}{}", "<Deep>".repeat(100), "</Deep>".repeat(100))),
        (Kind::Deep, false) => with(&"9".repeat(5_000)),
        (Kind::Text(text), _) => with(text),
    };
    changed.into_bytes()
}

/// The text with another element behind the first of a name, made of it, and where the first stands. None: there is none.
pub fn another(text: &str, name: &str, made: impl FnOnce(&str) -> String) -> Option<(String, Range<usize>)> {
    let open = format!("<{name}");
    let begins = |at: &usize| text[at + open.len()..].starts_with([' ', '>', '/']);
    let from = text.match_indices(&open).map(|(at, _)| at).find(begins)?;
    let close = format!("</{name}>");
    let to = from + text[from..].find(&close)? + close.len();
    Some((format!("{}{}{}", &text[..to], made(&text[from..to]), &text[to..]), from..to))
}

/// The element that begins where another ended, but for white space.
fn following(part: &Part, end: usize) -> Option<Range<usize>> {
    match part {
        Part::Element(whole, _) if whole.start >= end && whole.start <= end + 2 => Some(whole.clone()),
        _ => None,
    }
}

/// All elements but the root, and all attributes but those of namespaces.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find('<').map(|at| from + at) {
        let Some(end) = text[start..].find('>').map(|at| start + at + 1) else { break };
        let tag = &text[start..end];
        from = end;
        if tag.starts_with("<?") || tag.starts_with("<!") {
            continue;
        }
        if tag.starts_with("</") {
            if let Some((begun, inner)) = open.pop().filter(|_| !open.is_empty()) {
                parts.push(Part::Element(begun..end, inner..start));
            }
            continue;
        }
        attributes(tag, start, &mut parts);
        if tag.ends_with("/>") {
            parts.push(Part::Element(start..end, end..end));
        } else {
            open.push((start, end));
        }
    }
    parts
}

fn attributes(tag: &str, offset: usize, parts: &mut Vec<Part>) {
    let mut from = 0;
    while let Some(equals) = tag[from..].find("=\"").map(|at| from + at) {
        let Some(end) = tag[equals + 2..].find('"').map(|at| equals + 2 + at) else { return };
        let begin = tag[..equals].rfind(char::is_whitespace).unwrap_or(equals);
        if !tag[begin..equals].trim_start().starts_with("xmlns") {
            parts.push(Part::Attribute(offset + begin..offset + end + 1, offset + equals + 2..offset + end));
        }
        from = end + 1;
    }
}

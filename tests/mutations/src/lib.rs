//! A reply as a supplier might send it on a bad day: with a part missing, empty, twice, elsewhere or unheard of, cut off, or
//! no reply at all.
//!
//! ```
//! use interline_mutations::{Change, Kind, json, xml};
//!
//! let dropped = Change { kind: Kind::Drop, at: 0 };
//! assert_eq!(xml("<a><b>1</b><c/></a>", &dropped), b"<a><c/></a>");
//! assert_eq!(json(r#"{"b":1,"c":[]}"#, &dropped), br#"{"c":[]}"#);
//! ```

#![deny(missing_docs)]

mod json;
mod kept;
mod xml;

pub use json::json;
pub use kept::{Kept, kept};
pub use xml::{another, xml};

use proptest::prelude::*;

/// What happens to a part of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is left out.
    Drop,
    /// It is there without a content (`null` in JSON).
    Empty,
    /// It stands there twice.
    Twice,
    /// It changes places with what stands behind it.
    Later,
    /// Something unheard of stands before it.
    Unknown,
    /// Its content is another.
    Text(&'static str),
    /// Its content is nested far too deeply.
    Deep,
}

/// One change: of which kind, and to which part.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// What happens.
    pub kind: Kind,
    /// To the part at this place, counted round and round.
    pub at: usize,
}

/// Contents that no supplier should send.
const TEXTS: [&str; 12] = [
    "",
    "-1",
    "0.001",
    "99999999999999999999999999",
    "9223372036854775807",
    "EUR9223372036854775.07",
    "1e309",
    "\u{e9}\u{1f6eb}\u{200b}",
    "2027-02-31T25:61:00",
    "P999999999W",
    "null",
    " ",
];

/// Any change of a part, within a whole reply that stays well-formed.
pub fn change() -> impl Strategy<Value = Change> {
    let kinds = vec![Kind::Drop, Kind::Empty, Kind::Twice, Kind::Later, Kind::Unknown, Kind::Deep];
    let kind = prop_oneof![
        3 => prop::sample::select(kinds),
        1 => prop::sample::select(TEXTS.to_vec()).prop_map(Kind::Text),
    ];
    (kind, any::<usize>()).prop_map(|(kind, at)| Change { kind, at })
}

/// A reply that was cut off or overwritten on its way.
pub fn broken(whole: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = whole.len();
    let cut = (0..length).prop_map({
        let whole = whole.clone();
        move |at| whole[..at].to_vec()
    });
    let noise = (0..length, prop::collection::vec(any::<u8>(), 1..40)).prop_map(move |(at, noise)| {
        let mut reply = whole.clone();
        let end = (at + noise.len()).min(reply.len());
        reply.splice(at..end, noise);
        reply
    });
    prop_oneof![cut, noise]
}

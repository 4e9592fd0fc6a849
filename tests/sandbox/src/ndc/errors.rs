//! `Error` elements of response messages, and the `ErrorResponse` of what stands before them.

use crate::shelf::Gone;
use crate::wire::Reply;
use crate::world::World;
use crate::xml::Element;

/// A refusal: code, type and words.
#[derive(Debug)]
pub(super) struct Error {
    code: &'static str,
    kind: &'static str,
    words: String,
    tag: Option<String>,
}

fn error(code: &'static str, kind: &'static str, words: &str) -> Error {
    Error { code, kind, words: words.to_owned(), tag: None }
}

impl Error {
    pub fn element(&self) -> Element {
        let element = Element::new("Error")
            .leaf("Code", self.code)
            .leaf("DescText", &self.words)
            .leaf("LangCode", "EN")
            .leaf("TypeCode", self.kind);
        match &self.tag {
            Some(tag) => element.leaf("TagText", tag),
            None => element,
        }
    }
}

/// An element is missing or wrong.
pub(super) fn invalid(tag: &str, words: &str) -> Error {
    Error { tag: Some(tag.to_owned()), ..error("300", "VALIDATION", words) }
}

/// Nothing is flown or sold there.
pub(super) fn nothing_found() -> Error {
    error("325", "BUSINESS", "No offers are available for the journey requested.")
}

pub(super) fn unknown_offer() -> Error {
    error("720", "BUSINESS", "The offer is not known.")
}

pub(super) fn gone(gone: &Gone) -> Error {
    match gone {
        Gone::SoldOut => error("723", "BUSINESS", "The offer is no longer available: sold out."),
        Gone::Expired => error("725", "BUSINESS", "The offer has expired."),
    }
}

pub(super) fn price_changed() -> Error {
    error("727", "BUSINESS", "The price of the offer has changed. Price it again.")
}

pub(super) fn wrong_amount(expected: &str) -> Error {
    error("728", "BUSINESS", &format!("The payment does not match the amount due, {expected}."))
}

pub(super) fn unknown_order() -> Error {
    error("714", "BUSINESS", "No order was found.")
}

pub(super) fn state(words: &str) -> Error {
    error("715", "BUSINESS", words)
}

pub(super) fn busy() -> Error {
    error("390", "BUSINESS", "The booking is in use by another process. Nothing was changed; try again.")
}

/// An error of the server or of its rate limit.
pub(crate) fn refusal(_: &World, status: u16) -> Reply {
    let words = if status == 429 { "Too many requests." } else { "The system is unable to process the message." };
    plain(status, words)
}

/// An error before any message is understood.
pub(super) fn plain(status: u16, words: &str) -> Reply {
    let error =
        Element::new("Error").leaf("Code", status).leaf("Message", words).leaf("Details", "IATA NDC 21.3 endpoint");
    super::document(Element::new("ErrorResponse").child(error), status)
}

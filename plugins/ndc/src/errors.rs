//! Errors of NDC messages → dispositions: by code, then by words, then by the HTTP status.
//!
//! Codes are those of IATA's PADIS code set 9321 and of airlines' own making, so that words are read too.

use interline_plugin_sdk::fault::{self, Effect, RETRY_MS};
use interline_plugin_sdk::http::Response;
use interline_plugin_sdk::supplier::{Disposition, Fault};
use interline_plugin_sdk::xml::Element;

/// Nothing is sold for the journey.
pub const NOTHING_SOLD: &str = "325";
/// The order is not known.
pub const NO_ORDER: &str = "714";

/// The fault in an answer that has no content.
pub fn fault(message: &Element, response: &Response) -> Fault {
    let mut errors = message.children("Error").chain(message.all("Errors/Error")).chain(message.all("Response/Error"));
    let Some(first) = errors.next() else {
        return match response.is_success() {
            true => fault::unreadable(response.effect, format!("no content in {}", message.name())),
            false => response.status_fault("an answer without an NDC error in it"),
        };
    };
    let more = errors.count();
    let code = first.child_text("Code").or(first.child_text("TypeCode")).unwrap_or("none");
    let kind = first.child_text("TypeCode").unwrap_or_default();
    let words = ["DescText", "Message", "Details", "StatusText"].iter().filter_map(|name| first.child_text(name));
    let mut words = words.collect::<Vec<_>>().join(": ");
    if words.is_empty() {
        words = first.text().to_owned();
    }
    let disposition = if response.is_success() {
        by_code(code, response.effect)
            .or_else(|| by_words(&words, kind, response.effect))
            .unwrap_or(Disposition::Rejected)
    } else {
        response.status_fault("").disposition
    };
    if more > 0 {
        words.push_str(&format!(" (and {more} more)"));
    }
    Fault { field: first.child_text("TagText").and_then(field), ..fault::coded(disposition, code, words) }
}

fn by_code(code: &str, effect: Effect) -> Option<Disposition> {
    Some(match code {
        "300" | NOTHING_SOLD | NO_ORDER | "715" => Disposition::Rejected,
        "390" => Disposition::RetryAfter(RETRY_MS),
        "720" | "725" => Disposition::OfferExpired,
        "427" | "723" => Disposition::SoldOut,
        "727" | "728" => Disposition::PriceChanged(None),
        // The system is in trouble: how far it got, it does not say.
        "118" | "154" | "304" | "911" => effect.lost(RETRY_MS),
        "401" | "403" => Disposition::NotAuthorised,
        _ => return None,
    })
}

fn by_words(words: &str, kind: &str, effect: Effect) -> Option<Disposition> {
    let words = words.to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["timeout", "timed out", "time out", "system error", "internal error", "unable to process"])
        || matches!(kind.to_ascii_uppercase().as_str(), "SYSTEM" | "TECHNICAL")
    {
        return Some(effect.lost(RETRY_MS));
    }
    if says(&["sold out", "no longer available", "no seats", "not available", "unavailable"]) {
        return Some(Disposition::SoldOut);
    }
    if says(&["expired"]) {
        return Some(Disposition::OfferExpired);
    }
    if says(&["price"]) && says(&["changed", "mismatch", "differ"]) {
        return Some(Disposition::PriceChanged(None));
    }
    if says(&["not authori", "unauthori", "permission", "credential"]) {
        return Some(Disposition::NotAuthorised);
    }
    says(&["not supported", "unsupported"]).then_some(Disposition::Unsupported)
}

/// The contract's name of an element that a request was refused for.
fn field(tag: &str) -> Option<String> {
    let name = tag.rsplit('/').next()?;
    let field = match name {
        "GivenName" => "travellers.given_name",
        "Surname" => "travellers.family_name",
        "Birthdate" => "travellers.born_on",
        "GenderCode" => "travellers.gender",
        "PTC" => "travellers.kind",
        "PaxRefID" => "travellers.lap_of",
        "PaxList" => "travellers",
        "EmailAddressText" => "contact.email",
        "PhoneNumber" => "contact.phone",
        "ContactInfo" => "contact",
        "CurCode" | "RequestedCurCode" => "currency",
        "CabinTypeCode" => "cabin",
        "OriginDestCriteria" => "slices",
        "Date" => "slices.departure_date",
        _ if name.starts_with("IdentityDoc") || name == "ExpiryDate" => "travellers.document",
        _ if tag.starts_with("OriginDepCriteria") => "slices.origin",
        _ if tag.starts_with("DestArrivalCriteria") => "slices.destination",
        _ => return None,
    };
    Some(field.to_owned())
}

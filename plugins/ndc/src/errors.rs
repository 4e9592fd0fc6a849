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

/// The errors of a message.
pub fn of(message: &Element) -> Vec<&Element> {
    let paths = ["Error", "Errors/Error", "Response/Error", "Response/Errors/Error"];
    paths.into_iter().flat_map(|path| message.all(path)).collect()
}

/// The fault in an answer that has no content.
pub fn fault(message: &Element, response: &Response) -> Fault {
    let errors = of(message);
    // Of several the one that says something counts.
    let told = |error: &Element| {
        by_code(code(error), response.effect).or_else(|| by_words(&words(error), kind(error), response.effect))
    };
    let telling = errors.iter().find(|error| told(error).is_some()).or(errors.first());
    let Some(error) = telling else {
        return match (message.child_text("faultstring"), response.is_success()) {
            (Some(words), _) => {
                let code = message.child_text("faultcode").unwrap_or("fault");
                fault::coded(disposition(code, words, "SYSTEM", response), code, words)
            }
            (None, true) => fault::unreadable(response.effect, format!("no content in {}", message.name())),
            (None, false) => response.status_fault("an answer without an NDC error in it"),
        };
    };
    let mut words = words(error);
    let disposition = disposition(code(error), &words, kind(error), response);
    if errors.len() > 1 {
        words.push_str(&format!(" (and {} more)", errors.len() - 1));
    }
    Fault { field: part(error, "TagText").and_then(field), ..fault::coded(disposition, code(error), words) }
}

/// A part of an error; older messages have in attributes what elements hold now.
fn part<'a>(error: &'a Element, name: &str) -> Option<&'a str> {
    error.child_text(name).or(error.attr(name)).filter(|text| !text.is_empty())
}

fn code(error: &Element) -> &str {
    part(error, "Code").or(part(error, "TypeCode")).unwrap_or("none")
}

fn kind(error: &Element) -> &str {
    part(error, "TypeCode").unwrap_or_default()
}

fn words(error: &Element) -> String {
    let names = ["DescText", "Message", "Details", "StatusText", "ShortText"];
    let words = names.iter().filter_map(|name| part(error, name)).collect::<Vec<_>>().join(": ");
    if words.is_empty() { error.text().to_owned() } else { words }
}

/// Gateways speak by their status; what failed of itself (5xx) is trusted for its codes only.
fn disposition(code: &str, words: &str, kind: &str, response: &Response) -> Disposition {
    let by_status = || response.status_fault("").disposition;
    if matches!(response.status, 401 | 403 | 408 | 429) {
        return by_status();
    }
    let known = by_code(code, response.effect);
    let known = known.or_else(|| by_words(words, kind, response.effect).filter(|_| response.status < 500));
    known.unwrap_or_else(|| if response.is_success() { Disposition::Rejected } else { by_status() })
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

/// Any of these words, and what they mean.
type Meaning = (&'static [&'static str], fn(Effect) -> Disposition);

/// What the words mean. Trouble comes first: "temporarily unavailable" is no seat sold out.
const WORDS: &[Meaning] = &[
    (
        &[
            "timeout",
            "timed out",
            "time out",
            "system error",
            "internal error",
            "internal server",
            "unable to process",
            "technical error",
            "temporarily",
            "service unavailable",
            "service is unavailable",
            "system unavailable",
            "try again",
            // An earlier try got somewhere: where, only a look tells.
            "duplicate booking",
            "duplicate order",
            "order already exists",
        ],
        |effect| effect.lost(RETRY_MS),
    ),
    (&["too many requests", "rate limit", "throttl"], |_| Disposition::RetryAfter(RETRY_MS)),
    (&["simultaneous", "is locked", "being modified", "being updated"], |_| Disposition::RetryAfter(2 * RETRY_MS)),
    (
        &[
            "expired",
            "no longer valid",
            "time limit has passed",
            "time limit exceeded",
            "offer not found",
            "unknown offer",
            "offer does not exist",
        ],
        |_| Disposition::OfferExpired,
    ),
    (
        &["price has changed", "price changed", "price change", "price mismatch", "price differ", "fare has changed"],
        |_| Disposition::PriceChanged(None),
    ),
    (
        &[
            "sold out",
            "no longer available",
            "no seats",
            "no availability",
            "no offers",
            "no flights",
            "no fares",
            "not available",
            "unavailable",
        ],
        |_| Disposition::SoldOut,
    ),
    (&["not authori", "unauthori", "permission", "credential", "insufficient funds", "insufficient credit"], |_| {
        Disposition::NotAuthorised
    }),
    (&["not supported", "unsupported", "not implemented"], |_| Disposition::Unsupported),
];

fn by_words(words: &str, kind: &str, effect: Effect) -> Option<Disposition> {
    let words = words.to_ascii_lowercase();
    let fits = |(any, _): &&Meaning| any.iter().any(|one| words.contains(one));
    if matches!(kind.to_ascii_uppercase().as_str(), "SYSTEM" | "TECHNICAL") {
        return Some(effect.lost(RETRY_MS));
    }
    if words.contains("price") && ["changed", "mismatch", "differ"].iter().any(|one| words.contains(one)) {
        return Some(Disposition::PriceChanged(None));
    }
    WORDS.iter().find(fits).map(|(_, disposition)| disposition(effect))
}

/// The contract's name of an element that a request was refused for.
fn field(tag: &str) -> Option<String> {
    let name = tag.rsplit('/').next()?;
    let field = match name {
        "GivenName" => "travellers.given-name",
        "Surname" => "travellers.family-name",
        "Birthdate" => "travellers.born-on",
        "GenderCode" => "travellers.gender",
        "PTC" => "travellers.kind",
        "PaxRefID" => "travellers.lap-of",
        "PaxList" => "travellers",
        "EmailAddressText" => "contact.email",
        "PhoneNumber" => "contact.phone",
        "ContactInfo" => "contact",
        "CurCode" | "RequestedCurCode" => "currency",
        "CabinTypeCode" => "cabin",
        "OriginDestCriteria" => "slices",
        "Date" => "slices.departure-date",
        _ if name.starts_with("IdentityDoc") || name == "ExpiryDate" => "travellers.document",
        _ if tag.starts_with("OriginDepCriteria") => "slices.origin",
        _ if tag.starts_with("DestArrivalCriteria") => "slices.destination",
        _ => return None,
    };
    Some(field.to_owned())
}

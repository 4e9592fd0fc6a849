//! uAPI's faults → dispositions: by the host's words, by code, and then by class.

use interline_plugin_sdk::fault::{self, Effect, RETRY_MS};
use interline_plugin_sdk::http::Response;
use interline_plugin_sdk::supplier::{Disposition, Fault};
use interline_plugin_sdk::xml::Element;

/// Nothing is sold there: an answer to a search, and no error.
pub const NO_SOLUTIONS: &str = "2602";
/// The record is cancelled already.
pub const CANCELLED_ALREADY: &str = "1507";
/// No value is left on the tickets.
pub const NO_REFUND: &str = "4454";

/// A SOAP fault, of SOAP 1.1 or 1.2.
pub fn fault(soap: &Element, response: &Response) -> Fault {
    let detail = soap.child("detail").or(soap.child("Detail"));
    let info = detail.and_then(|detail| detail.elements().find(|one| one.child("Code").is_some()));
    let told = |name: &str| info.and_then(|info| info.child_text(name));
    let code = told("Code").unwrap_or_default();
    let kind = told("Type").unwrap_or_default();
    let class = soap.child_text("faultcode").or(soap.path_text("Code/Subcode/Value")).or(soap.path_text("Code/Value"));
    let class = class.unwrap_or_default().rsplit(['.', ':']).next().unwrap_or_default();
    let text = soap.child_text("faultstring").or(soap.path_text("Reason/Text")).unwrap_or_default();
    // The fault's own string quotes the value that it refuses, which may be a passenger's; a description may be a record.
    let description = told("Description").filter(|words| !words.starts_with('<'));
    let mut message = description.unwrap_or(text).to_owned();
    let segments = info.into_iter().flat_map(|info| info.children("AirSegmentError"));
    let segment_words: Vec<&str> = segments.filter_map(|segment| segment.child_text("ErrorMessage")).collect();
    for words in &segment_words {
        if !message.contains(words) {
            message.push_str(": ");
            message.push_str(words);
        }
    }
    let said = description.map_or_else(|| message.clone(), |_| format!("{message} {text}"));
    let disposition = by_status(response)
        .or_else(|| by_words(&said, response.effect))
        .or_else(|| (!segment_words.is_empty()).then_some(Disposition::SoldOut))
        .or_else(|| by_code(code))
        .or_else(|| (kind == "System").then(|| response.effect.lost(RETRY_MS)))
        .or_else(|| by_class(kind))
        .or_else(|| by_class(class))
        .unwrap_or_else(|| response.effect.lost(response.retry_after_ms().unwrap_or(RETRY_MS)));
    let coded = fault::coded(disposition, if code.is_empty() { class } else { code }, message);
    Fault { field: info.and_then(field), ..coded }
}

/// What the front says that stands before uAPI.
fn by_status(response: &Response) -> Option<Disposition> {
    matches!(response.status, 401 | 403 | 429).then(|| response.status_fault("").disposition)
}

/// Any of these words, and what they mean.
type Meaning = (&'static [&'static str], fn(Effect) -> Disposition);

/// What the words of the reservation systems behind uAPI mean. They come under codes that say nothing.
const WORDS: &[Meaning] = &[
    (
        &[
            "SIMULTANEOUS CHANGES",
            "SIMULT CHGS",
            "SIMUL CHG",
            "IGNORE AND RETRY",
            "IS CURRENTLY BEING UPDATED",
            "BEING MODIFIED",
            "ACCESSED BY ANOTHER TRANSACTION",
        ],
        |_| Disposition::RetryAfter(2 * RETRY_MS),
    ),
    (&["TIME LIMIT EXPIRED", "TIME LIMIT HAS PASSED", "BOOKING CANCELLED", "OFFER EXPIRED"], |_| {
        Disposition::OfferExpired
    }),
    (&["NO AGREEMENT EXISTS"], |_| Disposition::NotAuthorised),
    (
        &[
            "TIMEOUT",
            "TIMED OUT",
            "TIME OUT",
            "NO RESPONSE",
            "NOT RESPONDING",
            "SYSTEM UNAVAILABLE",
            "SERVICE UNAVAILABLE",
            "TEMPORARILY UNAVAILABLE",
            "LINK DOWN",
        ],
        |effect| effect.lost(RETRY_MS),
    ),
    (&["PRICE HAS CHANGED", "PRICE CHANGED", "FARE HAS CHANGED", "FARE CHANGED"], |_| Disposition::PriceChanged(None)),
    (
        &[
            "0 AVAIL",
            "CLASS NOT AVAILABLE",
            "CLASS CLOSED",
            "FLIGHT CLOSED",
            "FLIGHT CANCELLED",
            "NO AVAILAB",
            "NO SEATS",
            "NO VALID FARE",
            "AVAIL/WL",
            "WL OPEN",
            "WL CLOSED",
            "SEGMENT STATUS UC",
            "UNABLE TO SELL",
            "NOT AVAILABLE TO BE SOLD",
            "SOLD OUT",
        ],
        |_| Disposition::SoldOut,
    ),
];

/// The disposition that the words give away.
pub fn by_words(words: &str, effect: Effect) -> Option<Disposition> {
    let words = words.to_ascii_uppercase();
    let fits = |(any, _): &&Meaning| any.iter().any(|one| words.contains(one));
    WORDS.iter().find(fits).map(|(_, disposition)| disposition(effect))
}

/// As [`by_words`], where nothing but the words is known.
pub fn said(words: &str, code: &str, effect: Effect) -> Fault {
    let disposition = by_words(words, effect).or_else(|| by_code(code)).unwrap_or(Disposition::Rejected);
    fault::coded(disposition, code, words)
}

fn by_code(code: &str) -> Option<Disposition> {
    Some(match code {
        // The record was changed since it was read, or is being changed by somebody else.
        "1506" | "3979" => Disposition::RetryAfter(RETRY_MS),
        "3037" => Disposition::SoldOut,
        "2" | "345" => Disposition::NotAuthorised,
        "1000" | "3003" | "1512" | "3788" | "10024" | CANCELLED_ALREADY | NO_REFUND | NO_SOLUTIONS => {
            Disposition::Rejected
        }
        _ => return None,
    })
}

fn by_class(class: &str) -> Option<Disposition> {
    Some(match class {
        "Business" | "Data" | "Client" | "Validation" => Disposition::Rejected,
        "Security" => Disposition::NotAuthorised,
        _ if class.ends_with("ValidationException") || class.ends_with("InvalidRequestException") => {
            Disposition::Rejected
        }
        _ => return None,
    })
}

/// What a ticket that was not issued says. uAPI tells it in a good answer: no ticket came of it.
pub fn ticket_failure(info: &Element, effect: Effect) -> Fault {
    let words = info.attr("Message").unwrap_or("the ticket was not issued");
    said(words, info.attr("Code").unwrap_or("ticket-failure"), effect)
}

/// The element that uAPI complains about, in the contract's names where there is one.
fn field(info: &Element) -> Option<String> {
    let entry = info.path("Auxdata/Entry")?;
    let theirs = entry.child_text("Description")?.trim();
    let first = theirs.split(['.', '/']).next().unwrap_or_default();
    let ours = match theirs {
        "SearchAirLeg.DepTimes" | "SearchDepTime" => "slices.departure-date",
        "SearchOrigin" => "slices.origin",
        "SearchDestination" => "slices.destination",
        "CurrencyType" => "currency",
        "CabinClass" => "cabin",
        "First" => "travellers.given-name",
        "Last" | "BookingTravelerName" => "travellers.family-name",
        "DOB" => "travellers.born-on",
        "Gender" => "travellers.gender",
        "PhoneNumber" | "Number" => "contact.phone",
        "Email" | "EmailID" => "contact.email",
        _ => match first {
            "SearchAirLeg" => "slices",
            "SearchPassenger" | "PassengerType" => "passengers",
            "BookingTraveler" => "travellers",
            _ => return Some(theirs.to_ascii_lowercase()),
        },
    };
    Some(ours.to_owned())
}

//! SOAP faults with uAPI's `ErrorInfo`.

use super::{AIR, COMMON};
use crate::inventory::journeys::Segment;
use crate::wire::Reply;
use crate::world::World;
use crate::xml::Element;

/// A refusal.
#[derive(Debug)]
pub(super) struct Fault {
    class: &'static str,
    code: &'static str,
    kind: &'static str,
    message: String,
    /// Reason and description of `Auxdata`.
    element: Option<String>,
    /// Segments that can't be sold, and the host's words.
    segments: Vec<(Element, &'static str)>,
}

impl Fault {
    pub fn new(class: &'static str, code: &'static str, kind: &'static str, message: &str) -> Self {
        Fault { class, code, kind, message: message.to_owned(), element: None, segments: Vec::new() }
    }

    pub fn reply(&self, world: &World) -> Reply {
        let availability = !self.segments.is_empty();
        let name = if availability { "air:AvailabilityErrorInfo" } else { "common_v52_0:ErrorInfo" };
        let mut info = Element::new(name);
        if availability {
            info = info.with("xmlns:air", AIR);
        }
        let transaction = world.dice().with_number(world.number().cast_signed()).word(b"0123456789ABCDEF", 32);
        let mut info = info
            .with("xmlns:common_v52_0", COMMON)
            .leaf("common_v52_0:Code", self.code)
            .leaf("common_v52_0:Service", if self.code == "1000" { "WEBSVC" } else { "AIRSVC" })
            .leaf("common_v52_0:Type", self.kind)
            .leaf("common_v52_0:Description", &self.message)
            .leaf("common_v52_0:TransactionId", transaction);
        if let Some(element) = &self.element {
            let entry = Element::new("common_v52_0:Entry")
                .leaf("common_v52_0:Reason", "element")
                .leaf("common_v52_0:Description", element);
            info = info.child(Element::new("common_v52_0:Auxdata").child(entry));
        }
        let errors = self.segments.iter().map(|(segment, words)| {
            Element::new("air:AirSegmentError").child(segment.clone()).leaf("air:ErrorMessage", words)
        });
        let fault = Element::new("SOAP:Fault")
            .leaf("faultcode", format!("Server.{}", self.class).trim_end_matches('.'))
            .leaf("faultstring", &self.message)
            .child(Element::new("detail").child(info.children(errors)));
        super::envelope(500, fault)
    }
}

/// The request is wrong, and where.
pub(super) fn validation(message: &str, element: &str) -> Fault {
    let fault = Fault::new("InvalidRequestException", "1000", "Data", message);
    Fault { element: Some(element.to_owned()), ..fault }
}

/// The request is well-formed and makes no sense.
pub(super) fn senseless(message: &str, element: &str) -> Fault {
    let fault = Fault::new("ValidationException", "3003", "ValidationException", message);
    Fault { element: Some(element.to_owned()), ..fault }
}

pub(super) fn wrong_branch() -> Fault {
    Fault::new("Security", "2", "Security", "TARGET BRANCH is not authorised for this credential.")
}

pub(super) fn no_availability() -> Fault {
    Fault::new("Business", "3037", "Business", "No availability on chosen flights, unable to fare quote")
}

pub(super) fn no_solutions() -> Fault {
    Fault::new("Business", "2602", "Business", "No Solutions in the response.")
}

/// The segments can't be sold any more.
pub(super) fn segments_gone(segments: &[Segment], keys: &[String]) -> Fault {
    let one = |(segment, key): (&Segment, &String)| (super::render::bare_segment(segment, key), "*0 AVAIL/WL CLOSED*");
    let fault = Fault::new("Business", "3000", "Business", "General air service Error.");
    Fault { segments: segments.iter().zip(keys).map(one).collect(), ..fault }
}

pub(super) fn unable_to_retrieve() -> Fault {
    Fault::new("Business", "1512", "Business", "UNABLE TO RETRIEVE - RECORD LOCATOR NOT FOUND")
}

pub(super) fn busy() -> Fault {
    Fault::new("Business", "3000", "Business", "SIMULTANEOUS CHANGES TO PNR - IGNORE AND RETRY")
}

pub(super) fn stale_version() -> Fault {
    Fault::new("Business", "1506", "Business", "Universal Record is not current. Retrieve it and try again.")
}

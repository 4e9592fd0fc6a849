//! `DataLists`: what offers and orders refer to, each thing once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::DateTime;

use super::prices;
use super::request::code;
use crate::dice::Dice;
use crate::inventory::families::{self, Permit};
use crate::inventory::journeys::{Journey, Segment};
use crate::inventory::{PassengerKind, Product};
use crate::xml::Element;

fn id(prefix: &str, of: &str) -> String {
    format!("{prefix}{}", Dice::new(29).with(prefix).with(of).word(b"0123456789ABCDEF", 12))
}

fn segment_name(segment: &Segment) -> String {
    format!("{}{}{}", segment.marketing.code, segment.number, segment.flight.departs)
}

fn marketing_id(segment: &Segment) -> String {
    id("MKT", &segment_name(segment))
}

fn operating_id(segment: &Segment) -> String {
    id("OPR", &format!("{}{}{}", segment.flight.carrier.code, segment.flight.number, segment.flight.departs))
}

pub(super) fn pax_segment_id(segment: &Segment, class: &str) -> String {
    id("SEG", &format!("{}{class}", segment_name(segment)))
}

/// A journey in the letters that it is booked in.
fn journey_id(journey: &Journey, letters: &[&str]) -> String {
    id("JRN", &format!("{}{}", journey.key(), letters.concat()))
}

/// References to every journey of a product.
pub(super) fn journey_refs(product: &Product) -> Vec<Element> {
    let reference = |(journey, letters): (&Arc<Journey>, &Vec<&'static str>)| {
        Element::new("PaxJourneyRef").leaf("PaxJourneyRefID", journey_id(journey, letters))
    };
    product.journeys.iter().zip(&product.classes).map(reference).collect()
}

pub(super) fn price_class_id(product: &Product) -> String {
    id("PCL", &format!("{}{}", product.owner.code, product.family.code))
}

/// The allowances of a product: id, type, pieces, kilograms in all.
fn allowances(product: &Product, kind: PassengerKind) -> Vec<(String, &'static str, Option<u8>, Option<u16>)> {
    let family = product.family;
    let infant = kind == PassengerKind::Infant;
    let weight = families::weight_concept(product.owner, family).filter(|_| !infant);
    let checked = if infant { 0 } else { family.checked };
    let carry_on = if infant { 0 } else { family.carry_on };
    let pieces = weight.is_none().then_some(checked);
    let per_piece = (weight.is_none() && checked > 0).then_some(family.checked_kg);
    let checked_id = id("BGC", &format!("{pieces:?}{weight:?}{per_piece:?}"));
    vec![
        (checked_id, "Checked", pieces, weight.or(per_piece)),
        (id("BGH", &format!("{carry_on}")), "CarryOn", Some(carry_on), None),
    ]
}

/// Which allowance each passenger has on each journey.
pub(super) fn baggage_associations(product: &Product, people: &[(String, PassengerKind)]) -> Vec<Element> {
    let mut associations = Vec::new();
    for (pax, kind) in people {
        for (allowance, ..) in allowances(product, *kind) {
            associations.push(
                Element::new("BaggageAssociations")
                    .leaf("BaggageAllowanceRefID", allowance)
                    .child(Element::new("OfferFlightAssociations").children(journey_refs(product)))
                    .leaf("PaxRefID", pax),
            );
        }
    }
    associations
}

fn penalty_id(product: &Product, kind: &str) -> String {
    id("PEN", &format!("{kind}{}{}", product.family.code, product.currency.code))
}

fn penalties(product: &Product) -> Vec<(String, Element)> {
    let one = |kind: &'static str, permit: Permit| {
        let (allowed, fee) = match permit {
            Permit::Never => (false, None),
            Permit::Free => (true, Some(0)),
            Permit::For(cents) => (true, Some(product.currency.from_cents(cents))),
        };
        let id = penalty_id(product, kind);
        let indicator = if kind == "Cancellation" { "CancelFeeInd" } else { "ChangeFeeInd" };
        let penalty = Element::new("Penalty")
            .leaf("AppCode", "Before Departure")
            .leaf(indicator, fee.is_some_and(|fee| fee > 0))
            .leaf("DescText", if allowed { "Permitted" } else { "Not permitted" })
            .children(fee.map(|fee| prices::amount("PenaltyAmount", product, fee)))
            .leaf("PenaltyID", &id)
            .leaf("TypeCode", kind)
            .leaf("AllowedInd", allowed);
        (id, penalty)
    };
    vec![one("Cancellation", product.family.refund), one("Change", product.family.change)]
}

/// References to what may be done with an offer.
pub(super) fn penalty_refs(product: &Product) -> Vec<Element> {
    ["Cancellation", "Change"].map(|kind| Element::new("PenaltyRefID").text(penalty_id(product, kind))).to_vec()
}

fn local(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn duration(minutes: i64) -> String {
    format!("P{}DT{}H{}M", minutes / 1440, minutes / 60 % 24, minutes % 60)
}

fn marketing(segment: &Segment) -> Element {
    let flight = &segment.flight;
    let end = |name: &str, time: DateTime, airport: &str, terminal: Option<&str>| {
        Element::new(name)
            .leaf("AircraftScheduledDateTime", local(time))
            .leaf("IATA_LocationCode", airport)
            .children(terminal.map(|terminal| Element::new("TerminalName").text(terminal)))
    };
    Element::new("DatedMarketingSegment")
        .child(end("Arrival", flight.arrives, flight.destination.code, flight.terminals.1))
        .leaf("CarrierDesigCode", segment.marketing.code)
        .leaf("DatedMarketingSegmentId", marketing_id(segment))
        .leaf("DatedOperatingSegmentRefId", operating_id(segment))
        .child(end("Dep", flight.departs, flight.origin.code, flight.terminals.0))
        .leaf("MarketingCarrierFlightNumberText", segment.number)
}

fn operating(segment: &Segment) -> Element {
    let flight = &segment.flight;
    Element::new("DatedOperatingSegment")
        .leaf("CarrierDesigCode", flight.carrier.code)
        .leaf("DatedOperatingSegmentId", operating_id(segment))
        .leaf("Duration", duration(flight.minutes()))
        .leaf("OperatingCarrierFlightNumberText", flight.number)
        .child(Element::new("IATA_AircraftType").leaf("IATA_AircraftTypeCode", flight.aircraft.0))
}

/// The lists of these products; `people` are the passengers' own elements.
pub(super) fn data_lists(products: &[&Product], people: Vec<Element>) -> Element {
    let mut bags = BTreeMap::new();
    let mut marketed = BTreeMap::new();
    let mut operated = BTreeMap::new();
    let mut segments = BTreeMap::new();
    let mut journeys = BTreeMap::new();
    let mut ends: BTreeMap<(usize, &str, &str), Vec<String>> = BTreeMap::new();
    let mut penalised = BTreeMap::new();
    let mut classes = BTreeMap::new();
    for product in products {
        for (allowance, kind, pieces, weight) in product.fares.iter().flat_map(|fare| allowances(product, fare.kind)) {
            bags.entry(allowance).or_insert((kind, pieces, weight));
        }
        penalised.extend(penalties(product));
        classes.insert(price_class_id(product), *product);
        for (slice, journey) in product.journeys.iter().enumerate() {
            let (Some(first), Some(last)) = (journey.segments.first(), journey.segments.last()) else { continue };
            let letters = &product.classes[slice];
            let name = journey_id(journey, letters);
            let members: Vec<String> =
                journey.segments.iter().zip(letters).map(|(segment, class)| pax_segment_id(segment, class)).collect();
            let of_ends = ends.entry((slice, first.flight.origin.code, last.flight.destination.code)).or_default();
            if !of_ends.contains(&name) {
                of_ends.push(name.clone());
            }
            journeys.entry(name).or_insert((journey.minutes, members));
            for (segment, class) in journey.segments.iter().zip(letters) {
                marketed.entry(marketing_id(segment)).or_insert_with(|| marketing(segment));
                operated.entry(operating_id(segment)).or_insert_with(|| operating(segment));
                segments.entry(pax_segment_id(segment, class)).or_insert((marketing_id(segment), *class));
            }
        }
    }
    let baggage = bags.into_iter().map(|(id, (kind, pieces, weight))| {
        let allowance = Element::new("BaggageAllowance").leaf("BaggageAllowanceID", id).leaf("TypeCode", kind);
        let allowance = match pieces {
            Some(pieces) => allowance.child(Element::new("PieceAllowance").leaf("TotalQty", pieces)),
            None => allowance,
        };
        allowance.children(weight.map(|weight| {
            let measure = Element::new("MaximumWeightMeasure").with("UnitCode", "KGM").text(weight);
            Element::new("WeightAllowance").child(measure)
        }))
    });
    let origins = ends.into_iter().zip(1..).map(|(((_, origin, destination), members), number)| {
        Element::new("OriginDest")
            .leaf("DestCode", destination)
            .leaf("OriginCode", origin)
            .leaf("OriginDestID", format!("OD{number}"))
            .children(members.into_iter().map(|member| Element::new("PaxJourneyRefID").text(member)))
    });
    let journeys = journeys.into_iter().map(|(name, (minutes, members))| {
        Element::new("PaxJourney")
            .leaf("Duration", duration(minutes))
            .leaf("PaxJourneyID", name)
            .children(members.into_iter().map(|member| Element::new("PaxSegmentRefID").text(member)))
    });
    let pax_segments = segments.into_iter().map(|(name, (marketing, class))| {
        Element::new("PaxSegment")
            .leaf("DatedMarketingSegmentRefId", marketing)
            .leaf("MarketingCarrierRBD_Code", class)
            .leaf("OperatingCarrierRBD_Code", class)
            .leaf("PaxSegmentID", name)
    });
    let price_classes = classes.into_iter().map(|(name, product)| {
        Element::new("PriceClass")
            .leaf("Code", product.family.code)
            .leaf("Name", product.family.name)
            .leaf("PriceClassID", name)
    });
    Element::new("DataLists")
        .child(Element::new("BaggageAllowanceList").children(baggage))
        .child(Element::new("DatedMarketingSegmentList").children(marketed.into_values()))
        .child(Element::new("DatedOperatingSegmentList").children(operated.into_values()))
        .child(Element::new("OriginDestList").children(origins))
        .child(Element::new("PaxJourneyList").children(journeys))
        .child(Element::new("PaxList").children(people))
        .child(Element::new("PaxSegmentList").children(pax_segments))
        .child(Element::new("PenaltyList").children(penalised.into_values()))
        .child(Element::new("PriceClassList").children(price_classes))
}

/// Passengers as shopping answers tell them.
pub(super) fn bare_people(people: &[(String, PassengerKind)]) -> Vec<Element> {
    people.iter().map(|(id, kind)| Element::new("Pax").leaf("PaxID", id).leaf("PTC", code(*kind))).collect()
}

//! Segments, fares and conditions as uAPI writes them.

use base64::Engine;
use jiff::tz::TimeZone;

use super::request::{People, cabin_name};
use crate::dice::Dice;
use crate::inventory::families::{self, Permit};
use crate::inventory::journeys::{Journey, Segment};
use crate::inventory::schedule::Flight;
use crate::inventory::{Fare, PassengerKind, Product};
use crate::xml::Element;

/// A key as uAPI makes them: 16 bytes in base64. The same for the same thing.
pub(super) fn key(of: &[&str]) -> String {
    let dice = of.iter().fold(Dice::new(17), |dice, part| dice.with(part).with("/"));
    let bytes = [dice.bits().to_be_bytes(), dice.with("more").bits().to_be_bytes()].concat();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The key of a segment within one answer.
pub(super) fn segment_key(segment: &Segment) -> String {
    let departs = segment.flight.departs.to_string();
    let (from, to) = (segment.flight.origin.code, segment.flight.destination.code);
    key(&["segment", segment.marketing.code, &segment.number.to_string(), from, to, &departs])
}

/// `EUR123.45`.
pub(super) fn amount(product: &Product, minor: i64) -> String {
    format!("{}{}", product.currency.code, product.currency.decimal(minor))
}

/// A local time with its offset.
fn local(time: jiff::civil::DateTime, at: jiff::Timestamp) -> String {
    let as_utc = TimeZone::UTC.to_timestamp(time).map_or(at.as_second(), |instant| instant.as_second());
    let minutes = (as_utc - at.as_second()) / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let offset = minutes.abs();
    format!("{}{sign}{:02}:{:02}", time.strftime("%Y-%m-%dT%H:%M:%S.000"), offset / 60, offset % 60)
}

fn departs(flight: &Flight) -> String {
    local(flight.departs, flight.departs_at)
}

fn arrives(flight: &Flight) -> String {
    local(flight.arrives, flight.arrives_at)
}

/// `P0DT7H15M0S`.
pub(super) fn travel_time(minutes: i64) -> String {
    format!("P{}DT{}H{}M0S", minutes / 1440, minutes / 60 % 24, minutes % 60)
}

/// An `AirSegment` with no more than what names it.
pub(super) fn bare_segment(segment: &Segment, key: &str) -> Element {
    let flight = &segment.flight;
    Element::new("air:AirSegment")
        .with("Key", key)
        .with("Carrier", segment.marketing.code)
        .with("FlightNumber", segment.number)
        .with("Origin", flight.origin.code)
        .with("Destination", flight.destination.code)
        .with("DepartureTime", departs(flight))
        .with("ArrivalTime", arrives(flight))
}

/// An `AirSegment` as searches, prices and records have it.
pub(super) fn segment(segment: &Segment, key: &str, group: usize) -> Element {
    let flight = &segment.flight;
    let mut element = bare_segment(segment, key)
        .with("Group", group)
        .with("FlightTime", flight.minutes())
        .with("TravelTime", flight.minutes())
        .with("Distance", flight.distance * 621 / 1000)
        .with("ETicketability", "Yes")
        .with("Equipment", flight.aircraft.0)
        .with("ChangeOfPlane", "false")
        .with("OptionalServicesIndicator", "false")
        .with("ProviderCode", "1G");
    if flight.carrier.code != segment.marketing.code {
        let name = interline_domain::airlines::airline(flight.carrier.code).map_or("", |airline| airline.name);
        element = element.child(
            Element::new("air:CodeshareInfo")
                .with("OperatingCarrier", flight.carrier.code)
                .with("OperatingFlightNumber", flight.number)
                .text(name),
        );
    }
    element
}

/// A `FlightDetails`.
pub(super) fn details(segment: &Segment, key: &str) -> Element {
    let flight = &segment.flight;
    Element::new("air:FlightDetails")
        .with("Key", key)
        .with("Origin", flight.origin.code)
        .with("Destination", flight.destination.code)
        .with("DepartureTime", departs(flight))
        .with("ArrivalTime", arrives(flight))
        .with("FlightTime", flight.minutes())
        .with("TravelTime", flight.minutes())
        .with("Equipment", flight.aircraft.0)
        .with_some("OriginTerminal", flight.terminals.0)
        .with_some("DestinationTerminal", flight.terminals.1)
}

/// The code of a passenger kind, as it was asked for.
pub(super) fn code_of(people: &People, kind: PassengerKind) -> &str {
    people.iter().find(|(_, is, _)| *is == kind).map_or("ADT", |(code, _, _)| code)
}

fn suffix(kind: PassengerKind) -> &'static str {
    match kind {
        PassengerKind::Adult => "",
        PassengerKind::Child => "CH",
        PassengerKind::Infant => "IN",
    }
}

/// The key of the `FareInfo` of one kind on one journey.
pub(super) fn fare_info_key(product: &Product, fare: &Fare, journey: usize) -> String {
    key(&["fare", &product.key, suffix(fare.kind), &journey.to_string()])
}

/// The number of a brand.
pub(super) fn brand_id(product: &Product) -> String {
    Dice::new(23).with(product.owner.code).with(product.family.code).between(10_000, 99_999).to_string()
}

/// A `FareInfo`: one kind's fare on one journey.
pub(super) fn fare_info(product: &Product, people: &People, fare: &Fare, index: usize, journey: &Journey) -> Element {
    let (Some(first), Some(last)) = (journey.segments.first(), journey.segments.last()) else {
        return Element::new("air:FareInfo");
    };
    let share = i64::try_from(product.journeys.len()).unwrap_or(1).max(1);
    let class = product.classes.get(index).and_then(|classes| classes.first()).copied().unwrap_or("Y");
    let key = fare_info_key(product, fare, index);
    let mut allowance = Element::new("air:BaggageAllowance");
    match families::weight_concept(product.owner, product.family).filter(|_| fare.kind != PassengerKind::Infant) {
        Some(weight) => {
            let weight = Element::new("air:MaxWeight").with("Value", weight).with("Unit", "Kilograms");
            allowance = allowance.child(weight);
        }
        None => {
            let pieces = if fare.kind == PassengerKind::Infant { 0 } else { product.family.checked };
            allowance = allowance.leaf("air:NumberOfPieces", pieces).child(Element::new("air:MaxWeight"));
        }
    }
    Element::new("air:FareInfo")
        .with("Key", &key)
        .with("FareBasis", format!("{class}{}{}", product.family.code, suffix(fare.kind)))
        .with("PassengerTypeCode", code_of(people, fare.kind))
        .with("Origin", first.flight.origin.code)
        .with("Destination", last.flight.destination.code)
        .with("EffectiveDate", super::utc(jiff::Timestamp::now()))
        .with("DepartureDate", first.flight.departs.date())
        .with("Amount", amount(product, fare.base / share))
        .with("NegotiatedFare", "false")
        .child(allowance)
        .child(
            Element::new("air:FareRuleKey")
                .with("FareInfoRef", &key)
                .with("ProviderCode", "1G")
                .text(self::key(&[&key])),
        )
        .child(
            Element::new("air:Brand")
                .with("Key", self::key(&["brand", &key]))
                .with("BrandID", brand_id(product))
                .with("Name", product.family.name)
                .with("Carrier", product.owner.code),
        )
}

fn penalty(product: &Product, name: &str, permit: Permit) -> Element {
    let element = Element::new(name).with("PenaltyApplies", "Before Departure");
    match permit {
        Permit::Never => element.leaf("air:Percentage", "100.00"),
        Permit::Free => element.leaf("air:Percentage", "0.00"),
        Permit::For(cents) => element.leaf("air:Amount", amount(product, product.currency.from_cents(cents))),
    }
}

/// The amounts that solutions, price points and pricing infos carry.
pub(super) fn with_amounts(element: Element, product: &Product, base: i64, tax: i64) -> Element {
    element
        .with("TotalPrice", amount(product, base + tax))
        .with("BasePrice", amount(product, base))
        .with("ApproximateTotalPrice", amount(product, base + tax))
        .with("ApproximateBasePrice", amount(product, base))
        .with("Taxes", amount(product, tax))
        .with("ApproximateTaxes", amount(product, tax))
}

/// The key of the `AirPricingInfo` of one kind.
pub(super) fn pricing_info_key(product: &Product, fare: &Fare) -> String {
    key(&["pricing", &product.key, suffix(fare.kind)])
}

/// A `BookingInfo` for every segment, by journey.
pub(super) fn booking_infos(product: &Product, fare: &Fare) -> Vec<Vec<Element>> {
    let one = |(journey, index): (&std::sync::Arc<Journey>, usize)| {
        let info = fare_info_key(product, fare, index);
        let segments = journey.segments.iter().enumerate();
        segments
            .map(|(at, segment)| {
                Element::new("air:BookingInfo")
                    .with("BookingCode", product.classes[index][at])
                    .with("BookingCount", product.seats[index][at])
                    .with("CabinClass", cabin_name(product.cabin))
                    .with("FareInfoRef", &info)
                    .with("SegmentRef", segment_key(segment))
            })
            .collect()
    };
    product.journeys.iter().zip(0..).map(one).collect()
}

/// An `AirPricingInfo` for one passenger of a kind, without its booking infos; `fares` are references or the fares
/// themselves.
pub(super) fn pricing_info(
    product: &Product,
    people: &People,
    fare: &Fare,
    deadline: &str,
    fares: Vec<Element>,
    bookings: Vec<Element>,
) -> Element {
    let ages = people.iter().filter(|(_, kind, _)| *kind == fare.kind);
    let tax = |(code, minor): &(&'static str, i64)| {
        Element::new("air:TaxInfo")
            .with("Category", code)
            .with("Amount", amount(product, *minor))
            .with("Key", key(&["tax", &product.key, suffix(fare.kind), code]))
    };
    let info = Element::new("air:AirPricingInfo").with("Key", pricing_info_key(product, fare));
    with_amounts(info, product, fare.base, fare.tax())
        .with("LatestTicketingTime", deadline)
        .with("PricingMethod", "Guaranteed")
        .with("Refundable", product.family.refund != Permit::Never)
        .with("Exchangeable", product.family.change != Permit::Never)
        .with("IncludesVAT", "false")
        .with("ETicketability", "Yes")
        .with("PlatingCarrier", product.owner.code)
        .with("ProviderCode", "1G")
        .children(fares)
        .children(bookings)
        .children(fare.taxes.iter().map(tax))
        .children(
            ages.map(|(code, _, age)| {
                Element::new("air:PassengerType").with("Code", code).with_some("Age", age.as_ref())
            }),
        )
        .child(penalty(product, "air:ChangePenalty", product.family.change))
        .child(penalty(product, "air:CancelPenalty", product.family.refund))
}

/// When tickets must be issued by, at the latest.
pub(super) fn deadline(world: &crate::world::World, product: &Product) -> String {
    let hold = jiff::SignedDuration::try_from(world.config.hold).unwrap_or(jiff::SignedDuration::from_hours(24));
    let by_hold = jiff::Timestamp::now() + hold;
    let leaves = product.journeys.first().and_then(|journey| journey.segments.first()).map(|one| one.flight.departs_at);
    super::utc(leaves.map_or(by_hold, |leaves| leaves.min(by_hold)))
}

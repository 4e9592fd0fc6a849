//! Suppliers' offers: what is sold, to whom, at what price, under which conditions.

use crate::itinerary::{Fingerprint, Pieces, Segment};
use crate::money::Money;
use crate::passengers::PassengerKind;
use crate::text::Text;
use crate::trip::Cabin;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::sync::Arc;

/// One supplier's answer to a search: segments once, offers that point to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierReply {
    /// Flights that the offers use.
    pub segments: Vec<Segment>,
    /// Priced combinations.
    pub offers: Vec<Offer>,
    /// Offers that could not be mapped.
    pub skipped: Vec<SkippedOffer>,
}

/// An offer left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedOffer {
    /// The supplier's id, where it could be read.
    pub id: Option<String>,
    /// For the integration team.
    pub reason: String,
}

/// A supplier's offer, priced by the supplier; no rules applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The supplier's id.
    pub id: String,
    /// What its adapter needs to price and book it.
    pub token: Arc<[u8]>,
    /// IATA code of the validating carrier.
    pub owner: Text,
    /// In the order asked for.
    pub slices: Vec<OfferSlice>,
    /// By passenger type; together they cover all passengers. Empty where the supplier tells totals only, and in what a search
    /// keeps.
    pub fares: Vec<PassengerFare>,
    /// All passengers, without taxes.
    pub base: Money,
    /// All passengers.
    pub taxes: Money,
    /// All passengers.
    pub total: Money,
    /// As stated; absent entries were not told.
    pub baggage: Vec<Baggage>,
    /// As stated.
    pub conditions: Conditions,
    /// The offer's own end.
    pub expires_at: Option<Timestamp>,
    /// Tickets must be issued before.
    pub ticketing_deadline: Option<Timestamp>,
    /// An order can be held without paying.
    pub holdable: bool,
}

/// Answer to one slice asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferSlice {
    /// In order of travel, at least one.
    pub segments: Vec<OfferSegment>,
    /// Commercial name of the fare family.
    pub fare_brand: Option<Text>,
    /// As the supplier tells it.
    pub duration_minutes: Option<u32>,
}

/// How a segment is carried in an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferSegment {
    /// Index into the reply's segments.
    pub segment: u32,
    /// Cabin of this segment.
    pub cabin: Cabin,
    /// Reservation booking designator.
    pub booking_class: Option<Text>,
    /// Fare basis code.
    pub fare_basis: Option<Text>,
    /// Left at this price.
    pub seats_left: Option<u8>,
}

/// What one passenger of a type pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassengerFare {
    /// Type.
    pub kind: PassengerKind,
    /// Indexes of the passengers it is for.
    pub passengers: Vec<u8>,
    /// For one.
    pub base: Money,
    /// For one, where told one by one.
    pub taxes: Vec<Tax>,
    /// For one.
    pub taxes_total: Money,
    /// For one.
    pub total: Money,
}

/// A tax or fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// IATA tax code, or the supplier's.
    pub code: Text,
    /// For one passenger.
    pub amount: Money,
}

/// Kind of bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BagKind {
    /// In the hold.
    Checked,
    /// In the cabin.
    CarryOn,
}

/// An allowance of one passenger on one segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Baggage {
    /// Index of the passenger.
    pub passenger: u8,
    /// Index into the reply's segments.
    pub segment: u32,
    /// Kind.
    pub kind: BagKind,
    /// Pieces; 0: none included; none: a weight concept.
    pub pieces: Option<u8>,
    /// Per piece with pieces, else in all.
    pub weight_kg: Option<u16>,
}

/// The supplier's conditions; none: not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conditions {
    /// Money back, before the first departure.
    pub refund_before_departure: Option<Condition>,
    /// Money back, after it.
    pub refund_after_departure: Option<Condition>,
    /// Other flights, before the first departure.
    pub change_before_departure: Option<Condition>,
    /// Other flights, after it.
    pub change_after_departure: Option<Condition>,
}

/// Whether, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Condition {
    /// It may be done.
    pub allowed: bool,
    /// What the supplier keeps, in all; none: not told.
    pub penalty: Option<Money>,
}

impl Offer {
    /// Identity of what is sold: the itinerary with booking classes, fare bases and fare brands. Segments that are not there
    /// are left out.
    pub fn fare(&self, segments: &[Segment]) -> Fingerprint {
        Identity::of(|identity| {
            for slice in &self.slices {
                identity.slice();
                for at in &slice.segments {
                    let Some(segment) = segments.get(at.segment as usize) else { continue };
                    identity.flight(segment, at.cabin);
                    identity.booked(at.booking_class.as_deref(), at.fare_basis.as_deref());
                }
                identity.brand(slice.fare_brand.as_deref());
            }
        })
    }
}

/// An identity in the making: slices, the flights of each with what is booked on it, and the slice's brand. Without what is
/// booked and the brand it is that of the itinerary.
pub(crate) struct Identity<'a> {
    pieces: &'a mut Pieces,
    words: Words,
}

impl Identity<'_> {
    pub(crate) fn of(add: impl FnOnce(&mut Identity<'_>)) -> Fingerprint {
        Fingerprint::of(|pieces| add(&mut Identity { pieces, words: Words::default() }))
    }

    pub(crate) fn slice(&mut self) {
        self.pieces.add("slice");
    }

    pub(crate) fn flight(&mut self, segment: &Segment, cabin: Cabin) {
        self.words.tell(segment);
        told(self.pieces, &self.words, cabin);
    }

    /// Of a flight that was put into words before.
    pub(crate) fn known_flight(&mut self, flights: &Flights, segment: u32, cabin: Cabin) {
        if let Some(words) = flights.0.get(segment as usize) {
            told(self.pieces, words, cabin);
        }
    }

    pub(crate) fn booked(&mut self, booking_class: Option<&str>, fare_basis: Option<&str>) {
        self.pieces.add(booking_class.unwrap_or_default());
        self.pieces.add(fare_basis.unwrap_or_default());
    }

    pub(crate) fn brand(&mut self, brand: Option<&str>) {
        self.pieces.add(brand.unwrap_or_default());
    }
}

fn told(pieces: &mut Pieces, words: &Words, cabin: Cabin) {
    pieces.add(&words.number);
    pieces.add(&words.leg);
    pieces.add(cabin.letter().encode_utf8(&mut [0; 4]));
}

/// What of an identity concerns a flight alone.
#[derive(Default)]
struct Words {
    /// With its carrier.
    number: String,
    /// From where to where, and when.
    leg: String,
}

impl Words {
    /// In place of what was told before, in the same memory.
    fn tell(&mut self, segment: &Segment) {
        self.number.clear();
        self.number.push_str(&segment.marketing_carrier);
        self.number.push_str(&segment.marketing_flight_number);
        self.leg.clear();
        self.leg.push_str(&segment.origin);
        self.leg.push_str(&segment.destination);
        // Written to memory: it cannot fail.
        let _ = write!(self.leg, "{}", segment.departure.at);
    }
}

/// Flights of a reply, each put into words once, and not for every itinerary that flies it.
pub(crate) struct Flights(Vec<Words>);

impl Flights {
    pub(crate) fn of(segments: &[Segment]) -> Self {
        let words = |segment: &Segment| {
            let mut words = Words::default();
            words.tell(segment);
            words
        };
        Self(segments.iter().map(words).collect())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::itinerary::LocalTime;
    use crate::table::OfferTable;

    pub(crate) fn segment(number: &str) -> Segment {
        let local = |at: &str| LocalTime { at: at.parse().unwrap(), offset_minutes: None };
        Segment {
            origin: "CGK".into(),
            destination: "NRT".into(),
            origin_terminal: None,
            destination_terminal: None,
            departure: local("2027-01-20T23:05:00"),
            arrival: local("2027-01-21T08:30:00"),
            marketing_carrier: "GA".into(),
            marketing_flight_number: number.into(),
            operating_carrier: None,
            operating_flight_number: None,
            aircraft: None,
            duration_minutes: None,
            stops: vec![],
        }
    }

    /// On one slice of these segments.
    pub(crate) fn offer(segments: &[u32]) -> Offer {
        let carried = |&segment: &u32| OfferSegment {
            segment,
            cabin: Cabin::Economy,
            booking_class: Some("Y".into()),
            fare_basis: None,
            seats_left: None,
        };
        let amount = Money::new(100, "EUR".parse().unwrap());
        Offer {
            id: "1".into(),
            token: [].into(),
            owner: "GA".into(),
            slices: vec![OfferSlice {
                segments: segments.iter().map(carried).collect(),
                fare_brand: Some("FLEX".into()),
                duration_minutes: None,
            }],
            fares: vec![],
            base: amount,
            taxes: amount,
            total: amount,
            baggage: vec![],
            conditions: Conditions::default(),
            expires_at: None,
            ticketing_deadline: None,
            holdable: false,
        }
    }

    /// Offer ids that were given out name fares by their identity, and other nodes may run another version.
    #[test]
    fn identities_stay_what_they_were() {
        let segments = vec![segment("834"), segment("874")];
        assert_eq!(format!("{:?}", offer(&[1]).fare(&segments)), "ee0af3ef28085170965b8f27f9d32fd6");
        let reply = SupplierReply { segments, offers: vec![offer(&[1])], skipped: vec![] };
        let itinerary = OfferTable::from(reply).fingerprint(0).unwrap();
        assert_eq!(format!("{itinerary:?}"), "ebe28b3015391b165a1ba27d6e0edc3c");
    }
}

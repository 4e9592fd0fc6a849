//! Suppliers' offers: what is sold, to whom, at what price, under which conditions.

use crate::itinerary::{Fingerprint, Segment};
use crate::money::Money;
use crate::passengers::PassengerKind;
use crate::text::Text;
use crate::trip::Cabin;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
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
    /// By passenger type; together they cover all passengers. Empty where the supplier tells totals only.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// It may be done.
    pub allowed: bool,
    /// What the supplier keeps, in all; none: not told.
    pub penalty: Option<Money>,
}

impl Offer {
    /// Identity of the physical itinerary: equal across suppliers.
    pub fn itinerary(&self, segments: &[Segment]) -> Fingerprint {
        self.identity(segments, false)
    }

    /// Identity of what is sold: the itinerary with booking classes, fare bases and fare brands.
    pub fn fare(&self, segments: &[Segment]) -> Fingerprint {
        self.identity(segments, true)
    }

    fn identity(&self, segments: &[Segment], with_fare: bool) -> Fingerprint {
        Fingerprint::of(|pieces| {
            for slice in &self.slices {
                pieces.add("slice");
                for at in &slice.segments {
                    let Some(segment) = segments.get(at.segment as usize) else { continue };
                    pieces.write(format_args!("{}{}", segment.marketing_carrier, segment.marketing_flight_number));
                    pieces.write(format_args!("{}{}{}", segment.origin, segment.destination, segment.departure.at));
                    pieces.write(format_args!("{}", at.cabin.letter()));
                    if with_fare {
                        pieces.add(at.booking_class.as_deref().unwrap_or_default());
                        pieces.add(at.fare_basis.as_deref().unwrap_or_default());
                    }
                }
                if with_fare {
                    pieces.add(slice.fare_brand.as_deref().unwrap_or_default());
                }
            }
        })
    }
}

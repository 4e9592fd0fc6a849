//! Slices, segments, and what belongs to them, in offers and orders alike.

use serde::Deserialize;

/// An airport or a city.
#[derive(Debug, Clone, Deserialize)]
pub struct Place {
    /// IATA code.
    #[serde(default)]
    pub iata_code: Option<String>,
}

/// An airline.
#[derive(Debug, Clone, Deserialize)]
pub struct Airline {
    /// None for an airline without one.
    #[serde(default)]
    pub iata_code: Option<String>,
}

/// One leg of the journey asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Slice {
    #[serde(default)]
    pub conditions: Option<Conditions>,
    #[serde(default)]
    pub duration: Option<String>,
    #[serde(default)]
    pub fare_brand_name: Option<String>,
    pub segments: Vec<Segment>,
}

/// A flight. Times are local, without an offset.
#[derive(Debug, Clone, Deserialize)]
pub struct Segment {
    pub origin: Place,
    pub destination: Place,
    #[serde(default)]
    pub origin_terminal: Option<String>,
    #[serde(default)]
    pub destination_terminal: Option<String>,
    pub departing_at: String,
    pub arriving_at: String,
    pub marketing_carrier: Airline,
    pub marketing_carrier_flight_number: String,
    #[serde(default)]
    pub operating_carrier: Option<Airline>,
    #[serde(default)]
    pub operating_carrier_flight_number: Option<String>,
    #[serde(default)]
    pub aircraft: Option<Place>,
    #[serde(default)]
    pub duration: Option<String>,
    #[serde(default)]
    pub stops: Option<Vec<Stop>>,
    #[serde(default)]
    pub passengers: Option<Vec<SegmentPassenger>>,
}

/// A stop without a change of flight number.
#[derive(Debug, Clone, Deserialize)]
pub struct Stop {
    #[serde(default)]
    pub airport: Option<Place>,
}

/// How one passenger is carried on a segment.
#[derive(Debug, Clone, Deserialize)]
pub struct SegmentPassenger {
    #[serde(default)]
    pub passenger_id: Option<String>,
    /// `economy`, `premium_economy`, `business`, `first`.
    #[serde(default)]
    pub cabin_class: Option<String>,
    #[serde(default)]
    pub cabin: Option<CabinName>,
    #[serde(default)]
    pub fare_basis_code: Option<String>,
    #[serde(default)]
    pub baggages: Option<Vec<Baggage>>,
}

/// The newer form of the cabin.
#[derive(Debug, Clone, Deserialize)]
pub struct CabinName {
    #[serde(default)]
    pub name: Option<String>,
}

/// An allowance; `quantity` may be 0.
#[derive(Debug, Clone, Deserialize)]
pub struct Baggage {
    /// `checked` or `carry_on`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub quantity: Option<u32>,
}

/// Of an offer, an order or a slice.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Conditions {
    #[serde(default)]
    pub refund_before_departure: Option<Condition>,
    #[serde(default)]
    pub change_before_departure: Option<Condition>,
}

/// Whether something may be done, and what it costs; no amount: not told.
#[derive(Debug, Clone, Deserialize)]
pub struct Condition {
    /// None: not told after all.
    #[serde(default)]
    pub allowed: Option<bool>,
    #[serde(default)]
    pub penalty_amount: Option<String>,
    #[serde(default)]
    pub penalty_currency: Option<String>,
}

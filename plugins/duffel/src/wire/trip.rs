//! Slices, segments, and what belongs to them, in offers and orders alike. Their texts are own ones, or those of the message.

use serde::Deserialize;

/// An airport or a city.
#[derive(Debug, Clone, Deserialize)]
pub struct Place<T = String> {
    /// IATA code.
    #[serde(default)]
    pub iata_code: Option<T>,
}

/// An airline.
#[derive(Debug, Clone, Deserialize)]
pub struct Airline<T = String> {
    /// None for an airline without one.
    #[serde(default)]
    pub iata_code: Option<T>,
}

/// One leg of the journey asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Slice<T = String> {
    #[serde(default)]
    pub conditions: Option<Conditions<T>>,
    #[serde(default)]
    pub duration: Option<T>,
    #[serde(default)]
    pub fare_brand_name: Option<T>,
    pub segments: Vec<Segment<T>>,
}

/// A flight. Times are local, without an offset.
#[derive(Debug, Clone, Deserialize)]
pub struct Segment<T = String> {
    pub origin: Place<T>,
    pub destination: Place<T>,
    #[serde(default)]
    pub origin_terminal: Option<T>,
    #[serde(default)]
    pub destination_terminal: Option<T>,
    pub departing_at: T,
    pub arriving_at: T,
    pub marketing_carrier: Airline<T>,
    pub marketing_carrier_flight_number: T,
    #[serde(default)]
    pub operating_carrier: Option<Airline<T>>,
    #[serde(default)]
    pub operating_carrier_flight_number: Option<T>,
    #[serde(default)]
    pub aircraft: Option<Place<T>>,
    #[serde(default)]
    pub duration: Option<T>,
    #[serde(default)]
    pub stops: Option<Vec<Stop<T>>>,
    #[serde(default)]
    pub passengers: Option<Vec<SegmentPassenger<T>>>,
}

/// A stop without a change of flight number.
#[derive(Debug, Clone, Deserialize)]
pub struct Stop<T = String> {
    #[serde(default)]
    pub airport: Option<Place<T>>,
}

/// How one passenger is carried on a segment.
#[derive(Debug, Clone, Deserialize)]
pub struct SegmentPassenger<T = String> {
    #[serde(default)]
    pub passenger_id: Option<T>,
    /// `economy`, `premium_economy`, `business`, `first`.
    #[serde(default)]
    pub cabin_class: Option<T>,
    #[serde(default)]
    pub cabin: Option<CabinName<T>>,
    #[serde(default)]
    pub fare_basis_code: Option<T>,
    #[serde(default)]
    pub baggages: Option<Vec<Baggage<T>>>,
}

/// The newer form of the cabin.
#[derive(Debug, Clone, Deserialize)]
pub struct CabinName<T = String> {
    #[serde(default)]
    pub name: Option<T>,
}

/// An allowance; `quantity` may be 0.
#[derive(Debug, Clone, Deserialize)]
pub struct Baggage<T = String> {
    /// `checked` or `carry_on`.
    #[serde(rename = "type", default)]
    pub kind: Option<T>,
    #[serde(default)]
    pub quantity: Option<u32>,
}

/// Of an offer, an order or a slice.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Conditions<T = String> {
    #[serde(default)]
    pub refund_before_departure: Option<Condition<T>>,
    #[serde(default)]
    pub change_before_departure: Option<Condition<T>>,
}

/// Whether something may be done, and what it costs; no amount: not told.
#[derive(Debug, Clone, Deserialize)]
pub struct Condition<T = String> {
    /// None: not told after all.
    #[serde(default)]
    pub allowed: Option<bool>,
    #[serde(default)]
    pub penalty_amount: Option<T>,
    #[serde(default)]
    pub penalty_currency: Option<T>,
}

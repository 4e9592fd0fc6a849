//! What the offers of a search have to choose from.

use serde::Serialize;
use utoipa::ToSchema;

/// Counts of offers by what can be filtered. Each count keeps all filters but those on the thing it counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facets {
    /// By the most stops of any slice.
    pub stops: Vec<StopsCount>,
    /// By marketing carrier: offers with a flight of it.
    pub airlines: Vec<CodeCount>,
    /// By airport: offers that connect there.
    pub connections: Vec<CodeCount>,
    /// Lowest and highest price of the offers' cheapest fares; none: no offers.
    pub price: Option<PriceRange>,
    /// Shortest and longest slice, in minutes; none: no offers with a known duration.
    pub duration_minutes: Option<MinuteRange>,
    /// By local hour of departure, slice by slice.
    pub departure_hours: Vec<Vec<HourCount>>,
    /// Offers with a fare that has a checked bag for everyone.
    pub baggage_included: u32,
    /// Offers with a fare that gives money back.
    pub refundable: u32,
}

/// Offers with so many stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct StopsCount {
    /// Stops.
    pub stops: u8,
    /// Offers.
    pub count: u32,
}

/// Offers with this code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeCount {
    /// IATA code.
    pub code: String,
    /// Offers.
    pub count: u32,
}

/// Offers that depart in this hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourCount {
    /// 0 to 23.
    pub hour: u8,
    /// Offers.
    pub count: u32,
}

/// From the lowest to the highest, both decimals of the major unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriceRange {
    /// Lowest.
    pub min: crate::view::Amount,
    /// Highest.
    pub max: crate::view::Amount,
}

/// From the shortest to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct MinuteRange {
    /// Shortest.
    pub min: u32,
    /// Longest.
    pub max: u32,
}

//! What a search leaves out.

use serde::{Deserialize, Serialize};

/// Filters of a search; all of them must pass. The default lets everything pass.
///
/// Stops, airlines, connections, times and duration look at the itinerary; price, baggage and refundability at each of its
/// fares: an offer is left out when no fare passes, and shows those that do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filters {
    /// Most stops of any slice, connections and technical stops together.
    pub max_stops: Option<u8>,
    /// Marketing carriers: every flight is sold by one of these. Empty: any.
    pub airlines: Vec<String>,
    /// Marketing carriers: no flight is sold by one of these.
    pub airlines_excluded: Vec<String>,
    /// Airports: at least one connection, and each at one of these. Empty: any.
    pub connections: Vec<String>,
    /// Airports: no connection at one of these.
    pub connections_excluded: Vec<String>,
    /// Local departure times.
    pub departures: Vec<SliceWindow>,
    /// Local arrival times.
    pub arrivals: Vec<SliceWindow>,
    /// Longest travel time of any slice. A slice of unknown duration does not pass.
    pub max_duration_minutes: Option<u32>,
    /// Least total, in minor units of the display currency.
    pub min_price: Option<i64>,
    /// Highest total, in minor units of the display currency.
    pub max_price: Option<i64>,
    /// Everyone with a seat has a checked bag on every flight.
    pub baggage_included: bool,
    /// Money comes back before departure, with or without a penalty.
    pub refundable: bool,
}

/// A window of clock time on one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SliceWindow {
    /// Index of the slice; one that the trip does not have passes.
    pub slice: u8,
    /// When.
    pub window: ClockWindow,
}

/// Minutes of the day, both ends within; from 22:00 until 02:00 goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClockWindow {
    /// 0 to 1439.
    pub from: u16,
    /// 0 to 1439.
    pub until: u16,
}

impl ClockWindow {
    /// Whether a minute of the day is within.
    pub fn contains(self, minute: u16) -> bool {
        if self.from <= self.until {
            (self.from..=self.until).contains(&minute)
        } else {
            minute >= self.from || minute <= self.until
        }
    }
}

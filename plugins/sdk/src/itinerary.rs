//! The reply's list of segments, each flight once.

use crate::supplier::Segment;
use std::collections::HashMap;

/// Collects segments: a flight that many offers share stands once in the reply, and offers name it by its index.
///
/// ```
/// # use interline_plugin_sdk::{itinerary::Segments, supplier::Segment, time};
/// # let flight = Segment {
/// #     origin: "CGK".into(), destination: "NRT".into(), origin_terminal: None, destination_terminal: None,
/// #     departure: time::local("2027-01-20T23:05:00").unwrap(), arrival: time::local("2027-01-21T08:30:00").unwrap(),
/// #     marketing_carrier: "XY".into(), marketing_flight_number: "12".into(), operating_carrier: None,
/// #     operating_flight_number: None, aircraft: None, duration_minutes: None, stops: vec![],
/// # };
/// let mut segments = Segments::default();
/// assert_eq!(segments.index(flight.clone()), 0);
/// assert_eq!(segments.index(flight), 0);
/// assert_eq!(segments.into_vec().len(), 1);
/// ```
#[derive(Debug, Default)]
pub struct Segments {
    list: Vec<Segment>,
    known: HashMap<Segment, u32, foldhash::quality::RandomState>,
}

impl Segments {
    /// The segment's index, adding it if it is new. Two segments are the same only if all that is told of them is.
    pub fn index(&mut self, segment: Segment) -> u32 {
        if let Some(index) = self.known.get(&segment) {
            return *index;
        }
        let index = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(segment.clone());
        self.known.insert(segment, index);
        index
    }

    /// How many there are. With [`Segments::truncate`], a mapper takes back the segments of an offer that it gives up.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets the segments from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
        self.known.retain(|_, index| (*index as usize) < len);
    }

    /// The reply's list.
    pub fn into_vec(self) -> Vec<Segment> {
        self.list
    }
}

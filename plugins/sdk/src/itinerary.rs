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
    /// By a name that stands for one flight throughout the reply.
    named: HashMap<String, u32, foldhash::quality::RandomState>,
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

    /// The index of a segment by a name that stands for one flight throughout the reply, the supplier's own or one made of
    /// all that is told of it: it is made when it is named first, and not for every offer that flies it.
    ///
    /// # Errors
    /// Whatever making it fails with.
    pub fn named<E>(&mut self, name: &str, make: impl FnOnce() -> Result<Segment, E>) -> Result<u32, E> {
        if let Some(index) = self.named.get(name) {
            return Ok(*index);
        }
        let index = self.index(make()?);
        self.named.insert(name.to_owned(), index);
        Ok(index)
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
        if len < self.list.len() {
            self.list.truncate(len);
            self.known.retain(|_, index| (*index as usize) < len);
            self.named.retain(|_, index| (*index as usize) < len);
        }
    }

    /// The reply's list.
    pub fn into_vec(self) -> Vec<Segment> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    fn flight(number: &str) -> Segment {
        let [departure, arrival] =
            ["2027-01-20T23:05:00", "2027-01-21T08:30:00"].map(|text| time::local(text).unwrap());
        Segment {
            origin: "CGK".into(),
            destination: "NRT".into(),
            origin_terminal: None,
            destination_terminal: None,
            departure,
            arrival,
            marketing_carrier: "XY".into(),
            marketing_flight_number: number.into(),
            operating_carrier: None,
            operating_flight_number: None,
            aircraft: None,
            duration_minutes: None,
            stops: vec![],
        }
    }

    #[test]
    fn a_named_segment_is_made_once_and_anew_when_it_was_taken_back() {
        let mut segments = Segments::default();
        let mut made = 0;
        let mut named = |segments: &mut Segments, name: &str| {
            segments.named(name, || {
                made += 1;
                Ok::<_, ()>(flight(name))
            })
        };
        assert_eq!(["1", "2", "1"].map(|name| named(&mut segments, name)), [Ok(0), Ok(1), Ok(0)]);
        segments.truncate(1);
        assert_eq!(["3", "2", "1"].map(|name| named(&mut segments, name)), [Ok(1), Ok(2), Ok(0)]);
        assert_eq!((made, segments.len()), (4, 3));
    }

    #[test]
    fn a_segment_that_can_t_be_made_leaves_nothing() {
        let mut segments = Segments::default();
        assert_eq!(segments.named("1", || Err("why")), Err("why"));
        assert!(segments.is_empty());
        assert_eq!(segments.named("1", || Ok::<_, ()>(flight("1"))), Ok(0));
    }
}

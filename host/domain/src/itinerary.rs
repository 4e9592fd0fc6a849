//! Physical itineraries: flights between stops, without a price.

use crate::places::{self, Airport};
use crate::text::Text;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A marketed flight between two stops.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Segment {
    /// IATA airport codes.
    pub origin: Text,
    /// See `origin`.
    pub destination: Text,
    /// Terminal of departure.
    pub origin_terminal: Option<Text>,
    /// Terminal of arrival.
    pub destination_terminal: Option<Text>,
    /// Local at the origin.
    pub departure: LocalTime,
    /// Local at the destination.
    pub arrival: LocalTime,
    /// IATA code of the carrier that sells it.
    pub marketing_carrier: Text,
    /// Without the carrier, without leading zeros.
    pub marketing_flight_number: Text,
    /// The carrier that flies it; none: not told.
    pub operating_carrier: Option<Text>,
    /// Its own number.
    pub operating_flight_number: Option<Text>,
    /// IATA aircraft type.
    pub aircraft: Option<Text>,
    /// Block time as the supplier tells it.
    pub duration_minutes: Option<u32>,
    /// Airports touched without a change of flight number.
    pub stops: Vec<Text>,
}

/// A wall-clock time at a place, and the offset where the supplier stated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalTime {
    /// Wall clock.
    pub at: DateTime,
    /// Minutes east of UTC, as the supplier stated it.
    pub offset_minutes: Option<i16>,
}

impl LocalTime {
    /// The moment, by the airport's zone; by the stated offset where the airport is not known; none without either.
    pub fn instant(&self, airport: &str) -> Option<Timestamp> {
        self.placed(airport).map(|(instant, _)| instant)
    }

    /// The moment as [`LocalTime::instant`] has it, and the offset from UTC that holds there then.
    pub fn placed(&self, airport: &str) -> Option<(Timestamp, Offset)> {
        let zone = places::airport(airport).and_then(Airport::zone);
        let ambiguous = zone.map(|zone| zone.to_ambiguous_timestamp(self.at));
        let offset = match (ambiguous.map(|at| at.offset()), self.offset_minutes) {
            (Some(AmbiguousOffset::Unambiguous { offset }), _) => offset,
            // The hour that a clock skips or repeats.
            (Some(_), _) => {
                let instant = ambiguous?.compatible().ok()?;
                return Some((instant, zone?.to_offset(instant)));
            }
            (None, Some(minutes)) => Offset::from_seconds(i32::from(minutes) * 60).ok()?,
            (None, None) => return None,
        };
        Some((offset.to_timestamp(self.at).ok()?, offset))
    }
}

impl Segment {
    /// When it leaves, if its airport or the offset is known.
    pub fn departs_at(&self) -> Option<Timestamp> {
        self.departure.instant(&self.origin)
    }

    /// When it arrives, likewise.
    pub fn arrives_at(&self) -> Option<Timestamp> {
        self.arrival.instant(&self.destination)
    }

    /// Minutes in the air: by the clock of the two airports, else as the supplier tells it.
    pub fn minutes(&self) -> Option<u32> {
        minutes_between(self.departs_at(), self.arrives_at()).or(self.duration_minutes)
    }
}

/// Whole minutes from one moment to a later one, where both are known; none if it is not later.
pub fn minutes_between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<u32> {
    u32::try_from((to?.as_second() - from?.as_second()) / 60).ok()
}

/// Identity of a physical itinerary: the marketed flights, their dates and the cabin of each, slice by slice. Two
/// suppliers that sell the same seats on the same aircraft give the same fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// Of anything that can be written as text pieces, added one after the other; pieces are kept apart.
    pub fn of(add: impl FnOnce(&mut Pieces)) -> Self {
        let mut pieces = Pieces { hash: Sha256::new() };
        add(&mut pieces);
        let digest = pieces.hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(bytes)
    }
}

/// What a fingerprint is made of.
pub struct Pieces {
    hash: Sha256,
}

impl Pieces {
    /// A text.
    pub fn add(&mut self, piece: &str) {
        self.hash.update((piece.len() as u32).to_be_bytes());
        self.hash.update(piece.as_bytes());
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_airports_zone_decides_over_the_stated_offset() {
        let local = LocalTime { at: "2027-01-20T23:30:00".parse().unwrap(), offset_minutes: Some(0) };
        assert_eq!(local.instant("NRT"), "2027-01-20T14:30:00Z".parse().ok());
        assert_eq!(local.instant("???"), "2027-01-20T23:30:00Z".parse().ok());
    }

    #[test]
    fn in_a_skipped_or_repeated_hour_moment_and_offset_belong_together() {
        for (local, moment, minutes) in [
            ("2027-03-28T01:30:00", "2027-03-28T01:30:00Z", 60),
            ("2027-10-31T01:30:00", "2027-10-31T00:30:00Z", 60),
            ("2027-10-31T02:30:00", "2027-10-31T02:30:00Z", 0),
        ] {
            let local = LocalTime { at: local.parse().unwrap(), offset_minutes: None };
            let (instant, offset) = local.placed("LHR").unwrap();
            assert_eq!((instant, offset.seconds()), (moment.parse().unwrap(), minutes * 60), "{local:?}");
        }
    }
}

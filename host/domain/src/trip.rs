//! What is searched for: slices, dates, cabin, passengers, and the broad key under which its superset is kept.

use crate::money::Currency;
use crate::passengers::PassengerMix;
use crate::places;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// An IATA airport or metropolitan area code that exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlaceCode([u8; 3]);

impl PlaceCode {
    /// The code, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

/// Not a code of an airport or city that is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an IATA airport or city code")]
pub struct UnknownPlace(pub String);

impl FromStr for PlaceCode {
    type Err = UnknownPlace;

    fn from_str(code: &str) -> Result<Self, UnknownPlace> {
        let unknown = || UnknownPlace(code.to_owned());
        if !places::is_place(code) {
            return Err(unknown());
        }
        Ok(Self(code.as_bytes().try_into().map_err(|_| unknown())?))
    }
}

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PlaceCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PlaceCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Cabin of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cabin {
    /// Y.
    Economy,
    /// W.
    PremiumEconomy,
    /// C, J.
    Business,
    /// F.
    First,
}

impl Cabin {
    /// Letter in the broad key.
    pub const fn letter(self) -> char {
        match self {
            Self::Economy => 'Y',
            Self::PremiumEconomy => 'W',
            Self::Business => 'C',
            Self::First => 'F',
        }
    }
}

/// One leg asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SliceQuery {
    /// From.
    pub origin: PlaceCode,
    /// To.
    pub destination: PlaceCode,
    /// Local date at the origin.
    pub departure_date: Date,
}

/// A rule that a trip breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TripError {
    /// One to six slices.
    #[error("a trip has 1 to {} slices", Trip::MAX_SLICES)]
    SliceCount,
    /// From a place to the same place.
    #[error("slice {0} starts and ends at the same place")]
    SamePlace(usize),
    /// Dates go back in time.
    #[error("slice {0} departs before the one ahead of it")]
    DateOrder(usize),
}

/// A trip asked for: what a supplier is asked, and what the superset is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trip {
    slices: Vec<SliceQuery>,
    /// Who.
    pub passengers: PassengerMix,
    /// How.
    pub cabin: Cabin,
}

impl Trip {
    /// The most slices of a multi-city trip.
    pub const MAX_SLICES: usize = 6;

    /// Checks order and places. That the first date is not in the past is the caller's to check, who has a clock.
    pub fn new(slices: Vec<SliceQuery>, passengers: PassengerMix, cabin: Cabin) -> Result<Self, TripError> {
        if slices.is_empty() || slices.len() > Self::MAX_SLICES {
            return Err(TripError::SliceCount);
        }
        for (index, slice) in slices.iter().enumerate() {
            if slice.origin == slice.destination {
                return Err(TripError::SamePlace(index));
            }
            if index > 0 && slices[index - 1].departure_date > slice.departure_date {
                return Err(TripError::DateOrder(index));
            }
        }
        Ok(Self { slices, passengers, cabin })
    }

    /// The legs, at least one.
    pub fn slices(&self) -> &[SliceQuery] {
        &self.slices
    }

    /// Local date of the first departure.
    pub fn departure_date(&self) -> Date {
        self.slices[0].departure_date
    }
}

/// What else changes a supplier's answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SupplierScope {
    /// Name of the set of suppliers and credentials searched with.
    pub credential_set: String,
    /// ISO 3166 alpha-2 country of sale.
    pub point_of_sale: String,
    /// Currency asked of the suppliers.
    pub currency: Option<Currency>,
}

/// The broad key `flight:s:{Origin}:{Dest}:{Date}:{Cabin}:{PaxCount}:{scope}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SearchKey(String);

impl SearchKey {
    /// The key of a trip within a scope. A return or multi-city trip extends the date part by its further slices.
    pub fn new(trip: &Trip, scope: &SupplierScope) -> Self {
        let first = &trip.slices[0];
        let mut date = compact(first.departure_date);
        let is_return = matches!(trip.slices(), [out, back]
            if out.origin == back.destination && out.destination == back.origin);
        for slice in &trip.slices[1..] {
            date.push('+');
            if !is_return {
                date.push_str(slice.origin.as_str());
                date.push_str(slice.destination.as_str());
            }
            date.push_str(&compact(slice.departure_date));
        }
        let currency = scope.currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
        let digest = Sha256::digest(format!("{}\0{}\0{currency}", scope.credential_set, scope.point_of_sale));
        let scope: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let (origin, destination) = (first.origin, first.destination);
        let (cabin, passengers) = (trip.cabin.letter(), trip.passengers.key());
        Self(format!("flight:s:{origin}:{destination}:{date}:{cabin}:{passengers}:{scope}"))
    }

    /// As it stands in the cache.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn compact(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(origin: &str, destination: &str, date: &str) -> SliceQuery {
        SliceQuery {
            origin: origin.parse().unwrap(),
            destination: destination.parse().unwrap(),
            departure_date: date.parse().unwrap(),
        }
    }

    fn key(slices: Vec<SliceQuery>, point_of_sale: &str) -> String {
        let trip = Trip::new(slices, PassengerMix::new(2, vec![], 0).unwrap(), Cabin::Economy).unwrap();
        let scope =
            SupplierScope { credential_set: "main".into(), point_of_sale: point_of_sale.into(), currency: None };
        SearchKey::new(&trip, &scope).to_string()
    }

    #[test]
    fn the_broad_key_reads_as_the_mission_gives_it() {
        let one_way = key(vec![slice("CGK", "NRT", "2027-01-20")], "ID");
        assert!(one_way.starts_with("flight:s:CGK:NRT:20270120:Y:2:"), "{one_way}");
        let back = key(vec![slice("CGK", "NRT", "2027-01-20"), slice("NRT", "CGK", "2027-01-27")], "ID");
        assert!(back.starts_with("flight:s:CGK:NRT:20270120+20270127:Y:2:"), "{back}");
    }

    #[test]
    fn whatever_changes_a_suppliers_answer_changes_the_key() {
        let slices = || vec![slice("CGK", "NRT", "2027-01-20")];
        assert_ne!(key(slices(), "ID"), key(slices(), "JP"));
        let open_jaw = vec![slice("CGK", "NRT", "2027-01-20"), slice("KIX", "CGK", "2027-01-27")];
        let there_and_back = vec![slice("CGK", "NRT", "2027-01-20"), slice("NRT", "CGK", "2027-01-27")];
        assert_ne!(key(open_jaw, "ID"), key(there_and_back, "ID"));
    }

    #[test]
    fn trips_that_go_back_in_time_are_refused() {
        let slices = vec![slice("CGK", "NRT", "2027-01-20"), slice("NRT", "CGK", "2027-01-19")];
        let mix = PassengerMix::new(1, vec![], 0).unwrap();
        assert_eq!(Trip::new(slices, mix, Cabin::Economy), Err(TripError::DateOrder(1)));
    }
}

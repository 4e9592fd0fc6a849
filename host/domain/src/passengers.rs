//! Who travels, as a search sees it: kinds and ages, no names.

use serde::{Deserialize, Serialize};

/// IATA passenger types. Ordered as passengers are numbered: adults, children, infants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassengerKind {
    /// ADT, 12 and over.
    Adult,
    /// CHD, 2 to 11.
    Child,
    /// INF, under 2, on the lap of an adult.
    Infant,
}

impl PassengerKind {
    /// IATA passenger type code.
    pub const fn iata_code(self) -> &'static str {
        match self {
            Self::Adult => "ADT",
            Self::Child => "CHD",
            Self::Infant => "INF",
        }
    }
}

/// One traveller of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Passenger {
    /// Type.
    pub kind: PassengerKind,
    /// Age in years on the first day of travel; always there for children and infants.
    pub age: Option<u8>,
}

/// The canonical mix: adults, then children by age, then infants. Two requests for the same people are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PassengerMix {
    adults: u8,
    child_ages: Vec<u8>,
    infants: u8,
}

/// A rule that a passenger mix breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassengerMixError {
    /// Somebody of 12 or more must travel.
    #[error("at least one adult must travel")]
    NoAdult,
    /// Nine seats are the most that one reservation holds.
    #[error("at most 9 adults and children travel on one reservation")]
    TooMany,
    /// Each infant travels on an adult's lap.
    #[error("each infant needs an adult of its own")]
    InfantWithoutAdult,
    /// A child is 2 to 11 years old.
    #[error("a child is 2 to 11 years old; younger ones are infants, older ones adults")]
    ChildAge,
}

impl PassengerMix {
    /// Seats that one reservation holds at most.
    pub const MAX_SEATS: usize = 9;

    /// Checks the mix and puts it in canonical order.
    pub fn new(adults: u8, mut child_ages: Vec<u8>, infants: u8) -> Result<Self, PassengerMixError> {
        if adults == 0 {
            return Err(PassengerMixError::NoAdult);
        }
        if usize::from(adults) + child_ages.len() > Self::MAX_SEATS {
            return Err(PassengerMixError::TooMany);
        }
        if infants > adults {
            return Err(PassengerMixError::InfantWithoutAdult);
        }
        if child_ages.iter().any(|age| !(2..=11).contains(age)) {
            return Err(PassengerMixError::ChildAge);
        }
        child_ages.sort_unstable();
        Ok(Self { adults, child_ages, infants })
    }

    /// Number of adults.
    pub fn adults(&self) -> u8 {
        self.adults
    }

    /// Ages of the children, ascending.
    pub fn child_ages(&self) -> &[u8] {
        &self.child_ages
    }

    /// Number of infants.
    pub fn infants(&self) -> u8 {
        self.infants
    }

    /// Adults and children: those who have a seat.
    pub fn seats(&self) -> usize {
        usize::from(self.adults) + self.child_ages.len()
    }

    /// All travellers.
    pub fn count(&self) -> usize {
        self.seats() + usize::from(self.infants)
    }

    /// The travellers one by one; the position is the passenger's index everywhere.
    pub fn passengers(&self) -> Vec<Passenger> {
        let adults = (0..self.adults).map(|_| Passenger { kind: PassengerKind::Adult, age: None });
        let children = self.child_ages.iter().map(|&age| Passenger { kind: PassengerKind::Child, age: Some(age) });
        let infants = (0..self.infants).map(|_| Passenger { kind: PassengerKind::Infant, age: Some(1) });
        adults.chain(children).chain(infants).collect()
    }

    /// The part of the broad key: `2`, `2c7.9`, `2c7.9i1`.
    pub fn key(&self) -> String {
        let mut key = self.adults.to_string();
        if !self.child_ages.is_empty() {
            let ages: Vec<_> = self.child_ages.iter().map(u8::to_string).collect();
            key.push('c');
            key.push_str(&ages.join("."));
        }
        if self.infants > 0 {
            key.push('i');
            key.push_str(&self.infants.to_string());
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_people_make_the_same_key() {
        let one = PassengerMix::new(2, vec![9, 7], 1).unwrap();
        let other = PassengerMix::new(2, vec![7, 9], 1).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.key(), "2c7.9i1");
    }

    #[test]
    fn each_rule_is_named_when_broken() {
        assert_eq!(PassengerMix::new(0, vec![], 0), Err(PassengerMixError::NoAdult));
        assert_eq!(PassengerMix::new(9, vec![5], 0), Err(PassengerMixError::TooMany));
        assert_eq!(PassengerMix::new(1, vec![], 2), Err(PassengerMixError::InfantWithoutAdult));
        assert_eq!(PassengerMix::new(1, vec![12], 0), Err(PassengerMixError::ChildAge));
    }
}

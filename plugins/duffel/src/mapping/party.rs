//! Who travels: Duffel's passenger ids ↔ the contract's indexes.

use crate::wire::offer::OfferPassenger;
use interline_plugin_sdk::supplier::{Passenger, PassengerType};
use std::ops::Deref;

/// Duffel's ids, in the order of the request's passengers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    ids: Vec<String>,
}

impl Party {
    /// The offer's passengers, put into the order of those asked for. None where they are not the same party: such an
    /// offer's price is another party's.
    pub fn of<T: Deref<Target = str>>(asked: &[Passenger], offered: &[OfferPassenger<T>]) -> Option<Self> {
        if asked.len() != offered.len() {
            return None;
        }
        let in_order = asked.iter().zip(offered).all(|(a, o)| fits(a, o));
        if in_order {
            return Some(Self::as_offered(offered));
        }
        let mut left: Vec<&OfferPassenger<T>> = offered.iter().collect();
        let mut ids = Vec::with_capacity(asked.len());
        for passenger in asked {
            let same_age = left.iter().position(|o| fits(passenger, o) && o.age == passenger.age);
            let at = same_age.or_else(|| left.iter().position(|o| fits(passenger, o)))?;
            ids.push(left.remove(at).id.to_owned());
        }
        Some(Self { ids })
    }

    /// The offer's own order, for replies recorded for a request that is not at hand.
    pub fn as_offered<T: Deref<Target = str>>(offered: &[OfferPassenger<T>]) -> Self {
        Self { ids: offered.iter().map(|p| p.id.to_owned()).collect() }
    }

    /// From a token or an order.
    pub fn of_ids(ids: Vec<String>) -> Self {
        Self { ids }
    }

    /// The index of the passenger with this id; where the id is unknown or missing, of the one at this place.
    pub fn index(&self, id: Option<&str>, place: usize) -> Option<u8> {
        let known = id.and_then(|id| self.ids.iter().position(|known| known == id));
        let index = known.or((place < self.ids.len()).then_some(place))?;
        u8::try_from(index).ok()
    }

    /// Duffel's ids in the contract's order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }
}

fn fits<T: Deref<Target = str>>(asked: &Passenger, offered: &OfferPassenger<T>) -> bool {
    match (offered.kind.as_deref(), asked.kind) {
        (Some("adult"), PassengerType::Adult) | (Some("child"), PassengerType::Child) => true,
        (Some(kind), PassengerType::Infant) if kind.starts_with("infant") => true,
        // Asked for by age, and so maybe another type in Duffel's or the airline's eyes.
        (_, PassengerType::Child) => offered.age.is_some() && offered.age == asked.age,
        (None, PassengerType::Infant) => offered.age.is_some_and(|age| age < 2),
        (None, PassengerType::Adult) => offered.age.is_none_or(|age| age >= 12),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: PassengerType, age: Option<u8>) -> Passenger {
        Passenger { kind, age }
    }

    fn offered(id: &str, kind: Option<&str>, age: Option<u8>) -> OfferPassenger {
        OfferPassenger { id: id.to_owned(), kind: kind.map(str::to_owned), age }
    }

    #[test]
    fn a_party_in_another_order_is_put_right() {
        let wanted = [
            asked(PassengerType::Adult, None),
            asked(PassengerType::Child, Some(9)),
            asked(PassengerType::Child, Some(4)),
            asked(PassengerType::Infant, Some(1)),
        ];
        let reply = [
            offered("lap", Some("infant_without_seat"), None),
            offered("four", None, Some(4)),
            offered("nine", Some("child"), Some(9)),
            offered("adult", Some("adult"), None),
        ];
        let party = Party::of(&wanted, &reply).expect("the same party");
        assert_eq!(party.ids(), ["adult", "nine", "four", "lap"]);
        assert_eq!(party.index(Some("four"), 0), Some(2));
        assert_eq!(party.index(Some("passenger_0"), 1), Some(1));
        assert_eq!(party.index(None, 9), None);
    }

    #[test]
    fn another_party_is_no_answer() {
        let wanted = [asked(PassengerType::Adult, None), asked(PassengerType::Child, Some(9))];
        assert_eq!(Party::of(&wanted, &[offered("a", Some("adult"), None)]), None);
        let two_adults = [offered("a", Some("adult"), None), offered("b", Some("adult"), None)];
        assert_eq!(Party::of(&wanted, &two_adults), None);
    }
}

//! What suppliers state on baggage.

use super::KINDS;
use crate::priced::{BaggageAllowance, BaggageSource};
use interline_domain::offer::BagKind;
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_domain::table::Bag;

/// What a supplier states on offers that fly so many segments.
#[derive(Debug)]
pub struct Stated {
    /// One for each passenger, segment and kind at most: the first that was stated.
    pub allowances: Vec<BaggageAllowance>,
    /// For each segment, a bit for each of the kinds of whom not all is stated.
    pub open: Vec<u8>,
}

impl Stated {
    /// Of these bags; those of nobody, or on no segment, are passed over.
    pub fn of(bags: &[Bag], flown: u32, passengers: &[Passenger], kinds: &[PassengerKind]) -> Self {
        let mut allowances: Vec<BaggageAllowance> = Vec::new();
        for bag in bags.iter().filter(|bag| usize::from(bag.passenger) < passengers.len()) {
            let position = u32::from(bag.position);
            if position < flown && !covers(&allowances, bag.passenger, position, bag.kind) {
                allowances.push(by_supplier(bag));
            }
        }
        let open = |position: u32| {
            let is_open = |kind: PassengerKind| !is_all_stated(passengers, &allowances, position, kind);
            kinds.iter().enumerate().fold(0, |open, (at, &kind)| open | u8::from(is_open(kind)) << at)
        };
        Self { open: (0..flown).map(open).collect(), allowances }
    }
}

/// Whether there is an allowance of a kind for a passenger on a segment.
pub fn covers(allowances: &[BaggageAllowance], passenger: u8, position: u32, kind: BagKind) -> bool {
    allowances.iter().any(|one| one.passenger == passenger && one.position == position && one.kind == kind)
}

fn is_all_stated(passengers: &[Passenger], stated: &[BaggageAllowance], position: u32, kind: PassengerKind) -> bool {
    let mut numbered = (0_u8..).zip(passengers).filter(|(_, passenger)| passenger.kind == kind);
    numbered.all(|(passenger, _)| KINDS.iter().all(|kind| covers(stated, passenger, position, *kind)))
}

fn by_supplier(bag: &Bag) -> BaggageAllowance {
    let Bag { passenger, position, kind, pieces, weight_kg } = *bag;
    let position = u32::from(position);
    BaggageAllowance { passenger, position, kind, pieces, weight_kg, source: BaggageSource::Supplier }
}

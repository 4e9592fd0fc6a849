//! Lists of allowances as frontends see them, each described once: a supplier sells hundreds of offers with a handful of them.

use super::BaggageView;
use crate::superset::count;
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use interline_domain::offer::BagKind;
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_domain::table::{OfferTable, Row};
use interline_pricing::BaggageAllowance;
use std::sync::Arc;

/// An allowance by where in the offer it holds, whatever is flown there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Placed {
    position: u8,
    passenger: u8,
    kind: BagKind,
    pieces: Option<u8>,
    weight_kg: Option<u16>,
}

/// What tells one list from another: the allowances, and how many segments the offer flies.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Told {
    placed: Vec<Placed>,
    flown: u8,
}

/// Lists in the making.
pub struct Allowances<'a> {
    passengers: &'a [Passenger],
    priced: &'a [Arc<[BaggageAllowance]>],
    /// Of each priced list, the one that is shown for it.
    shown: Vec<Option<u32>>,
    /// With whether everyone with a seat has a bag.
    lists: IndexMap<Told, bool, RandomState>,
}

impl<'a> Allowances<'a> {
    pub fn new(passengers: &'a [Passenger], priced: &'a [Arc<[BaggageAllowance]>]) -> Self {
        Self { passengers, priced, shown: vec![None; priced.len()], lists: IndexMap::default() }
    }

    /// The number of the list that is shown for a priced one, which belongs to this row; and whether a bag is included.
    pub fn list(&mut self, table: &OfferTable, row: &Row, priced: u32) -> (u32, bool) {
        let before = self.shown.get(priced as usize).copied().flatten();
        let list = before.unwrap_or_else(|| {
            let told = Told::of(table, row, self.priced.get(priced as usize).map_or(&[], |list| list));
            let entry = self.lists.entry(told);
            let list = count(entry.index());
            entry.or_insert_with_key(|told| told.includes_bags(self.passengers));
            if let Some(shown) = self.shown.get_mut(priced as usize) {
                *shown = Some(list);
            }
            list
        });
        (list, self.lists.get_index(list as usize).is_some_and(|(_, included)| *included))
    }

    /// All lists, described.
    pub fn into_lists(self) -> Vec<Arc<[BaggageView]>> {
        self.lists.keys().map(|told| told.describe().into()).collect()
    }
}

impl Told {
    fn of(table: &OfferTable, row: &Row, allowances: &[BaggageAllowance]) -> Self {
        let number = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let placed = |allowance: &BaggageAllowance| {
            let BaggageAllowance { passenger, position, kind, pieces, weight_kg, .. } = *allowance;
            Placed { position: number(position as usize), passenger, kind, pieces, weight_kg }
        };
        Self { placed: allowances.iter().map(placed).collect(), flown: number(table.flown(row.itinerary).count()) }
    }

    /// Everyone with a seat has a checked bag, by piece or by weight, on every flight.
    fn includes_bags(&self, passengers: &[Passenger]) -> bool {
        let has_bag = |at: u8, index: usize| {
            self.placed.iter().any(|placed| {
                let has_bag = match placed.pieces {
                    Some(pieces) => pieces > 0,
                    None => placed.weight_kg.is_some_and(|weight| weight > 0),
                };
                usize::from(placed.passenger) == index
                    && placed.position == at
                    && placed.kind == BagKind::Checked
                    && has_bag
            })
        };
        let mut seated = passengers.iter().enumerate().filter(|(_, passenger)| passenger.kind != PassengerKind::Infant);
        seated.all(|(index, _)| (0..self.flown).all(|at| has_bag(at, index)))
    }

    /// Equal allowances together, in order of kind, pieces and weight.
    fn describe(&self) -> Vec<BaggageView> {
        let mut all: Vec<BaggageView> = Vec::new();
        // Equal allowances of one passenger first, then passengers with equal segments: a product is never over-told.
        for placed in &self.placed {
            let same = |view: &&mut BaggageView| {
                view.kind == placed.kind
                    && view.pieces == placed.pieces
                    && view.weight_kg == placed.weight_kg
                    && view.passengers == [placed.passenger]
            };
            match all.iter_mut().find(same) {
                Some(view) => view.segments.push(placed.position),
                None => all.push(BaggageView {
                    kind: placed.kind,
                    pieces: placed.pieces,
                    weight_kg: placed.weight_kg,
                    passengers: vec![placed.passenger],
                    segments: vec![placed.position],
                }),
            }
        }
        let mut merged: Vec<BaggageView> = Vec::new();
        for mut view in all {
            view.segments.sort_unstable();
            view.segments.dedup();
            let same = |other: &&mut BaggageView| {
                other.kind == view.kind
                    && other.pieces == view.pieces
                    && other.weight_kg == view.weight_kg
                    && other.segments == view.segments
            };
            match merged.iter_mut().find(same) {
                Some(other) => other.passengers.extend(view.passengers),
                None => merged.push(view),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{direct, reply};
    use interline_domain::offer::Offer;
    use interline_domain::passengers::PassengerMix;
    use interline_pricing::BaggageSource;

    /// Out on two flights and back on one; a party of two adults, a child and an infant on a lap.
    fn table() -> OfferTable {
        let mut reply = reply(&[direct("GA", 874, 8, 100), direct("GA", 875, 12, 100), direct("GA", 876, 20, 100)]);
        let slice = |segments: &[usize]| {
            let mut slice = reply.offers[segments[0]].slices[0].clone();
            slice.segments = segments.iter().map(|&at| reply.offers[at].slices[0].segments[0].clone()).collect();
            slice
        };
        let offer = |slices| Offer { slices, baggage: vec![], ..reply.offers[0].clone() };
        reply.offers = vec![offer(vec![slice(&[0, 1]), slice(&[2])]), offer(vec![slice(&[1, 0]), slice(&[2])])];
        reply.into()
    }

    fn allowance(passenger: u8, position: u32, kind: BagKind, pieces: Option<u8>, kg: Option<u16>) -> BaggageAllowance {
        BaggageAllowance { passenger, position, kind, pieces, weight_kg: kg, source: BaggageSource::Supplier }
    }

    /// What each list is shown as, and whether it includes bags; and what is shown.
    type Shown = (Vec<(u32, bool)>, Vec<Arc<[BaggageView]>>);

    fn told(lists: &[Vec<BaggageAllowance>]) -> Shown {
        let passengers = PassengerMix::new(2, vec![7], 1).unwrap().passengers();
        let priced: Vec<Arc<[BaggageAllowance]>> = lists.iter().cloned().map(Into::into).collect();
        let (table, mut allowances) = (table(), Allowances::new(&passengers, &priced));
        let numbers = (0..).zip(table.rows().iter().cycle()).take(lists.len());
        let numbers = numbers.map(|(at, row)| allowances.list(&table, row, at)).collect();
        (numbers, allowances.into_lists())
    }

    #[test]
    fn allowances_alike_are_told_together_and_never_for_more() {
        let checked = |passenger, segment| allowance(passenger, segment, BagKind::Checked, Some(1), Some(23));
        // On all flights for the adults, on the way out alone for the child.
        let mut list: Vec<_> = [0, 1].iter().flat_map(|&who| [0, 1, 2].map(|at| checked(who, at))).collect();
        list.extend([checked(2, 0), checked(2, 1), allowance(3, 2, BagKind::CarryOn, None, Some(7))]);
        let (numbers, lists) = told(&[list]);
        let view = |kind, pieces, weight_kg, passengers: &[u8], segments: &[u8]| BaggageView {
            kind,
            pieces,
            weight_kg,
            passengers: passengers.to_vec(),
            segments: segments.to_vec(),
        };
        let expected = [
            view(BagKind::Checked, Some(1), Some(23), &[0, 1], &[0, 1, 2]),
            view(BagKind::Checked, Some(1), Some(23), &[2], &[0, 1]),
            view(BagKind::CarryOn, None, Some(7), &[3], &[2]),
        ];
        assert_eq!(*lists[0], expected);
        assert_eq!(numbers, [(0, false)], "the child has no bag on the way back");
    }

    #[test]
    fn everyone_with_a_seat_has_a_bag_or_it_is_not_included() {
        let bags = |pieces, kg| -> Vec<BaggageAllowance> {
            let seated = [0, 1, 2].iter();
            seated.flat_map(|&who| [0, 1, 2].map(|at| allowance(who, at, BagKind::Checked, pieces, kg))).collect()
        };
        let carry_on = |mut list: Vec<BaggageAllowance>| {
            list[4].kind = BagKind::CarryOn;
            list
        };
        let lists =
            [bags(Some(1), None), bags(None, Some(30)), bags(Some(0), Some(23)), carry_on(bags(Some(1), None)), vec![]];
        let (numbers, _) = told(&lists);
        let included: Vec<bool> = numbers.iter().map(|list| list.1).collect();
        assert_eq!(included, [true, true, false, false, false]);
    }

    #[test]
    fn priced_lists_that_say_the_same_are_shown_as_one() {
        let list = |position, source| {
            vec![BaggageAllowance { source, ..allowance(0, position, BagKind::Checked, Some(1), None) }]
        };
        let by_rule = BaggageSource::Rule { rule_set: "baggage".into(), rule: "economy".into() };
        let (numbers, lists) =
            told(&[list(0, BaggageSource::Supplier), list(0, by_rule), list(1, BaggageSource::Supplier)]);
        assert_eq!(numbers, [(0, false), (0, false), (1, false)]);
        assert_eq!((&*lists[0][0].segments, &*lists[1][0].segments), (&[0][..], &[1][..]));
    }
}

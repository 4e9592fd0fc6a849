//! Baggage: what the supplier stated, and the rules where it did not.

use crate::circumstances::{self, SegmentFacts, Stop};
use crate::columns;
use crate::error::{PricingError, RuleSetKind};
use crate::names::Names;
use crate::priced::{BaggageAllowance, BaggageSource};
use crate::sheet::{Sheet, pack};
use interline_domain::offer::{BagKind, Baggage, Offer, OfferSegment, OfferSlice};
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_runtime::Allowance;

const KINDS: [BagKind; 2] = [BagKind::Checked, BagKind::CarryOn];
/// More pieces than this on one ticket are a mistake.
const MOST_PIECES: u8 = 10;
/// More kilogram than this are a mistake.
const MOST_KG: u16 = 100;

/// Whose allowance a row of the facts asks for.
struct Asked {
    offer: usize,
    segment: u32,
    kind: PassengerKind,
}

/// Allowances of all offers of a call, while they are put together.
pub struct BaggageFacts<'a> {
    passengers: &'a [Passenger],
    sheet: Sheet<13, 1>,
    asked: Vec<Asked>,
    allowances: Vec<Vec<BaggageAllowance>>,
}

impl<'a> BaggageFacts<'a> {
    /// For these passengers; no offers yet.
    pub fn new(passengers: &'a [Passenger]) -> Self {
        let codes = [
            columns::VALIDATING_CARRIER,
            columns::MARKETING_CARRIER,
            columns::OPERATING_CARRIER,
            columns::ORIGIN,
            columns::DESTINATION,
            columns::ORIGIN_COUNTRY,
            columns::DESTINATION_COUNTRY,
            columns::ORIGIN_REGION,
            columns::DESTINATION_REGION,
            columns::ROUTE,
            columns::CABIN,
            columns::BRAND,
            columns::PASSENGER,
        ];
        Self { passengers, sheet: Sheet::new(codes, [columns::DEPARTS_AT]), asked: Vec::new(), allowances: Vec::new() }
    }

    /// Adds an offer: keeps what its supplier stated, and asks for what it did not.
    pub fn push(&mut self, offer: &Offer, segments: &[SegmentFacts]) {
        let at = self.allowances.len();
        let stated = self.stated(offer);
        let kinds = [PassengerKind::Adult, PassengerKind::Child, PassengerKind::Infant];
        let kinds = kinds.into_iter().filter(|kind| self.passengers.iter().any(|passenger| passenger.kind == *kind));
        let kinds: Vec<_> = kinds.collect();
        for slice in &offer.slices {
            for segment in &slice.segments {
                let Some(facts) = segments.get(segment.segment as usize) else { continue };
                for kind in &kinds {
                    if !is_all_stated(self.passengers, &stated, segment.segment, *kind) {
                        self.ask(offer, slice, segment, facts, segments, *kind);
                        self.asked.push(Asked { offer: at, segment: segment.segment, kind: *kind });
                    }
                }
            }
        }
        self.allowances.push(stated);
    }

    fn stated(&self, offer: &Offer) -> Vec<BaggageAllowance> {
        let mut stated: Vec<BaggageAllowance> = Vec::with_capacity(offer.baggage.len());
        let flown = |segment| offer.slices.iter().flat_map(|slice| &slice.segments).any(|at| at.segment == segment);
        let theirs = offer.baggage.iter().filter(|bag| usize::from(bag.passenger) < self.passengers.len());
        for bag in theirs.filter(|bag| flown(bag.segment)) {
            if !covers(&stated, bag.passenger, bag.segment, bag.kind) {
                stated.push(by_supplier(bag));
            }
        }
        stated
    }

    fn ask(
        &mut self,
        offer: &Offer,
        slice: &OfferSlice,
        segment: &OfferSegment,
        facts: &SegmentFacts,
        segments: &[SegmentFacts],
        kind: PassengerKind,
    ) {
        // An allowance holds for the slice, from its first airport to its last.
        let ends = slice.segments.first().zip(slice.segments.last());
        let ends = ends.and_then(|(first, last)| {
            Some((segments.get(first.segment as usize)?.origin, segments.get(last.segment as usize)?.destination))
        });
        let (from, to): (Stop, Stop) = ends.unwrap_or_default();
        self.sheet.push(
            [
                pack(&offer.owner),
                facts.marketing,
                facts.operating,
                from.airport,
                to.airport,
                from.country,
                to.country,
                from.region,
                to.region,
                circumstances::route(from, to),
                circumstances::cabin(segment.cabin),
                circumstances::brand(slice.fare_brand.as_deref()),
                circumstances::passenger(kind),
            ],
            [facts.departs_at],
        );
    }

    /// Whether there is anything to ask.
    pub fn is_complete(&self) -> bool {
        self.sheet.rows() == 0
    }

    /// The facts, and what remains to be completed.
    pub fn split(self) -> (Sheet<13, 1>, Unanswered<'a>) {
        (self.sheet, Unanswered { passengers: self.passengers, asked: self.asked, allowances: self.allowances })
    }
}

/// Allowances that wait for the rules.
pub struct Unanswered<'a> {
    passengers: &'a [Passenger],
    asked: Vec<Asked>,
    allowances: Vec<Vec<BaggageAllowance>>,
}

impl Unanswered<'_> {
    /// Checks the rules' answer: rows in range and order, known rules, sane bags.
    pub fn check(&self, names: &Names, answer: &[Allowance]) -> Result<(), PricingError> {
        let bad = |reason: String| Err(PricingError::BadAnswer { kind: RuleSetKind::Baggage, reason });
        if !answer.is_sorted_by(|one, next| one.row < next.row) {
            return bad("the allowances are not ordered by row, one each".to_owned());
        }
        for allowance in answer {
            if allowance.row as usize >= self.asked.len() {
                return bad(format!("an allowance for row {} of {}", allowance.row, self.asked.len()));
            }
            if names.rule(allowance.rule).is_none() {
                return bad(format!("rule {} is none that it describes", allowance.rule));
            }
            let pieces = allowance.checked_pieces.max(allowance.carry_on_pieces);
            if pieces > MOST_PIECES || allowance.checked_kg.max(allowance.carry_on_kg) > MOST_KG {
                return bad(format!("rule {} gives {pieces} pieces or more than {MOST_KG} kg", allowance.rule));
            }
        }
        Ok(())
    }

    /// Fills in what the rules tell; the supplier's word stays. `answer` has been checked.
    pub fn fill(&mut self, names: &Names, answer: &[Allowance]) {
        for given in answer {
            let Some((asked, rule)) = self.asked.get(given.row as usize).zip(names.rule(given.rule)) else { continue };
            let Some(allowances) = self.allowances.get_mut(asked.offer) else { continue };
            let numbered = (0_u8..).zip(self.passengers).filter(|(_, passenger)| passenger.kind == asked.kind);
            for (passenger, _) in numbered {
                for kind in KINDS {
                    if covers(allowances, passenger, asked.segment, kind) {
                        continue;
                    }
                    let (pieces, kg) = match kind {
                        BagKind::Checked => (given.checked_pieces, given.checked_kg),
                        BagKind::CarryOn => (given.carry_on_pieces, given.carry_on_kg),
                    };
                    let source = BaggageSource::Rule { rule_set: names.rule_set(), rule: rule.clone() };
                    allowances.push(BaggageAllowance {
                        passenger,
                        segment: asked.segment,
                        kind,
                        pieces: (pieces > 0 || kg == 0).then_some(pieces),
                        weight_kg: (kg > 0).then_some(kg),
                        source,
                    });
                }
            }
        }
    }

    /// Allowances by offer, in the order of the offers; each ordered by segment, passenger and kind.
    pub fn finish(mut self) -> Vec<Vec<BaggageAllowance>> {
        for allowances in &mut self.allowances {
            allowances.sort_by_key(|one| (one.segment, one.passenger, one.kind == BagKind::CarryOn));
        }
        self.allowances
    }
}

fn covers(allowances: &[BaggageAllowance], passenger: u8, segment: u32, kind: BagKind) -> bool {
    allowances.iter().any(|one| one.passenger == passenger && one.segment == segment && one.kind == kind)
}

fn is_all_stated(passengers: &[Passenger], stated: &[BaggageAllowance], segment: u32, kind: PassengerKind) -> bool {
    let mut numbered = (0_u8..).zip(passengers).filter(|(_, passenger)| passenger.kind == kind);
    numbered.all(|(passenger, _)| KINDS.iter().all(|kind| covers(stated, passenger, segment, *kind)))
}

fn by_supplier(bag: &Baggage) -> BaggageAllowance {
    BaggageAllowance {
        passenger: bag.passenger,
        segment: bag.segment,
        kind: bag.kind,
        pieces: bag.pieces,
        weight_kg: bag.weight_kg,
        source: BaggageSource::Supplier,
    }
}

//! Baggage: what the supplier stated, and the rules where it did not.

use crate::circumstances;
use crate::columns;
use crate::error::{PricingError, RuleSetKind};
use crate::names::Names;
use crate::priced::{BaggageAllowance, BaggageSource};
use crate::sheet::Sheet;
use crate::told::Told;
use foldhash::fast::RandomState;
use interline_domain::offer::BagKind;
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_domain::table::{Bag, Row};
use interline_runtime::Allowance;
use std::collections::HashMap;
use std::sync::Arc;

const KINDS: [BagKind; 2] = [BagKind::Checked, BagKind::CarryOn];
/// More pieces than this on one ticket are a mistake.
const MOST_PIECES: u8 = 10;
/// More kilogram than this are a mistake.
const MOST_KG: u16 = 100;

/// Whose allowances a row of the facts tells.
#[derive(Debug, Clone, Copy)]
struct Asked {
    row: u32,
    segment: u32,
    kind: PassengerKind,
}

/// Offers with the same flights, carrier, fare families and statements: their baggage is one.
#[derive(Debug, Default)]
struct Product {
    allowances: Vec<BaggageAllowance>,
    asked: Vec<Asked>,
}

/// Allowances of all offers of a call, while they are put together.
pub struct BaggageFacts<'a> {
    passengers: &'a [Passenger],
    kinds: Vec<PassengerKind>,
    sheet: Sheet<13, 1>,
    /// Rows of the facts that are there already.
    rows: HashMap<([u32; 13], i64), u32, RandomState>,
    products: Vec<Product>,
    /// Products of the present reply, by what makes them one.
    known: HashMap<[u32; 4], u32, RandomState>,
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
        let kinds = [PassengerKind::Adult, PassengerKind::Child, PassengerKind::Infant];
        let kinds = kinds.into_iter().filter(|kind| passengers.iter().any(|passenger| passenger.kind == *kind));
        Self {
            passengers,
            kinds: kinds.collect(),
            sheet: Sheet::new(codes, [columns::DEPARTS_AT], 0),
            rows: HashMap::default(),
            products: Vec::new(),
            known: HashMap::default(),
        }
    }

    /// Offers that come now are another reply's.
    pub fn next_reply(&mut self) {
        self.known.clear();
    }

    /// Adds an offer: keeps what its supplier stated, and asks for what it did not. Answers the number of its list.
    pub fn push(&mut self, told: &Told<'_>, row: &Row) -> u32 {
        let next = u32::try_from(self.products.len()).unwrap_or(u32::MAX);
        let product = *self.known.entry([row.itinerary, row.owner, row.brands, row.baggage]).or_insert(next);
        if product == next {
            let made = self.product(told, row);
            self.products.push(made);
        }
        product
    }

    fn product(&mut self, told: &Told<'_>, row: &Row) -> Product {
        let mut product = Product { allowances: self.stated(told, row), asked: Vec::new() };
        for (&slice, &brand) in told.table.itinerary(row.itinerary).iter().zip(told.brands(row)) {
            // An allowance holds for the slice, from its first airport to its last.
            let (from, to) = told.ends(slice);
            for flown in told.table.slice(slice) {
                let facts = told.segment(flown.segment);
                for at in 0..self.kinds.len() {
                    let kind = self.kinds[at];
                    if is_all_stated(self.passengers, &product.allowances, flown.segment, kind) {
                        continue;
                    }
                    let codes = [
                        told.owner(row),
                        facts.marketing,
                        facts.operating,
                        from.airport,
                        to.airport,
                        from.country,
                        to.country,
                        from.region,
                        to.region,
                        circumstances::route(from, to),
                        circumstances::cabin(flown.cabin),
                        brand,
                        circumstances::passenger(kind),
                    ];
                    let row = self.row(codes, facts.departs_at);
                    product.asked.push(Asked { row, segment: flown.segment, kind });
                }
            }
        }
        product
    }

    fn stated(&self, told: &Told<'_>, row: &Row) -> Vec<BaggageAllowance> {
        let flown: Vec<u32> = told.table.flown(row.itinerary).map(|flown| flown.segment).collect();
        let mut stated: Vec<BaggageAllowance> = Vec::new();
        for bag in told.table.baggage(row).iter().filter(|bag| usize::from(bag.passenger) < self.passengers.len()) {
            let Some(&segment) = flown.get(usize::from(bag.position)) else { continue };
            if !covers(&stated, bag.passenger, segment, bag.kind) {
                stated.push(by_supplier(bag, segment));
            }
        }
        stated
    }

    /// The row of these facts: what is asked alike is asked once.
    fn row(&mut self, codes: [u32; 13], departs_at: i64) -> u32 {
        let next = self.sheet.rows();
        let row = *self.rows.entry((codes, departs_at)).or_insert(next);
        if row == next {
            self.sheet.push(codes, [departs_at]);
        }
        row
    }

    /// Whether there is anything to ask.
    pub fn is_complete(&self) -> bool {
        self.sheet.rows() == 0
    }

    /// The facts, and what remains to be completed.
    pub fn split(self) -> (Sheet<13, 1>, Unanswered<'a>) {
        let rows = self.sheet.rows();
        (self.sheet, Unanswered { passengers: self.passengers, rows, products: self.products })
    }
}

/// Allowances that wait for the rules.
pub struct Unanswered<'a> {
    passengers: &'a [Passenger],
    rows: u32,
    products: Vec<Product>,
}

impl Unanswered<'_> {
    /// Checks the rules' answer: rows in range and order, known rules, sane bags.
    pub fn check(&self, names: &Names, answer: &[Allowance]) -> Result<(), PricingError> {
        let bad = |reason: String| Err(PricingError::BadAnswer { kind: RuleSetKind::Baggage, reason });
        if !answer.is_sorted_by(|one, next| one.row < next.row) {
            return bad("the allowances are not ordered by row, one each".to_owned());
        }
        for allowance in answer {
            if allowance.row >= self.rows {
                return bad(format!("an allowance for row {} of {}", allowance.row, self.rows));
            }
            if !names.has(allowance.rule) {
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
        for Product { allowances, asked } in &mut self.products {
            for asked in asked.iter() {
                let given = answer.binary_search_by_key(&asked.row, |given| given.row);
                let given = given.ok().and_then(|at| answer.get(at));
                let Some((given, rule)) = given.and_then(|given| Some((given, names.rule(given.rule)?))) else {
                    continue;
                };
                let source = BaggageSource::Rule { rule_set: names.rule_set(), rule };
                let numbered = (0_u8..).zip(self.passengers).filter(|(_, passenger)| passenger.kind == asked.kind);
                for (passenger, _) in numbered {
                    for kind in KINDS {
                        if !covers(allowances, passenger, asked.segment, kind) {
                            allowances.push(by_rule(given, passenger, asked.segment, kind, source.clone()));
                        }
                    }
                }
            }
        }
    }

    /// Allowances by their numbers; each list ordered by segment, passenger and kind.
    pub fn finish(self) -> Vec<Arc<[BaggageAllowance]>> {
        let list = |mut product: Product| -> Arc<[BaggageAllowance]> {
            product.allowances.sort_by_key(|one| (one.segment, one.passenger, one.kind == BagKind::CarryOn));
            product.allowances.into()
        };
        self.products.into_iter().map(list).collect()
    }
}

fn covers(allowances: &[BaggageAllowance], passenger: u8, segment: u32, kind: BagKind) -> bool {
    allowances.iter().any(|one| one.passenger == passenger && one.segment == segment && one.kind == kind)
}

fn is_all_stated(passengers: &[Passenger], stated: &[BaggageAllowance], segment: u32, kind: PassengerKind) -> bool {
    let mut numbered = (0_u8..).zip(passengers).filter(|(_, passenger)| passenger.kind == kind);
    numbered.all(|(passenger, _)| KINDS.iter().all(|kind| covers(stated, passenger, segment, *kind)))
}

fn by_supplier(bag: &Bag, segment: u32) -> BaggageAllowance {
    let Bag { passenger, kind, pieces, weight_kg, .. } = *bag;
    BaggageAllowance { passenger, segment, kind, pieces, weight_kg, source: BaggageSource::Supplier }
}

fn by_rule(given: &Allowance, passenger: u8, segment: u32, kind: BagKind, source: BaggageSource) -> BaggageAllowance {
    let (pieces, kg) = match kind {
        BagKind::Checked => (given.checked_pieces, given.checked_kg),
        BagKind::CarryOn => (given.carry_on_pieces, given.carry_on_kg),
    };
    let pieces = (pieces > 0 || kg == 0).then_some(pieces);
    BaggageAllowance { passenger, segment, kind, pieces, weight_kg: (kg > 0).then_some(kg), source }
}

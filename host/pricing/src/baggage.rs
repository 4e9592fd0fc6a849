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
use std::ops::Range;
use std::sync::Arc;

const KINDS: [BagKind; 2] = [BagKind::Checked, BagKind::CarryOn];
/// More pieces than this on one ticket are a mistake.
const MOST_PIECES: u8 = 10;
/// More kilogram than this are a mistake.
const MOST_KG: u16 = 100;
/// Of a row of the facts that the rules say nothing of.
const NO_ANSWER: u32 = u32::MAX;

/// Whose allowances a row of the facts tells.
#[derive(Debug, Clone, Copy)]
struct Asked {
    row: u32,
    position: u32,
    kind: PassengerKind,
}

/// What a supplier states on offers that fly so many segments.
#[derive(Debug)]
struct Stated {
    allowances: Vec<BaggageAllowance>,
    /// For each segment, a bit for each of the kinds of whom not all is stated.
    open: Vec<u8>,
}

/// Offers with the same flights, carrier, fare families and statements: their baggage is one.
#[derive(Debug)]
struct Product {
    /// Of the statements.
    stated: u32,
    /// Of what is asked.
    asked: Range<usize>,
}

/// Allowances of all offers of a call, while they are put together.
pub struct BaggageFacts<'a> {
    passengers: &'a [Passenger],
    kinds: Vec<PassengerKind>,
    sheet: Sheet<13, 1>,
    /// Rows of the facts that are there already.
    rows: HashMap<([u32; 13], i64), u32, RandomState>,
    statements: Vec<Stated>,
    asked: Vec<Asked>,
    products: Vec<Product>,
    /// Products of the present reply, by what makes them one.
    known: HashMap<[u32; 4], u32, RandomState>,
    /// Statements of the present reply, by their place there and the number of segments.
    known_statements: HashMap<[u32; 2], u32, RandomState>,
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
            statements: Vec::new(),
            asked: Vec::new(),
            products: Vec::new(),
            known: HashMap::default(),
            known_statements: HashMap::default(),
        }
    }

    /// Offers that come now are another reply's, which has so many.
    pub fn next_reply(&mut self, offers: usize) {
        self.rows.reserve(offers);
        self.known.clear();
        self.known.reserve(offers);
        self.known_statements.clear();
    }

    /// Adds an offer: keeps what its supplier stated, and asks for what it did not. Answers the number of its product.
    pub fn push(&mut self, told: &Told<'_>, row: &Row) -> u32 {
        let next = number(self.products.len());
        let product = *self.known.entry([row.itinerary, row.owner, row.brands, row.baggage]).or_insert(next);
        if product == next {
            let made = self.product(told, row);
            self.products.push(made);
        }
        product
    }

    fn product(&mut self, told: &Told<'_>, row: &Row) -> Product {
        let (stated, start, mut position) = (self.stated(told, row), self.asked.len(), 0);
        for (&slice, &brand) in told.table.itinerary(row.itinerary).iter().zip(told.brands(row)) {
            // An allowance holds for the slice, from its first airport to its last.
            let (from, to) = told.ends(slice);
            for flown in told.table.slice(slice) {
                let open = self.statements[stated as usize].open.get(position as usize).copied().unwrap_or(0);
                let facts = told.segment(flown.segment);
                for at in (0..self.kinds.len()).filter(|at| open & (1 << at) != 0) {
                    let kind = self.kinds[at];
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
                    self.asked.push(Asked { row, position, kind });
                }
                position += 1;
            }
        }
        Product { stated, asked: start..self.asked.len() }
    }

    /// The place of what is stated on an offer.
    fn stated(&mut self, told: &Told<'_>, row: &Row) -> u32 {
        let flown = number(told.table.flown(row.itinerary).count());
        let next = number(self.statements.len());
        let stated = *self.known_statements.entry([row.baggage, flown]).or_insert(next);
        if stated == next {
            let made = Stated::of(told.table.baggage(row), flown, self.passengers, &self.kinds);
            self.statements.push(made);
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
        let Self { passengers, statements, asked, products, .. } = self;
        (self.sheet, Unanswered { passengers, rows, statements, asked, products })
    }
}

impl Stated {
    fn of(bags: &[Bag], flown: u32, passengers: &[Passenger], kinds: &[PassengerKind]) -> Self {
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

/// Allowances that wait for the rules.
pub struct Unanswered<'a> {
    passengers: &'a [Passenger],
    rows: u32,
    statements: Vec<Stated>,
    asked: Vec<Asked>,
    products: Vec<Product>,
}

/// Different lists of allowances, and each product's place among them. Offers of one list fly as many segments.
pub struct AllowanceLists {
    pub lists: Vec<Arc<[BaggageAllowance]>>,
    pub of_product: Vec<u32>,
}

/// Different answers of the rules, and which of them each row of the facts has.
#[derive(Default)]
struct Answers {
    given: Vec<(Allowance, BaggageSource)>,
    of_row: HashMap<u32, u32, RandomState>,
}

impl Answers {
    fn of(names: &Names, answer: &[Allowance]) -> Self {
        let mut answers = Self::default();
        let mut known: HashMap<_, u32, RandomState> = HashMap::default();
        for one in answer {
            let Some(rule) = names.rule(one.rule) else { continue };
            let what = (one.rule, one.checked_pieces, one.checked_kg, one.carry_on_pieces, one.carry_on_kg);
            let next = number(answers.given.len());
            let given = *known.entry(what).or_insert(next);
            if given == next {
                answers.given.push((*one, BaggageSource::Rule { rule_set: names.rule_set(), rule }));
            }
            answers.of_row.insert(one.row, given);
        }
        answers
    }

    /// The number of a row's answer; [`NO_ANSWER`]: the rules have none.
    fn number(&self, asked: &Asked) -> u32 {
        self.of_row.get(&asked.row).copied().unwrap_or(NO_ANSWER)
    }
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
    pub fn answered(self, names: &Names, answer: &[Allowance]) -> AllowanceLists {
        self.complete(&Answers::of(names, answer))
    }

    /// What suppliers stated alone.
    pub fn unanswered(self) -> AllowanceLists {
        self.complete(&Answers::default())
    }

    fn complete(self, answers: &Answers) -> AllowanceLists {
        let mut known: HashMap<Vec<u32>, u32, RandomState> = HashMap::default();
        let (mut lists, mut of_product) = (Vec::new(), Vec::with_capacity(self.products.len()));
        // What makes a list: the statements, which tell what is asked, and the answers in the order of asking.
        let mut made_of = Vec::new();
        for product in &self.products {
            let asked = self.asked.get(product.asked.clone()).unwrap_or_default();
            made_of.clear();
            made_of.push(product.stated);
            made_of.extend(asked.iter().map(|asked| answers.number(asked)));
            of_product.push(known.get(&made_of[..]).copied().unwrap_or_else(|| {
                lists.push(self.list(product, asked, answers));
                let list = number(lists.len() - 1);
                known.insert(made_of.clone(), list);
                list
            }));
        }
        AllowanceLists { lists, of_product }
    }

    /// Ordered by segment, passenger and kind.
    fn list(&self, product: &Product, asked: &[Asked], answers: &Answers) -> Arc<[BaggageAllowance]> {
        let stated = self.statements.get(product.stated as usize);
        let mut list = stated.map_or_else(Vec::new, |stated| stated.allowances.clone());
        for asked in asked {
            let Some((given, source)) = answers.given.get(answers.number(asked) as usize) else { continue };
            let numbered = (0_u8..).zip(self.passengers).filter(|(_, passenger)| passenger.kind == asked.kind);
            for (passenger, _) in numbered {
                for kind in KINDS {
                    if !covers(&list, passenger, asked.position, kind) {
                        list.push(by_rule(given, passenger, asked.position, kind, source.clone()));
                    }
                }
            }
        }
        list.sort_by_key(|one| (one.position, one.passenger, one.kind == BagKind::CarryOn));
        list.into()
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn covers(allowances: &[BaggageAllowance], passenger: u8, position: u32, kind: BagKind) -> bool {
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

fn by_rule(given: &Allowance, passenger: u8, position: u32, kind: BagKind, source: BaggageSource) -> BaggageAllowance {
    let (pieces, kg) = match kind {
        BagKind::Checked => (given.checked_pieces, given.checked_kg),
        BagKind::CarryOn => (given.carry_on_pieces, given.carry_on_kg),
    };
    let pieces = (pieces > 0 || kg == 0).then_some(pieces);
    BaggageAllowance { passenger, position, kind, pieces, weight_kg: (kg > 0).then_some(kg), source }
}

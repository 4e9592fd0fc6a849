//! Baggage: what the supplier stated, and the rules where it did not.

mod stated;
mod unanswered;

pub use unanswered::{AllowanceLists, Unanswered};

use crate::circumstances;
use crate::columns;
use crate::sheet::Sheet;
use crate::told::Told;
use foldhash::fast::RandomState;
use interline_domain::offer::BagKind;
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_domain::table::Row;
use stated::Stated;
use std::collections::HashMap;
use std::ops::Range;

const KINDS: [BagKind; 2] = [BagKind::Checked, BagKind::CarryOn];

/// Whose allowances a row of the facts tells.
#[derive(Debug, Clone, Copy)]
struct Asked {
    row: u32,
    position: u32,
    kind: PassengerKind,
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

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

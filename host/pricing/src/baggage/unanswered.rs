//! Baggage that waits for the rules, and the lists that come of their answer.

use super::stated::{Stated, covers};
use super::{Asked, KINDS, Product, number};
use crate::error::{PricingError, RuleSetKind};
use crate::names::Names;
use crate::priced::{BaggageAllowance, BaggageSource};
use foldhash::fast::RandomState;
use interline_domain::offer::BagKind;
use interline_domain::passengers::Passenger;
use interline_runtime::Allowance;
use std::collections::HashMap;
use std::sync::Arc;

/// More pieces than this on one ticket are a mistake.
const MOST_PIECES: u8 = 10;
/// More kilogram than this are a mistake.
const MOST_KG: u16 = 100;
/// Of a row of the facts that the rules say nothing of.
const NO_ANSWER: u32 = u32::MAX;

/// Allowances that wait for the rules.
pub struct Unanswered<'a> {
    pub(super) passengers: &'a [Passenger],
    pub(super) rows: u32,
    pub(super) statements: Vec<Stated>,
    pub(super) asked: Vec<Asked>,
    pub(super) products: Vec<Product>,
}

/// Different lists of allowances, and each product's place among them. Offers of one list fly as many segments.
pub struct AllowanceLists {
    /// Each ordered by segment, passenger and kind.
    pub lists: Vec<Arc<[BaggageAllowance]>>,
    /// Places in `lists`, by the product's number.
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

fn by_rule(given: &Allowance, passenger: u8, position: u32, kind: BagKind, source: BaggageSource) -> BaggageAllowance {
    let (pieces, kg) = match kind {
        BagKind::Checked => (given.checked_pieces, given.checked_kg),
        BagKind::CarryOn => (given.carry_on_pieces, given.carry_on_kg),
    };
    let pieces = (pieces > 0 || kg == 0).then_some(pieces);
    BaggageAllowance { passenger, position, kind, pieces, weight_kg: (kg > 0).then_some(kg), source }
}

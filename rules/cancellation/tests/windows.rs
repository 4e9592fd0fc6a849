//! What cancelling costs, and what holds whatever is asked.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use cancellation_rules::CancellationRules;
use interline_rules_sdk::cancellation::{Guest, Window};
use interline_rules_sdk::columns::{self, known};
use interline_rules_sdk::{Column, Constant, RuleError, Table, Values};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
struct Item {
    paid: i64,
    net: i64,
    base: i64,
    refundable: u32,
    penalty: Option<i64>,
    passengers: u32,
}

const ITEM: Item =
    Item { paid: 80_000, net: 75_000, base: 60_000, refundable: known::YES, penalty: Some(15_000), passengers: 2 };

fn facts(thousand_euro: i64, items: &[Item]) -> Table {
    let codes = |id, of: &dyn Fn(&Item) -> u32| Column { id, values: Values::Codes(items.iter().map(of).collect()) };
    let amounts =
        |id, of: &dyn Fn(&Item) -> i64| Column { id, values: Values::Amounts(items.iter().map(of).collect()) };
    Table {
        rows: items.len() as u32,
        constants: vec![Constant { id: columns::THOUSAND_EURO, value: thousand_euro }],
        columns: vec![
            amounts(columns::PAID_TOTAL, &|item| item.paid),
            amounts(columns::NET_TOTAL, &|item| item.net),
            amounts(columns::NET_BASE, &|item| item.base),
            amounts(columns::SUPPLIER_PENALTY, &|item| item.penalty.unwrap_or(0)),
            codes(columns::REFUNDABLE, &|item| item.refundable),
            codes(columns::PENALTY_KNOWN, &|item| if item.penalty.is_some() { known::YES } else { known::NO }),
            codes(columns::PASSENGERS, &|item| item.passengers),
        ],
    }
}

/// Rule, until, penalty, agency's fee.
fn windows(item: Item) -> Vec<(u32, i64, i64, i64)> {
    let windows = CancellationRules::penalties(facts(100_000, &[item])).unwrap();
    windows.into_iter().map(|one| (one.rule, one.until_minutes, one.penalty, one.agency_fee)).collect()
}

#[test]
fn the_fee_grows_as_departure_comes_near() {
    let expected = [(701, 10_080, 17_000, 2_000), (702, 1_440, 19_000, 4_000), (703, 0, 22_000, 7_000)];
    assert_eq!(windows(ITEM), expected);
}

#[test]
fn where_the_penalty_is_not_told_the_fare_is_kept_and_the_taxes_come_back() {
    let expected = [(711, 10_080, 62_000, 2_000), (712, 1_440, 64_000, 4_000), (713, 0, 67_000, 7_000)];
    assert_eq!(windows(Item { penalty: None, ..ITEM }), expected);
}

#[test]
fn nothing_comes_back_where_the_supplier_refuses_or_did_not_say() {
    assert_eq!(windows(Item { refundable: known::NO, ..ITEM }), [(721, 0, 80_000, 0)]);
    assert_eq!(windows(Item { refundable: 0, ..ITEM }), [(722, 0, 80_000, 0)]);
}

#[test]
fn more_than_was_paid_is_never_kept() {
    let windows = CancellationRules::penalties(facts(100_000, &[Item { penalty: Some(79_000), ..ITEM }])).unwrap();
    assert!(windows.iter().all(|one| one.penalty == 80_000 && one.agency_fee == 1_000 && !one.refundable));
}

#[test]
fn without_what_was_paid_there_is_no_answer() {
    let mut table = facts(100_000, &[ITEM]);
    table.columns.remove(0);
    assert_eq!(CancellationRules::penalties(table), Err(RuleError::MissingColumn(columns::PAID_TOTAL)));
}

#[test]
fn every_rule_has_its_own_number_and_explains_itself() {
    let rules = CancellationRules::describe().rules;
    assert!(rules.is_sorted_by(|one, next| one.id < next.id));
    assert!(rules.iter().all(|rule| rule.explanation.len() > 20));
}

fn any_item() -> impl Strategy<Value = Item> {
    (0_i64..100_000_000, 0_i64..100_000_000, 0_i64..100_000_000, 0_u32..4, any::<Option<u32>>(), 0_u32..10).prop_map(
        |(paid, net, base, refundable, penalty, passengers)| Item {
            paid,
            net,
            base,
            refundable,
            penalty: penalty.map(i64::from),
            passengers,
        },
    )
}

proptest! {
    #[test]
    fn the_windows_cover_all_time_until_departure(rate in 1_i64..2_000_000_000, items in prop::collection::vec(any_item(), 1..10)) {
        let windows = CancellationRules::penalties(facts(rate, &items)).unwrap();
        prop_assert!(windows.is_sorted_by_key(|one| one.row));
        for (row, item) in items.iter().enumerate() {
            let mine: Vec<_> = windows.iter().filter(|one| one.row == row as u32).collect();
            prop_assert_eq!(mine[0].from_minutes, i64::MAX);
            prop_assert_eq!(mine[mine.len() - 1].until_minutes, 0);
            prop_assert!(mine.windows(2).all(|pair| pair[0].until_minutes == pair[1].from_minutes));
            prop_assert!(mine.iter().all(|one| one.from_minutes > one.until_minutes));
            prop_assert!(mine.iter().all(|one| 0 <= one.agency_fee && one.agency_fee <= one.penalty && one.penalty <= item.paid));
            prop_assert!(mine.is_sorted_by_key(|one| one.penalty), "it never gets cheaper");
        }
    }

    #[test]
    fn calls_in_any_order_give_the_same_answers(items in prop::collection::vec(any_item(), 1..10)) {
        let together = CancellationRules::penalties(facts(100_000, &items)).unwrap();
        for (row, item) in items.iter().enumerate().rev() {
            let alone = CancellationRules::penalties(facts(100_000, &[*item])).unwrap();
            let mine: Vec<_> = together.iter().filter(|one| one.row == row as u32).map(|one| Window { row: 0, ..*one }).collect();
            prop_assert_eq!(alone, mine);
        }
    }

    #[test]
    fn amounts_beyond_all_measure_are_an_error_and_no_panic(paid: i64, net: i64, base: i64, penalty: Option<i64>, passengers: u32, rate: i64) {
        let item = Item { paid, net, base, penalty, passengers, refundable: known::YES };
        let _ = CancellationRules::penalties(facts(rate, &[item]));
    }
}

//! What the terms give, and what holds whatever is asked.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use baggage_rules::BaggageRules;
use interline_rules_sdk::baggage::{Allowance, Guest};
use interline_rules_sdk::code::pack;
use interline_rules_sdk::columns::{self, brand, cabin, passenger, region, route};
use interline_rules_sdk::{Column, RuleError, Table, Values};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
struct Segment {
    marketing: &'static str,
    operating: &'static str,
    cabin: u32,
    brand: u32,
    route: u32,
    regions: [u32; 2],
    passenger: u32,
}

const SEGMENT: Segment = Segment {
    marketing: "LH",
    operating: "",
    cabin: cabin::ECONOMY,
    brand: brand::STANDARD,
    route: route::INTERCONTINENTAL,
    regions: [region::EUROPE, region::ASIA],
    passenger: passenger::ADULT,
};

fn facts(segments: &[Segment]) -> Table {
    let codes =
        |id, of: &dyn Fn(&Segment) -> u32| Column { id, values: Values::Codes(segments.iter().map(of).collect()) };
    Table {
        rows: segments.len() as u32,
        constants: vec![],
        columns: vec![
            codes(columns::MARKETING_CARRIER, &|segment| pack(segment.marketing)),
            codes(columns::OPERATING_CARRIER, &|segment| pack(segment.operating)),
            codes(columns::CABIN, &|segment| segment.cabin),
            codes(columns::BRAND, &|segment| segment.brand),
            codes(columns::ROUTE, &|segment| segment.route),
            codes(columns::ORIGIN_REGION, &|segment| segment.regions[0]),
            codes(columns::DESTINATION_REGION, &|segment| segment.regions[1]),
            codes(columns::PASSENGER, &|segment| segment.passenger),
        ],
    }
}

/// Rule, checked pieces and weight, pieces and weight in the cabin.
fn allowed(segment: Segment) -> Option<(u32, u8, u16, u8, u16)> {
    let allowances = BaggageRules::allow(facts(&[segment])).unwrap();
    allowances.first().map(|one| (one.rule, one.checked_pieces, one.checked_kg, one.carry_on_pieces, one.carry_on_kg))
}

#[test]
fn each_cabin_has_its_allowance() {
    let of = |cabin| allowed(Segment { cabin, ..SEGMENT });
    assert_eq!(of(cabin::ECONOMY), Some((614, 1, 23, 1, 7)));
    assert_eq!(of(cabin::PREMIUM_ECONOMY), Some((608, 2, 23, 1, 8)));
    assert_eq!(of(cabin::BUSINESS), Some((607, 2, 32, 2, 8)));
    assert_eq!(of(cabin::FIRST), Some((606, 3, 32, 2, 8)));
}

#[test]
fn a_light_fare_has_nothing_in_the_hold() {
    assert_eq!(allowed(Segment { brand: brand::LIGHT, ..SEGMENT }), Some((605, 0, 0, 1, 8)));
}

#[test]
fn the_carrier_that_flies_decides() {
    let codeshare = Segment { operating: "FR", ..SEGMENT };
    assert_eq!(allowed(codeshare), Some((604, 0, 0, 1, 7)));
}

#[test]
fn gulf_carriers_go_by_weight_but_for_the_americas() {
    let gulf = Segment { marketing: "EK", ..SEGMENT };
    assert_eq!(allowed(gulf), Some((612, 0, 25, 1, 7)));
    let across = Segment { regions: [region::NORTH_AMERICA, region::MIDDLE_EAST], ..gulf };
    assert_eq!(allowed(across), Some((611, 2, 23, 1, 7)));
}

#[test]
fn an_infant_has_little_or_nothing() {
    let infant = Segment { passenger: passenger::INFANT, ..SEGMENT };
    assert_eq!(allowed(infant), Some((602, 1, 10, 0, 0)));
    assert_eq!(allowed(Segment { brand: brand::LIGHT, ..infant }), Some((603, 0, 0, 0, 0)));
    assert_eq!(allowed(Segment { operating: "U2", ..infant }), Some((601, 0, 0, 0, 0)));
}

#[test]
fn nothing_is_promised_where_the_cabin_is_not_known() {
    assert_eq!(allowed(Segment { cabin: 0, ..SEGMENT }), None);
}

#[test]
fn a_column_of_another_kind_is_named() {
    let mut table = facts(&[SEGMENT]);
    table.columns[2].values = Values::Amounts(vec![1]);
    assert_eq!(BaggageRules::allow(table), Err(RuleError::MissingColumn(columns::CABIN)));
}

#[test]
fn every_rule_is_described_and_can_be_reached() {
    let carriers = ["LH", "EK", "GA", "FR"];
    let mut reached = std::collections::BTreeSet::new();
    for marketing in carriers {
        for (cabin, brand) in (1..5).flat_map(|cabin| (0..4).map(move |brand| (cabin, brand))) {
            for (route, region, passenger) in
                (0..4).flat_map(|route| (0..9).flat_map(move |region| (1..4).map(move |kind| (route, region, kind))))
            {
                let segment = Segment { marketing, cabin, brand, route, regions: [region, 1], passenger, ..SEGMENT };
                reached.extend(allowed(segment).map(|allowance| allowance.0));
            }
        }
    }
    let described: std::collections::BTreeSet<_> = BaggageRules::describe().rules.iter().map(|rule| rule.id).collect();
    assert_eq!(reached, described);
}

fn any_segment() -> impl Strategy<Value = Segment> {
    let carrier = || prop::sample::select(vec!["GA", "EK", "FR", "LH", ""]);
    (carrier(), carrier(), 0_u32..6, 0_u32..5, 0_u32..5, [0_u32..10, 0_u32..10], 0_u32..5).prop_map(
        |(marketing, operating, cabin, brand, route, regions, passenger)| Segment {
            marketing,
            operating,
            cabin,
            brand,
            route,
            regions,
            passenger,
        },
    )
}

proptest! {
    #[test]
    fn a_segment_is_answered_alone_as_among_others(segments in prop::collection::vec(any_segment(), 1..20)) {
        let together = BaggageRules::allow(facts(&segments)).unwrap();
        prop_assert!(together.is_sorted_by(|one, next| one.row < next.row));
        let mut one_by_one = Vec::new();
        for (row, segment) in segments.iter().enumerate().rev() {
            let alone = BaggageRules::allow(facts(&[*segment])).unwrap();
            one_by_one.extend(alone.into_iter().map(|one| Allowance { row: row as u32, ..one }));
        }
        one_by_one.reverse();
        prop_assert_eq!(together, one_by_one);
    }
}

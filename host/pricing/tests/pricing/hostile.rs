//! Rule sets that mean harm, or were written in haste.

use crate::offers::{context, now, offer, pricing, reply, trip};
use async_trait::async_trait;
use interline_domain::fault::{Disposition, Fault, Origin};
use interline_domain::offer::{BagKind, Conditions};
use interline_native_rules::Loaded;
use interline_pricing::{
    LineKind, PenaltyInput, PricedOffers, PricingError, PricingInput, RuleSetKind, SupplierTerms, Unpriced,
};
use interline_runtime::{
    Allowance, BaggageRules, CancellationRules, FactTable, FareLine, FareRules, PenaltyRow, PluginVersion, PricedLines,
    RuleInfo, RuleSetInfo,
};
use proptest::prelude::*;
use std::sync::Arc;

/// Answers the same whatever it is asked.
struct Stubborn<A> {
    version: PluginVersion,
    info: RuleSetInfo,
    answer: Result<A, Fault>,
}

impl<A> Stubborn<A> {
    fn new(answer: Result<A, Fault>) -> Arc<Self> {
        let rule = RuleInfo { id: 1, name: "the one rule".to_owned(), explanation: String::new() };
        Arc::new(Self {
            version: PluginVersion { name: "stubborn".to_owned(), version: "1.0.0".to_owned(), hash: "f".repeat(64) },
            info: RuleSetInfo { name: "stubborn".to_owned(), version: "1.0.0".to_owned(), rules: vec![rule] },
            answer,
        })
    }
}

macro_rules! stubborn {
    ($trait:ident, $function:ident, $answer:ty) => {
        #[async_trait]
        impl $trait for Stubborn<$answer> {
            fn version(&self) -> &PluginVersion {
                &self.version
            }

            fn describe(&self) -> &RuleSetInfo {
                &self.info
            }

            async fn $function(&self, _: &FactTable) -> Result<$answer, Fault> {
                self.answer.clone()
            }
        }
    };
}

stubborn!(FareRules, price, PricedLines);
stubborn!(BaggageRules, allow, Vec<Allowance>);
stubborn!(CancellationRules, penalties, Vec<PenaltyRow>);

fn trap() -> Fault {
    Fault {
        disposition: Disposition::Rejected,
        origin: Origin::Host,
        code: Some("trap".to_owned()),
        message: "unreachable".to_owned(),
        field: None,
    }
}

async fn price(rules: Loaded) -> Result<PricedOffers, PricingError> {
    let pricing = pricing(rules);
    let trip = trip();
    let table = reply(vec![offer("a", "USD", 60_000, 100), offer("b", "USD", 70_000, 100)]).into();
    let input = PricingInput { trip: &trip, replies: vec![("one", &table)] };
    pricing.price(&input, &context(&pricing, "USD"), now()).await
}

async fn fares(lines: Vec<FareLine>, changes_at: Option<i64>) -> Result<PricedOffers, PricingError> {
    price(Loaded { fares: Some(Stubborn::new(Ok(PricedLines { lines, changes_at }))), ..Loaded::native() }).await
}

fn line(row: u32, rule: u32, kind: LineKind, amount: i64) -> FareLine {
    FareLine { row, rule, kind, amount }
}

#[tokio::test]
async fn an_answer_that_is_out_of_order_or_range_is_used_for_nothing() {
    let answers = [
        vec![line(1, 1, LineKind::Markup, 1), line(0, 1, LineKind::Markup, 1)],
        vec![line(2, 1, LineKind::Markup, 1)],
        vec![line(0, 2, LineKind::Markup, 1)],
        vec![line(0, 1, LineKind::Markup, 1); 100],
    ];
    for lines in answers {
        let error = fares(lines, None).await.unwrap_err();
        assert!(matches!(error, PricingError::BadAnswer { kind: RuleSetKind::Fares, .. }), "{error}");
    }
}

#[tokio::test]
async fn a_price_that_nobody_would_mean_is_no_price() {
    let insane = [
        line(0, 1, LineKind::Discount, -60_100),
        line(0, 1, LineKind::Discount, 5),
        line(0, 1, LineKind::Markup, -5),
        line(0, 1, LineKind::Markup, i64::MAX),
        line(0, 1, LineKind::ServiceFee, 60_100 * 20),
        line(0, 1, LineKind::Commission, 60_101),
    ];
    for line in insane {
        let priced = fares(vec![line], None).await.unwrap();
        assert!(matches!(priced.prices()[0], Err(Unpriced::RuleAmounts(_))), "{line:?}");
        assert!(priced.prices()[1].is_ok(), "the other offer keeps its price");
    }
}

#[tokio::test]
async fn a_moment_that_has_passed_is_put_off_to_the_next_minute() {
    let priced = fares(vec![], Some(i64::MIN)).await.unwrap();
    assert_eq!(priced.changes_at, "2026-11-23T16:01:00Z".parse().ok());
    assert_eq!(fares(vec![], Some(i64::MAX)).await.unwrap().changes_at, None);
}

#[tokio::test]
async fn fare_rules_that_fail_sell_nothing() {
    let rules = Loaded { fares: Some(Stubborn::<PricedLines>::new(Err(trap()))), ..Loaded::native() };
    let error = price(rules).await.unwrap_err();
    assert_eq!(error, PricingError::RuleSetFailed { kind: RuleSetKind::Fares, fault: trap() });
}

#[tokio::test]
async fn baggage_rules_that_fail_or_lie_leave_the_prices_alone_and_are_asked_again_soon() {
    let allowance =
        Allowance { row: 0, rule: 1, checked_pieces: 1, checked_kg: 23, carry_on_pieces: 1, carry_on_kg: 7 };
    let answers = [
        Err(trap()),
        Ok(vec![Allowance { row: 1000, ..allowance }]),
        Ok(vec![allowance, allowance]),
        Ok(vec![Allowance { rule: 7, ..allowance }]),
        Ok(vec![Allowance { checked_pieces: 200, ..allowance }]),
        Ok(vec![Allowance { carry_on_kg: 2_000, ..allowance }]),
    ];
    for answer in answers {
        let priced = price(Loaded { baggage: Some(Stubborn::new(answer.clone())), ..Loaded::native() }).await.unwrap();
        assert!(priced.offers().iter().all(|offer| offer.as_ref().unwrap().baggage.is_empty()), "{answer:?}");
        assert_eq!(priced.changes_at, "2026-11-23T16:01:00Z".parse().ok());
    }
}

#[tokio::test]
async fn baggage_rules_that_answer_some_rows_alone_leave_the_others_unknown() {
    // Of each of two segments the adult, the child and the infant are asked for, in this order.
    let allowance =
        Allowance { row: 0, rule: 1, checked_pieces: 1, checked_kg: 23, carry_on_pieces: 1, carry_on_kg: 7 };
    let answer =
        vec![allowance, Allowance { row: 2, checked_pieces: 2, ..allowance }, Allowance { row: 4, ..allowance }];
    let priced = price(Loaded { baggage: Some(Stubborn::new(Ok(answer))), ..Loaded::native() }).await.unwrap();
    for offer in priced.offers() {
        let checked = offer.unwrap().baggage.into_iter().filter(|one| one.kind == BagKind::Checked);
        let told: Vec<_> = checked.map(|one| (one.position, one.passenger, one.pieces)).collect();
        assert_eq!(told, [(0, 0, Some(1)), (0, 2, Some(2)), (1, 1, Some(1))]);
    }
}

#[tokio::test]
async fn a_swapped_rule_set_makes_another_version_and_tells_its_own_names() {
    let native = pricing(Loaded::native());
    let swapped =
        pricing(Loaded { cancellation: Some(Stubborn::new(Ok(Vec::<PenaltyRow>::new()))), ..Loaded::native() });
    assert_ne!(native.rules_version(), swapped.rules_version());
    let priced = fares(vec![line(0, 1, LineKind::Markup, 5)], None).await.unwrap();
    let trace = priced.offers().remove(0).unwrap().trace;
    assert_eq!((&*trace.lines[0].rule_set, &*trace.lines[0].rule), ("stubborn", "the one rule"));
    assert_eq!(trace.rule_sets[0].component.hash, "f".repeat(64));
}

async fn windows(rows: Vec<PenaltyRow>) -> Result<usize, PricingError> {
    let pricing = pricing(Loaded { cancellation: Some(Stubborn::new(Ok(rows))), ..Loaded::native() });
    let offer = offer("a", "USD", 60_000, 100);
    let conditions = Conditions::default();
    let input = PenaltyInput {
        paid: offer.total,
        net: offer.total,
        base: offer.base,
        terms: SupplierTerms::Conditions(&conditions),
        owner: "NH",
        departs_at: "2027-02-10T16:15:00Z".parse().unwrap(),
        passengers: 1,
        rate: None,
    };
    pricing.penalties(&input, &context(&pricing, "USD"), now()).await.map(|windows| windows.len())
}

#[tokio::test]
async fn windows_with_gaps_overlaps_or_penalties_beyond_what_was_paid_are_refused() {
    let window = |from_minutes, until_minutes, penalty| PenaltyRow {
        row: 0,
        rule: 1,
        from_minutes,
        until_minutes,
        refundable: true,
        penalty,
        agency_fee: 0,
    };
    assert_eq!(windows(vec![window(i64::MAX, 60, 5), window(60, 0, 5)]).await, Ok(2));
    let wrong = [
        vec![],
        vec![window(i64::MAX, 60, 5)],
        vec![window(100, 0, 5)],
        vec![window(i64::MAX, 60, 5), window(50, 0, 5)],
        vec![window(i64::MAX, 60, 5), window(70, 0, 5)],
        vec![window(i64::MAX, 0, 60_101)],
        vec![window(i64::MAX, 0, -1)],
        vec![window(i64::MAX, i64::MAX - 1, 5), window(i64::MAX - 1, 0, 5)],
        vec![PenaltyRow { agency_fee: 6, ..window(i64::MAX, 0, 5) }],
        vec![PenaltyRow { row: 1, ..window(i64::MAX, 0, 5) }],
        vec![PenaltyRow { rule: 9, ..window(i64::MAX, 0, 5) }],
    ];
    for rows in wrong {
        let error = windows(rows.clone()).await.unwrap_err();
        assert!(matches!(error, PricingError::BadAnswer { kind: RuleSetKind::Cancellation, .. }), "{rows:?}");
    }
}

proptest! {
    #[test]
    fn no_answer_whatever_makes_pricing_panic(
        lines in prop::collection::vec((0_u32..4, 0_u32..3, 0_usize..5, any::<i64>()), 0..8), changes_at: Option<i64>,
    ) {
        let kinds = [LineKind::Markup, LineKind::ServiceFee, LineKind::Discount, LineKind::Commission, LineKind::Rounding];
        let lines = lines.into_iter().map(|(row, rule, kind, amount)| line(row, rule, kinds[kind], amount)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Ok(priced) = runtime.block_on(fares(lines, changes_at)) {
            prop_assert_eq!(priced.offers().len(), 2);
        }
    }
}

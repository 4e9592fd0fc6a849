use crate::offers::{context, currency, now, offer, pricing};
use interline_domain::money::Money;
use interline_domain::offer::Conditions;
use interline_native_rules::Loaded;
use interline_pricing::{PenaltyInput, Pricing, PricingError, RateTable, RuleSetKind, SupplierTerms};
use std::sync::Arc;

fn money(units: i64, code: &str) -> Money {
    Money::new(units, currency(code))
}

fn input<'a>(terms: SupplierTerms<'a>) -> PenaltyInput<'a> {
    PenaltyInput {
        paid: money(80_000, "EUR"),
        net: money(75_000, "EUR"),
        base: money(60_000, "EUR"),
        terms,
        owner: "NH",
        departs_at: "2027-02-10T16:15:00Z".parse().unwrap(),
        passengers: 2,
        rate: None,
    }
}

#[tokio::test]
async fn windows_are_moments_without_a_gap_until_departure() {
    let pricing = pricing(Loaded::native());
    let conditions = offer("a", "EUR", 60_000, 15_000).conditions;
    let input = input(SupplierTerms::Conditions(&conditions));
    let windows = pricing.penalties(&input, &context(&pricing, "EUR"), now()).await.unwrap();
    assert_eq!(windows[0].from, None);
    assert_eq!(windows[0].until, "2027-02-03T16:15:00Z".parse().unwrap());
    assert!(windows.windows(2).all(|pair| pair[1].from == Some(pair[0].until)));
    assert_eq!(windows[2].until, input.departs_at);
    // 60.00 for the supplier, 10, 20 and 35 euro for each of two passengers.
    let penalties: Vec<_> = windows.iter().map(|one| one.penalty.units).collect();
    assert_eq!(penalties, [8_000, 10_000, 13_000]);
    for moment in [now(), windows[0].until, windows[1].until] {
        assert_eq!(windows.iter().filter(|one| one.holds_at(moment)).count(), 1);
    }
    assert!(!windows.iter().any(|one| one.holds_at(input.departs_at)));
    assert!(windows.iter().all(|one| one.refund.checked_add(one.penalty).unwrap() == input.paid));
}

#[tokio::test]
async fn what_the_supplier_quotes_goes_by_the_rate_of_the_sale() {
    let pricing = pricing(Loaded::native());
    let context = context(&pricing, "EUR");
    let rates = [(currency("USD"), "1.25".parse().unwrap())].into();
    let table = RateTable::new("then", "2026-11-01".parse().unwrap(), "test", currency("EUR"), rates).unwrap();
    let rate = table.rate(currency("USD"), currency("EUR")).unwrap();
    let input = PenaltyInput {
        net: money(93_750, "USD"),
        base: money(75_000, "USD"),
        rate: Some(&rate),
        ..input(SupplierTerms::Quoted { refund: money(50_000, "USD") })
    };
    let windows = pricing.penalties(&input, &context, now()).await.unwrap();
    // 750.00 euro net, of which 400.00 come back; 20 euro are the agency's.
    assert_eq!(windows[0].penalty.units, 35_000 + 2_000);
    assert_eq!(windows[0].refund.units, 43_000);
}

#[tokio::test]
async fn what_was_not_told_is_not_promised() {
    let pricing = pricing(Loaded::native());
    let conditions = Conditions::default();
    let input = input(SupplierTerms::Conditions(&conditions));
    let windows = pricing.penalties(&input, &context(&pricing, "EUR"), now()).await.unwrap();
    assert_eq!(windows.len(), 1);
    assert!(!windows[0].refundable && windows[0].refund.units == 0);
    assert_eq!(&*windows[0].rule, "refund not told");
}

#[tokio::test]
async fn without_cancellation_rules_there_is_a_typed_refusal() {
    let pricing = pricing(Loaded { cancellation: None, ..Loaded::native() });
    let conditions = Conditions::default();
    let input = input(SupplierTerms::Conditions(&conditions));
    let error = pricing.penalties(&input, &context(&pricing, "EUR"), now()).await.unwrap_err();
    assert_eq!(error, PricingError::NoRuleSet(RuleSetKind::Cancellation));
}

#[tokio::test]
async fn a_booking_outlives_the_rate_table_of_its_sale() {
    let before = pricing(Loaded::native());
    let context = context(&before, "EUR");
    let rates = [(currency("USD"), "2".parse().unwrap())].into();
    let table = RateTable::new("later", "2026-12-24".parse().unwrap(), "test", currency("EUR"), rates).unwrap();
    let restarted = Pricing::new(Arc::new(Loaded::native()), table);
    let conditions = offer("a", "EUR", 60_000, 15_000).conditions;
    let input = input(SupplierTerms::Conditions(&conditions));
    let then = before.penalties(&input, &context, now()).await.unwrap();
    assert_eq!(restarted.penalties(&input, &context, now()).await, Ok(then));
}

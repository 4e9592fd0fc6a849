use crate::offers::{context, currency, now, offer, pricing, reply, trip};
use interline_domain::money::Money;
use interline_domain::offer::SupplierReply;
use interline_domain::table::OfferTable;
use interline_native_rules::Loaded;
use interline_pricing::{
    LineKind, PricedOffer, PricedOffers, Pricing, PricingError, PricingInput, RateTable, RuleSetKind, Unpriced,
};

async fn price(pricing: &Pricing, display: &str, replies: &[&SupplierReply]) -> Result<PricedOffers, PricingError> {
    let trip = trip();
    let tables: Vec<OfferTable> = replies.iter().map(|&reply| reply.clone().into()).collect();
    let replies = tables.iter().map(|table| ("one", table)).collect();
    pricing.price(&PricingInput { trip: &trip, replies }, &context(pricing, display), now()).await
}

#[tokio::test]
async fn a_price_is_the_net_exchanged_and_the_rules_lines() {
    let pricing = pricing(Loaded::native());
    let priced = price(&pricing, "IDR", &[&reply(vec![offer("a", "USD", 60_000, 12_345)])]).await.unwrap();
    let offer = &priced.offers().remove(0).unwrap();
    // 723.45 dollars are 723.45 × 18150 ÷ 1.095 rupiah.
    assert_eq!(offer.converted, Money::new(1_199_143_151, currency("IDR")));
    let added: i64 =
        offer.trace.lines.iter().filter(|line| line.kind != LineKind::Commission).map(|l| l.amount.units).sum();
    assert_eq!(offer.total.units, offer.converted.units + added);
    assert_eq!(offer.base.checked_add(offer.taxes).unwrap(), offer.total);
    assert_eq!(offer.total.units % 100_000, 0);
    let names: Vec<_> = offer.trace.lines.iter().map(|line| &*line.rule).collect();
    let expected = ["regional markup", "online service fee", "Asian network carriers' commission", "rounding"];
    assert_eq!(names, expected);
    let rate = offer.trace.rate.as_ref().unwrap();
    assert_eq!((rate.from, rate.to), (currency("USD"), currency("IDR")));
    assert_eq!(rate.exchange(offer.net).unwrap(), offer.converted);
}

#[tokio::test]
async fn what_may_be_shown_tells_nothing_of_the_net() {
    let pricing = pricing(Loaded::native());
    let priced = price(&pricing, "USD", &[&reply(vec![offer("a", "USD", 60_000, 12_345)])]).await.unwrap();
    let offer = &priced.offers().remove(0).unwrap();
    assert_eq!(offer.taxes.units, 12_345);
    assert!(offer.base.units > 60_000, "the fare shown has the markup in it");
    assert_eq!(offer.trace.rate, None);
}

#[tokio::test]
async fn an_offer_without_a_rate_loses_its_price_and_no_other_does() {
    let pricing = pricing(Loaded::native());
    let one = reply(vec![offer("a", "USD", 60_000, 100), offer("b", "XOF", 60_000, 100)]);
    let other = reply(vec![offer("c", "IDR", 60_000_000, 100)]);
    let priced = price(&pricing, "IDR", &[&one, &other]).await.unwrap();
    let offers = priced.offers();
    let [a, b, c] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!(a.as_ref().unwrap().net.units, 60_100);
    assert_eq!(*b, Err(Unpriced::NoRate { from: currency("XOF"), to: currency("IDR") }));
    assert_eq!(c.as_ref().unwrap().net.units, 60_000_100);
}

#[tokio::test]
async fn offers_that_make_no_price_are_marked_one_by_one() {
    let pricing = pricing(Loaded::native());
    let mut mixed = offer("mixed", "USD", 60_000, 100);
    mixed.taxes = Money::new(100, currency("EUR"));
    let offers = vec![
        offer("free", "USD", 0, 0),
        mixed,
        offer("huge", "USD", i64::MAX - 1, 1),
        offer("fine", "USD", 60_000, 100),
    ];
    let priced = price(&pricing, "USD", &[&reply(offers)]).await.unwrap();
    let fine: Vec<_> = priced.prices().iter().map(Result::is_ok).collect();
    assert_eq!(fine, [false, false, false, true]);
    let priced = price(&pricing, "XOF", &[&reply(vec![offer("a", "USD", 60_000, 100)])]).await.unwrap();
    assert!(matches!(priced.prices()[0], Err(Unpriced::NoRate { .. })), "no rate to the currency shown");
}

#[tokio::test]
async fn without_fare_rules_nothing_is_sold_at_net() {
    let pricing = pricing(Loaded { fares: None, ..Loaded::native() });
    let error = price(&pricing, "USD", &[&reply(vec![offer("a", "USD", 60_000, 100)])]).await.unwrap_err();
    assert_eq!(error, PricingError::NoRuleSet(RuleSetKind::Fares));
}

#[tokio::test]
async fn the_answer_says_when_it_may_change() {
    let pricing = pricing(Loaded::native());
    let near = reply(vec![offer("a", "USD", 60_000, 100)]);
    let mut far = near.clone();
    far.segments[0].destination = "AMS".into();
    far.segments[1].origin = "AMS".into();
    let new_year = "2027-01-01T00:00:00Z".parse().ok();
    // The next of the rules' moments: the new year sale begins. It is for long-haul flights, and changes no other price.
    assert_eq!(price(&pricing, "USD", &[&far]).await.unwrap().changes_at, new_year);
    assert!(price(&pricing, "USD", &[&near]).await.unwrap().changes_at > new_year);
}

#[tokio::test]
async fn seconds_make_no_difference() {
    let pricing = pricing(Loaded::native());
    let table = reply(vec![offer("a", "USD", 60_000, 100)]).into();
    let trip = trip();
    let input = PricingInput { trip: &trip, replies: vec![("one", &table)] };
    let context = context(&pricing, "USD");
    let at = |time: &str| time.parse().unwrap();
    let early = pricing.price(&input, &context, at("2026-11-23T16:00:00Z")).await.unwrap();
    let late = pricing.price(&input, &context, at("2026-11-23T16:00:59.999Z")).await.unwrap();
    assert_eq!(early.offers(), late.offers());
}

#[tokio::test]
async fn new_rates_leave_contexts_with_the_former_ones_good() {
    let pricing = pricing(Loaded::native());
    let table = reply(vec![offer("a", "USD", 60_000, 100)]).into();
    let trip = trip();
    let input = PricingInput { trip: &trip, replies: vec![("one", &table)] };
    let context = context(&pricing, "EUR");
    let before = pricing.price(&input, &context, now()).await.unwrap();
    for version in 2..5 {
        let rates = [(currency("USD"), "2".parse().unwrap())].into();
        let date = "2026-11-24".parse().unwrap();
        let table = RateTable::new(&version.to_string(), date, "test", currency("EUR"), rates).unwrap();
        pricing.replace_rates(table);
    }
    assert_eq!(pricing.price(&input, &context, now()).await.unwrap().offers(), before.offers());
    let table = RateTable::new("5", "2026-11-25".parse().unwrap(), "test", currency("EUR"), Default::default());
    pricing.replace_rates(table.unwrap());
    let error = pricing.price(&input, &context, now()).await.unwrap_err();
    assert_eq!(error, PricingError::RatesGone(context.rates));
}

#[tokio::test]
async fn a_stored_price_reads_back_as_it_was() {
    let pricing = pricing(Loaded::native());
    let priced = price(&pricing, "IDR", &[&reply(vec![offer("a", "USD", 60_000, 12_345)])]).await.unwrap();
    let offer = &priced.offers().remove(0).unwrap();
    let stored = serde_json::to_string(offer).unwrap();
    assert_eq!(serde_json::from_str::<PricedOffer>(&stored).unwrap(), *offer);
}

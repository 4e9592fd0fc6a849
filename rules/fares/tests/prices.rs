//! What the terms make of offers, and what holds whatever the offers are.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use fare_rules::FareRules;
use interline_rules_sdk::code::pack;
use interline_rules_sdk::columns::{self, cabin, channel, route, segment};
use interline_rules_sdk::fares::{Guest, Line, LineKind, Priced};
use interline_rules_sdk::{Column, Constant, RuleError, Table, Values};
use proptest::prelude::*;

const DAY: i64 = 24 * 60;
/// 2026-11-23T16:00Z.
const NOW: i64 = 29_923_680;

#[derive(Debug, Clone, Copy)]
struct Offer {
    base: i64,
    taxes: i64,
    carrier: &'static str,
    route: u32,
    cabin: u32,
    departs_at: i64,
}

const OFFER: Offer = Offer {
    base: 60_000,
    taxes: 12_341,
    carrier: "LH",
    route: route::INTERCONTINENTAL,
    cabin: cabin::ECONOMY,
    departs_at: NOW + 40 * DAY,
};

#[derive(Debug, Clone, Copy)]
struct Sale {
    now: i64,
    currency: &'static str,
    exponent: i64,
    thousand_euro: i64,
    point_of_sale: &'static str,
    channel: u32,
    segment: u32,
    adults: i64,
}

const SALE: Sale = Sale {
    now: NOW,
    currency: "EUR",
    exponent: 2,
    thousand_euro: 100_000,
    point_of_sale: "DE",
    channel: channel::WEB,
    segment: segment::RETAIL,
    adults: 1,
};

fn facts(sale: &Sale, offers: &[Offer]) -> Table {
    let constant = |id, value| Constant { id, value };
    let codes =
        |id, code: &dyn Fn(&Offer) -> u32| Column { id, values: Values::Codes(offers.iter().map(code).collect()) };
    let amounts =
        |id, of: &dyn Fn(&Offer) -> i64| Column { id, values: Values::Amounts(offers.iter().map(of).collect()) };
    Table {
        rows: offers.len() as u32,
        constants: vec![
            constant(columns::NOW, sale.now),
            constant(columns::DISPLAY_CURRENCY, i64::from(pack(sale.currency))),
            constant(columns::DISPLAY_EXPONENT, sale.exponent),
            constant(columns::THOUSAND_EURO, sale.thousand_euro),
            constant(columns::POINT_OF_SALE, i64::from(pack(sale.point_of_sale))),
            constant(columns::CHANNEL, i64::from(sale.channel)),
            constant(columns::CUSTOMER_SEGMENT, i64::from(sale.segment)),
            constant(columns::ADULTS, sale.adults),
        ],
        columns: vec![
            amounts(columns::NET_TOTAL, &|offer| offer.base.saturating_add(offer.taxes)),
            amounts(columns::NET_BASE, &|offer| offer.base),
            amounts(columns::NET_TAXES, &|offer| offer.taxes),
            amounts(columns::DEPARTS_AT, &|offer| offer.departs_at),
            codes(columns::VALIDATING_CARRIER, &|offer| pack(offer.carrier)),
            codes(columns::ROUTE, &|offer| offer.route),
            codes(columns::CABIN, &|offer| offer.cabin),
        ],
    }
}

fn lines(sale: &Sale, offer: Offer) -> Vec<(u32, LineKind, i64)> {
    let priced = FareRules::price(facts(sale, &[offer])).unwrap();
    priced.lines().map(|line| (line.rule, line.kind, line.amount)).collect()
}

fn added(priced: &Priced) -> i64 {
    priced.lines().filter(|line| line.kind != LineKind::Commission).map(|line| line.amount).sum()
}

#[test]
fn a_long_haul_price_is_markup_fee_and_rounding() {
    // 4.5 % of 600.00 is 27.00; 4.00 of service fee; 754.41 goes up to 754.50.
    let expected = [(108, LineKind::Markup, 2_700), (204, LineKind::ServiceFee, 400), (501, LineKind::Rounding, 9)];
    assert_eq!(lines(&SALE, OFFER), expected);
}

#[test]
fn fixed_amounts_follow_the_rate_of_the_euro() {
    let sale = Sale { currency: "IDR", thousand_euro: 1_815_000_000, ..SALE };
    let offer = Offer { base: 1_000_000_000, taxes: 250_000_000, ..OFFER };
    // 4 euro are 72 600 rupiah, and prices go by the thousand.
    let lines = lines(&sale, offer);
    assert_eq!(lines[1], (204, LineKind::ServiceFee, 7_260_000));
    let total: i64 = 1_250_000_000 + lines.iter().map(|line| line.2).sum::<i64>();
    assert_eq!(total % 100_000, 0);
}

#[test]
fn a_commission_is_told_and_not_added() {
    let with = lines(&SALE, Offer { carrier: "GA", ..OFFER });
    assert!(with.contains(&(401, LineKind::Commission, 2_400)));
    let without: Vec<_> = with.into_iter().filter(|line| line.1 != LineKind::Commission).collect();
    assert_eq!(without, lines(&SALE, OFFER));
}

#[test]
fn each_channel_has_its_fee() {
    let fee = |channel| {
        let lines = lines(&Sale { channel, adults: 2, ..SALE }, OFFER);
        lines.iter().find(|line| line.1 == LineKind::ServiceFee).map(|line| (line.0, line.2))
    };
    assert_eq!(fee(channel::AGENT), Some((202, 3_000)));
    assert_eq!(fee(channel::APP), Some((203, 500)));
    assert_eq!(fee(channel::PARTNER), None);
    assert_eq!(fee(0), Some((204, 800)));
}

#[test]
fn a_promotion_begins_and_ends_at_its_minute() {
    let new_year = 29_979_360;
    let discounted = |now| {
        let offer = Offer { departs_at: now + 40 * DAY, ..OFFER };
        lines(&Sale { now, ..SALE }, offer).iter().any(|line| line.0 == 303)
    };
    let minutes = [new_year - 1, new_year, new_year + 15 * DAY - 1, new_year + 15 * DAY];
    assert_eq!(minutes.map(discounted), [false, true, true, false]);
}

#[test]
fn an_early_bird_pays_less_until_120_days_before_departure() {
    let discounted = |lead| lines(&SALE, Offer { departs_at: NOW + lead, ..OFFER }).iter().any(|line| line.0 == 302);
    assert_eq!([120 * DAY, 120 * DAY - 1].map(discounted), [true, false]);
    let priced = FareRules::price(facts(&SALE, &[Offer { departs_at: NOW + 120 * DAY + 5, ..OFFER }])).unwrap();
    assert_eq!(priced.changes_at, Some(NOW + 6));
}

#[test]
fn without_totals_or_the_euro_there_is_no_price() {
    let mut table = facts(&SALE, &[OFFER]);
    table.columns.retain(|column| column.id != columns::NET_TOTAL);
    assert_eq!(FareRules::price(table), Err(RuleError::MissingColumn(columns::NET_TOTAL)));
    let mut table = facts(&SALE, &[OFFER]);
    table.constants.retain(|constant| constant.id != columns::THOUSAND_EURO);
    assert_eq!(FareRules::price(table), Err(RuleError::MissingColumn(columns::THOUSAND_EURO)));
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let carriers = prop::sample::select(vec!["GA", "SQ", "EK", "FR", "LH", ""]);
    (0_i64..50_000_000, 0_i64..5_000_000, carriers, 0_u32..5, 0_u32..6, -DAY..400 * DAY).prop_map(
        |(base, taxes, carrier, route, cabin, lead)| Offer {
            base,
            taxes: taxes + 1,
            carrier,
            route,
            cabin,
            departs_at: NOW + lead,
        },
    )
}

fn any_sale() -> impl Strategy<Value = Sale> {
    let currency = prop::sample::select(vec![("EUR", 2), ("IDR", 2), ("JPY", 0), ("KWD", 3), ("CHF", 2)]);
    (currency, 1_i64..2_000_000_000, 0_u32..6, 0_u32..5, 1_i64..10).prop_map(
        |((currency, exponent), thousand_euro, channel, segment, adults)| Sale {
            currency,
            exponent,
            thousand_euro,
            channel,
            segment,
            adults,
            ..SALE
        },
    )
}

proptest! {
    #[test]
    fn nothing_is_sold_below_the_suppliers_price(sale in any_sale(), offer in any_offer()) {
        let priced = FareRules::price(facts(&sale, &[offer])).unwrap();
        prop_assert!(added(&priced) >= 0);
    }

    #[test]
    fn rounding_is_less_than_a_step_and_ends_on_one(sale in any_sale(), offer in any_offer()) {
        let step = match sale.currency { "IDR" => 100_000, "CHF" => 5, _ => 10 };
        let priced = FareRules::price(facts(&sale, &[offer])).unwrap();
        let rounding: Vec<_> = priced.lines().filter(|line| line.kind == LineKind::Rounding).collect();
        prop_assert!(rounding.len() <= 1 && rounding.iter().all(|line| 0 < line.amount && line.amount < step));
        prop_assert_eq!((offer.base + offer.taxes + added(&priced)) % step, 0);
    }

    #[test]
    fn an_offer_is_priced_alone_as_among_others(sale in any_sale(), offers in prop::collection::vec(any_offer(), 1..20)) {
        let together = FareRules::price(facts(&sale, &offers)).unwrap();
        prop_assert!(together.rows.is_sorted());
        for (row, offer) in offers.iter().enumerate() {
            let alone = FareRules::price(facts(&sale, &[*offer])).unwrap();
            let mine = together.lines().filter(|line| line.row == row as u32).map(|line| Line { row: 0, ..line });
            prop_assert_eq!(alone.lines().collect::<Vec<_>>(), mine.collect::<Vec<_>>());
        }
    }

    #[test]
    fn calls_in_any_order_give_the_same_answers(calls in prop::collection::vec((any_sale(), any_offer()), 1..10), turn in 0_usize..10) {
        let ask = |(sale, offer): &(Sale, Offer)| FareRules::price(facts(sale, &[*offer]));
        let first: Vec<_> = calls.iter().map(ask).collect();
        let mut turned: Vec<_> = calls.iter().enumerate().collect();
        turned.reverse();
        let by = turn % turned.len();
        turned.rotate_left(by);
        for (at, call) in turned {
            prop_assert_eq!(&ask(call), &first[at]);
        }
    }

    #[test]
    fn the_answer_stands_until_the_moment_it_names(sale in any_sale(), offer in any_offer(), now in NOW..NOW + 60 * DAY, part in 0_i64..1000) {
        let at = |now| FareRules::price(facts(&Sale { now, ..sale }, &[offer])).unwrap();
        let answer = at(now);
        let until = answer.changes_at.unwrap_or(now + 400 * DAY);
        prop_assert!(until > now);
        let later = now + (until - 1 - now) * part / 999;
        prop_assert_eq!(at(later).lines().collect::<Vec<_>>(), answer.lines().collect::<Vec<_>>());
    }

    #[test]
    fn columns_that_are_not_known_are_ignored(sale in any_sale(), offer in any_offer(), id in 5000_u16.., value: i64) {
        let mut table = facts(&sale, &[offer]);
        table.columns.insert(0, Column { id, values: Values::Amounts(vec![value]) });
        table.constants.insert(0, Constant { id, value });
        prop_assert_eq!(FareRules::price(table), FareRules::price(facts(&sale, &[offer])));
    }

    #[test]
    fn amounts_beyond_all_measure_are_an_error_and_no_panic(base: i64, taxes: i64, thousand_euro: i64, departs_at: i64, now: i64, adults: i64) {
        let sale = Sale { now, thousand_euro, adults, ..SALE };
        let _ = FareRules::price(facts(&sale, &[Offer { base, taxes, departs_at, ..OFFER }]));
    }
}

//! Replies changed in every way that suppliers manage.

use super::*;
use interline_mutations::{another, broken, change, kept, xml as changed};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::xml::{self, Element};
use proptest::prelude::*;

fn answered(reply: impl Into<Vec<u8>>) -> Result<SearchReply, Fault> {
    search::search(&Script::of([Response::new(200, reply)]), &asked())
}

/// Two good price points before the wrong one, and where the first of them stands.
fn two() -> (String, std::ops::Range<usize>) {
    let point = |point: &str| point.replace("\"p1\"", "\"p9\"");
    another(&fixture("search_points").text(), "air:AirPricePoint", point).expect("a point")
}

/// What the message itself says of an offer's price, read without the mapping.
fn priced(message: &Element, offer: &Offer) -> bool {
    let points = message.descendants("AirPricePoint");
    points.filter(|point| offer.id.starts_with(point.attr("Key").unwrap_or_default())).any(|point| {
        let total = point.attr("TotalPrice").or(point.attr("ApproximateTotalPrice"));
        total.map(decimal::prefixed_money) == Some(Ok(offer.total.clone()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn an_offer_has_the_price_of_its_message_or_is_skipped(change in change()) {
        let reply = changed(&two().0, &change);
        let message = xml::parse(&String::from_utf8_lossy(&reply));
        if let (Ok(message), Ok(found)) = (message, answered(reply)) {
            for offer in &found.offers {
                prop_assert!(priced(&message, offer), "{} {:?}", offer.id, offer.total);
            }
        }
    }

    #[test]
    fn one_price_point_never_loses_the_others(change in change()) {
        let (text, first) = two();
        let unchanged = answered(text.clone()).expect("offers");
        let odd = String::from_utf8(changed(&text[first.clone()], &change)).expect("text");
        let reply = answered(format!("{}{odd}{}", &text[..first.start], &text[first.end..])).expect("the others");
        for id in ["p9.0", "p9.1"] {
            let before = kept(&unchanged, id);
            prop_assert!(before.is_some() && kept(&reply, id) == before);
        }
    }

    #[test]
    fn what_is_cut_off_or_overwritten_does_no_harm(reply in broken(fixture("search_points").body)) {
        if let Err(fault) = answered(reply) {
            prop_assert!(matches!(fault.disposition, Disposition::RetryAfter(_)), "{fault:?}");
        }
    }

    #[test]
    fn a_reservation_whose_answer_is_odd_is_made_or_not_known(change in change()) {
        let odd = changed(&fixture("record_held").text(), &change);
        let script = Script::of([fixture("price"), Response::new(200, odd)]);
        match order::create(&script, &wanted(84_000)) {
            Ok(made) => prop_assert!(made.total.currency == "JPY" && made.total.units <= 84_000, "{:?}", made.total),
            Err(fault) => prop_assert_eq!(fault.disposition, Disposition::OutcomeUnknown),
        }
    }

    #[test]
    fn a_reservation_whose_answer_is_broken_is_not_known(odd in broken(fixture("record_held").body)) {
        let script = Script::of([fixture("price"), Response::new(200, odd)]);
        if let Err(fault) = order::create(&script, &wanted(84_000)) {
            prop_assert_eq!(fault.disposition, Disposition::OutcomeUnknown);
        }
    }
}

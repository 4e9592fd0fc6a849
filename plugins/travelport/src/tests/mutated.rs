//! Replies changed in every way that suppliers manage.

use super::*;
use interline_mutations::{broken, change, xml as changed};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::xml::{self, Element};
use proptest::prelude::*;

fn answered(reply: impl Into<Vec<u8>>) -> Result<SearchReply, Fault> {
    search::search(&Script::of([Response::new(200, reply)]), &asked())
}

/// Two good price points before the wrong one, and where the first of them stands.
fn two() -> (String, std::ops::Range<usize>) {
    let text = fixture("search_points").text().into_owned();
    let from = text.find("<air:AirPricePoint Key").expect("a point");
    let to = text.find("</air:AirPricePoint>").expect("its end") + "</air:AirPricePoint>".len();
    let other = text[from..to].replace("\"p1\"", "\"p9\"");
    (format!("{}{other}{}", &text[..to], &text[to..]), from..to)
}

/// What the message itself says of an offer's price, read without the mapping.
fn priced(message: &Element, offer: &Offer) -> bool {
    let points = message.descendants("AirPricePoint");
    points.filter(|point| offer.id.starts_with(point.attr("Key").unwrap_or_default())).any(|point| {
        let total = point.attr("TotalPrice").or(point.attr("ApproximateTotalPrice"));
        total.map(decimal::prefixed_money) == Some(Ok(offer.total.clone()))
    })
}

/// An offer with its flights in the place of their indexes.
fn whole(reply: &SearchReply, offer: &Offer) -> (Money, Vec<Segment>, Vec<PassengerFare>, usize, Conditions) {
    let flown = offer.slices.iter().flat_map(|slice| &slice.segments);
    let flights = flown.map(|at| reply.segments[at.segment as usize].clone()).collect();
    (offer.total.clone(), flights, offer.fares.clone(), offer.baggage.len(), offer.conditions.clone())
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
            let kept = |reply: &SearchReply| {
                let offer = reply.offers.iter().find(|one| one.id == id).expect("kept").clone();
                whole(reply, &offer)
            };
            prop_assert_eq!(kept(&reply), kept(&unchanged));
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

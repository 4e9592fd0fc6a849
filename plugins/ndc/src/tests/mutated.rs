//! Replies changed in every way that suppliers manage.

use super::booking::wanted;
use super::shopping::request;
use super::*;
use crate::{order, search};
use interline_mutations::{another, broken, change, kept, xml as changed};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::supplier::*;
use proptest::prelude::*;

fn found(reply: impl Into<Vec<u8>>) -> Result<SearchReply, Fault> {
    search::search(&Script::of([Response::new(200, reply)]), &request())
}

/// Two good offers between the wrong ones, and where the first of them stands.
fn two() -> (String, std::ops::Range<usize>) {
    another(&fixture("shopping").text(), "Offer", |offer| offer.replace("OF1", "OF9")).expect("an offer")
}

/// What the message itself says of an offer's price, read without the mapping.
fn priced(message: &Element, offer: &Offer) -> bool {
    let units = |price: &Element| {
        let total = price.child("TotalAmount")?;
        let same = total.attr("CurCode").is_none_or(|code| code == offer.total.currency);
        decimal::units(total.text(), offer.total.exponent).ok().filter(|_| same)
    };
    let told = |one: &Element| match one.child("TotalPrice") {
        Some(total) => units(total),
        None => one.all("OfferItem/Price").into_iter().map(units).sum(),
    };
    let of = |one: &&Element| one.descendants("OfferID").any(|id| id.text() == offer.id);
    message.descendants("Offer").filter(of).any(|one| told(one) == Some(offer.total.units))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn an_offer_has_the_price_of_its_message_or_is_skipped(change in change()) {
        let reply = changed(&two().0, &change);
        let message = xml::parse(&String::from_utf8_lossy(&reply));
        if let (Ok(message), Ok(found)) = (message, found(reply)) {
            for offer in &found.offers {
                prop_assert!(priced(&message, offer), "{} {:?}", offer.id, offer.total);
            }
        }
    }

    #[test]
    fn one_offer_never_loses_the_others(change in change()) {
        let (text, first) = two();
        let unchanged = found(text.clone()).expect("offers");
        let odd = changed(&text[first.clone()], &change);
        let odd = String::from_utf8(odd).expect("text");
        let reply = found(format!("{}{odd}{}", &text[..first.start], &text[first.end..])).expect("the others");
        let before = kept(&unchanged, "OF9");
        prop_assert!(before.is_some() && kept(&reply, "OF9") == before);
        prop_assert_eq!(reply.offers.len() + reply.skipped.len(), 4);
    }

    #[test]
    fn what_is_cut_off_or_overwritten_does_no_harm(reply in broken(fixture("shopping").body)) {
        if let Err(fault) = found(reply) {
            prop_assert!(matches!(fault.disposition, Disposition::RetryAfter(_)), "{fault:?}");
        }
    }

    #[test]
    fn an_order_whose_answer_is_odd_is_made_or_not_known(change in change()) {
        let odd = changed(&fixture("order_held").text(), &change);
        let message = xml::parse(&String::from_utf8_lossy(&odd)).expect("XML");
        let script = Script::of([fixture("priced"), Response::new(200, odd)]);
        match order::create(&script, &wanted()) {
            Ok(made) => {
                let told = message.path("Response/Order/TotalPrice/TotalAmount");
                let same = told.is_none_or(|one| decimal::units(one.text(), 2) == Ok(made.total.units));
                prop_assert!(same, "{:?}", made.total);
            }
            Err(fault) => prop_assert_eq!(fault.disposition, Disposition::OutcomeUnknown),
        }
    }

    #[test]
    fn an_order_whose_answer_is_broken_is_not_known(odd in broken(fixture("order_held").body)) {
        let script = Script::of([fixture("priced"), Response::new(200, odd)]);
        if let Err(fault) = order::create(&script, &wanted()) {
            prop_assert_eq!(fault.disposition, Disposition::OutcomeUnknown);
        }
    }
}
